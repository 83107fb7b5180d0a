import { join, resolve } from 'node:path'
import t from 'tap'
import { binaryCache, compileCache, murmurHome, projectRoot } from '../../../deploy/local/project-paths.ts'
import { ROOT } from '../../support/source-files.ts'

t.test('everything that is fetched or written lies in one folder, which MURMUR_HOME moves', async (t) => {
  t.equal(projectRoot, ROOT)
  t.equal(murmurHome({}), join(ROOT, '.murmur'))
  t.equal(murmurHome({ MURMUR_HOME: '' }), join(ROOT, '.murmur'))
  t.equal(murmurHome({ MURMUR_HOME: 'here' }), resolve('here'))
  const env = { MURMUR_HOME: '/m' }
  t.strictSame([binaryCache(env), compileCache(env)], ['/m/bin', '/m/compile-cache'])
})

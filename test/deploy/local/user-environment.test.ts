import t from 'tap'
import { projectRoot } from '../../../deploy/local/project-paths.ts'
import { namedNatsUrl, pageOpener, userFolder } from '../../../deploy/local/user-environment.ts'

t.test('the NATS that a user names, and no default', async (t) => {
  t.equal(namedNatsUrl({}), undefined)
  t.equal(namedNatsUrl({ MURMUR_NATS_URL: 'nats://h:1' }), 'nats://h:1')
  t.throws(() => namedNatsUrl({ MURMUR_NATS_URL: 'http://h' }), { code: 'CONFIG_INVALID' })
})

t.test('the folder that the user stands in, also through npm run', async (t) => {
  const before = process.cwd()
  t.teardown(() => process.chdir(before))
  process.chdir(projectRoot)
  t.equal(userFolder({}), projectRoot)
  t.equal(userFolder({ INIT_CWD: '/elsewhere' }), '/elsewhere')
  const folder = t.testdir({})
  process.chdir(folder)
  t.equal(
    userFolder({ INIT_CWD: '/elsewhere' }),
    process.cwd(),
    'who starts it himself stands where he stands',
  )
})

t.test('a page is opened where there is a desktop', { skip: process.platform !== 'linux' }, async (t) => {
  t.equal(pageOpener({}), undefined)
  t.equal(pageOpener({ DISPLAY: ':0' }), 'xdg-open')
  t.equal(pageOpener({ WAYLAND_DISPLAY: 'wayland-0' }), 'xdg-open')
})

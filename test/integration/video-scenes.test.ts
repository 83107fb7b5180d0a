import t from 'tap'
import { startVideoProduct } from '../../loadtest/video/video-product.ts'
import { checkScene } from '../support/scene-check.ts'
import { withServers } from '../support/servers.ts'

// The demo, with an event of every kind; `video-scenes.long.test.ts` has all scenes.

const servers = await withServers(t)
const product = await startVideoProduct(servers, {
  env: { MURMUR_MODEL: 'starter', MURMUR_LOG_LEVEL: 'error' },
})
t.teardown(() => product.stop())

t.test('yard', (t) => checkScene(t, product, { scenario: 'yard', seed: 1 }))

import t from 'tap'
import { defaultCameras, loadVideoConfig } from '../../../../services/agents/video/capture/video-config.ts'

const GIB = 1024 ** 3

t.test('how many cameras a machine takes follows its cores, and its memory where that is short', (t) => {
  t.ok(defaultCameras(4, 64 * GIB) > defaultCameras(2, 64 * GIB))
  t.ok(defaultCameras(8, 2 * GIB) < defaultCameras(8, 64 * GIB))
  t.ok(defaultCameras(1, GIB / 4) >= 1)
  t.end()
})

t.test('the setting goes before, and has bounds', (t) => {
  t.equal(loadVideoConfig({ MURMUR_CAPTURE_CAMERAS: '3' }).cameras, 3)
  t.equal(loadVideoConfig({}).cameras, defaultCameras())
  t.throws(() => loadVideoConfig({ MURMUR_CAPTURE_CAMERAS: '0' }), { code: 'CONFIG_INVALID' })
  t.end()
})

import fc from 'fast-check'
import t from 'tap'
import { cameraKey, cameraOfKey } from '../../../services/workflow/submission-keys/camera-key.ts'

t.test('a key stands for its camera, whatever that is called', async () => {
  fc.assert(fc.property(fc.string(), (camera) => cameraOfKey(cameraKey(camera)) === camera))
})

t.test('keys of two cameras are never the same', async () => {
  fc.assert(fc.property(fc.string(), fc.string(), (a, b) => a === b || cameraKey(a) !== cameraKey(b)))
})

t.test('a key of a client stands for no camera', async (t) => {
  for (const key of [
    '',
    'yard',
    'camera/yard',
    'murmur.camera',
    ` ${cameraKey('yard')}`,
    'MURMUR.CAMERA/yard',
  ])
    t.equal(cameraOfKey(key), undefined, key)
})

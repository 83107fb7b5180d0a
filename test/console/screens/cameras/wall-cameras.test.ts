import t from 'tap'
import { wallCameras } from '../../../../services/console/screens/cameras/wall-cameras.ts'

t.test('one place for each camera: of two monitors the newer, and none without a name', async (t) => {
  const names: Record<string, string> = { m1: 'yard', m2: 'gate', m3: 'yard' }
  const running = ['m1', 'm2', 'm3', 'm4'].map((id, at) => ({ id, createdAtMs: at }))
  t.strictSame(
    wallCameras(running, (monitor) => names[monitor]),
    [
      { camera: 'yard', monitor: 'm3', createdAtMs: 2 },
      { camera: 'gate', monitor: 'm2', createdAtMs: 1 },
    ],
  )
})

import t from 'tap'
import { createManualClock } from '#platform/clock/manual-clock.ts'
import { type CameraState, cameraStateSchema } from '#schemas/camera.ts'
import { createCameraReporter } from '../../../../../services/agents/video/capture/publish/camera-state.ts'

t.test('published on every change and when a second is over', async (t) => {
  const { clock, reporter, states } = setUp()
  reporter.set('connecting')
  t.equal(states.length, 0, 'nothing has changed')
  reporter.set('live')
  reporter.set('live')
  t.equal(states.length, 1)
  await clock.advance(999)
  reporter.tick()
  t.equal(states.length, 1)
  await clock.advance(1)
  reporter.tick()
  t.equal(states.length, 2)
  reporter.set('ended')
  reporter.set('ended')
  t.equal(states.length, 4, 'an end is repeated: the first may have been lost')
})

t.test('frames a second are those of the time since the last state', async (t) => {
  const { clock, reporter, states } = setUp()
  reporter.set('live')
  reporter.counts.decoded += 25
  await clock.advance(2000)
  reporter.tick()
  t.equal(reporter.fps, 12.5)
  t.match(states.at(-1), { status: 'live', fps: 12.5, frames: { decoded: 25, droppedAtCapture: 0 } })
  reporter.set('offline', 'x'.repeat(2000))
  t.match(states.at(-1), { fps: 0, reason: 'x'.repeat(1000), camera: 'yard', monitor: 'm', epoch: 7 })
})

function setUp() {
  const clock = createManualClock()
  const states: CameraState[] = []
  const bus = {
    publishCore(subject: string, message: string | Uint8Array) {
      t.equal(subject, 'cameras.state.default.yard')
      states.push(cameraStateSchema.parse(JSON.parse(message.toString())))
    },
  }
  return {
    clock,
    states,
    reporter: createCameraReporter(bus, clock, { tenant: 'default', camera: 'yard', monitor: 'm', epoch: 7 }),
  }
}

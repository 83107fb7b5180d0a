import t from 'tap'
import {
  progressFraction,
  progressNote,
  totalMs,
} from '../../../../services/agents/video/capture/progress.ts'

t.test('progress notes', async (t) => {
  const seen = { persons: 1, vehicles: 2 }
  t.equal(
    progressNote({ status: 'live', reason: undefined, fps: 9.96 }, seen),
    'live · 10.0 fps · 1 person · 2 vehicles',
  )
  t.equal(progressNote({ status: 'offline', reason: 'refused', fps: 0 }, seen), 'offline · refused')
  t.equal(progressFraction(500, 1000), 0.5)
  t.equal(progressFraction(500, undefined), 0)
})

t.test('how long a source is read', async (t) => {
  t.equal(totalMs({ durationMs: undefined, loop: false }, undefined), undefined, 'a camera')
  t.equal(totalMs({ durationMs: undefined, loop: false }, 2.5), 2500)
  t.equal(totalMs({ durationMs: 1000, loop: false }, 2.5), 1000)
  t.equal(totalMs({ durationMs: 4000, loop: true }, 2.5), 4000)
  t.equal(totalMs({ durationMs: undefined, loop: true }, 2.5), undefined, 'for ever')
  t.equal(progressFraction(5000, 2500), 1)
})

import fc from 'fast-check'
import t from 'tap'
import { AgeLine, resumedLine } from '../../../../../services/agents/video/recordings/store/age-line.ts'

const DAY_MS = 86_400_000

t.test('the line goes on as time does, not as the clock of the wall', async (t) => {
  let monotonicMs = 500
  const line = new AgeLine(1_790_000_000_000, () => monotonicMs)
  t.equal(line.nowMs(), 1_790_000_000_000)
  monotonicMs += 1234
  t.equal(line.nowMs(), 1_790_000_001_234)
})

t.test('over a restart: as far as the clock has gone on, a day at most, never back', async (t) => {
  const last = { lineMs: 1000, wallMs: 50_000 }
  t.equal(resumedLine(undefined, 77), 77)
  t.equal(resumedLine(last, 50_250), 1250)
  t.equal(resumedLine(last, 40_000), 1000)
  t.equal(resumedLine(last, 50_000 + 400 * DAY_MS), 1000 + DAY_MS)
  fc.assert(fc.property(fc.integer(), (wallMs) => resumedLine(last, wallMs) >= last.lineMs))
})

import t from 'tap'
import {
  checkLeftBehind,
  findLeftBehind,
  HOPELESS_AFTER_MS,
  STUCK_AFTER_MS,
} from '../../services/sdk/left-behind.ts'
import type { RunningStep } from '../../services/sdk/running-steps.ts'

const NOW_MS = 1_000_000
const step = (about: Partial<RunningStep>): RunningStep =>
  ({
    begun: true,
    settled: false,
    abortedAtMs: undefined,
    step: { stepId: 's', taskId: 't1' },
    ...about,
  }) as RunningStep

t.test('a handler is stuck ten seconds after its signal, and not before', async (t) => {
  const steps = [
    step({}),
    step({ abortedAtMs: NOW_MS - STUCK_AFTER_MS + 1 }),
    step({ abortedAtMs: NOW_MS - STUCK_AFTER_MS, settled: true }),
    step({ abortedAtMs: NOW_MS - STUCK_AFTER_MS, begun: false }),
  ]
  const found = findLeftBehind(steps, 1, NOW_MS)
  t.strictSame(found, { lingering: 1, stuck: [steps[2]], hopeless: false })
  t.match(checkLeftBehind(found), {
    ok: false,
    detail: /^1 handlers ignore their signal.*step "s" of task t1$/,
  })
  t.match(checkLeftBehind(findLeftBehind([], 1, NOW_MS)), { ok: true })
})

t.test('without hope when every slot has been held for a minute more', async (t) => {
  const held = step({ abortedAtMs: NOW_MS - STUCK_AFTER_MS - HOPELESS_AFTER_MS })
  const later = step({ abortedAtMs: NOW_MS - STUCK_AFTER_MS - HOPELESS_AFTER_MS + 1 })
  t.equal(findLeftBehind([held, held], 2, NOW_MS).hopeless, true)
  t.equal(findLeftBehind([held, later], 2, NOW_MS).hopeless, false)
})

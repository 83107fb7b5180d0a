import t from 'tap'
import { Refusal, retryAfterMs } from '../../../services/orchestrator/intake/admission-check.ts'

t.test('when there will be room: at the rate of the last seconds, within reason', async (t) => {
  t.equal(retryAfterMs(1, Number.NaN), 5000)
  t.equal(retryAfterMs(1e9, 1), 60_000)
  t.equal(retryAfterMs(1, 0), 5000, 'nothing has ended')
  t.equal(retryAfterMs(1, -2), 5000, 'it grows')
  t.equal(retryAfterMs(1, 100), 250, '10 ms are no hint')
  t.equal(retryAfterMs(3, 2), 1500)
  t.equal(retryAfterMs(1, 3), 333, 'whole milliseconds')
})

t.test('a refusal has the code of its reason', async (t) => {
  t.match(new Refusal('quota', 'too many', 300), {
    code: 'QUOTA_EXCEEDED',
    reason: 'quota',
    message: 'too many',
    retryAfterMs: 300,
  })
  for (const reason of ['active', 'lag', 'log', 'steps', 'objects', 'queue', 'wait'] as const)
    t.match(new Refusal(reason, 'too much', 250), { code: 'OVERLOADED', reason }, reason)
})

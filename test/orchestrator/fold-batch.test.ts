import t from 'tap'
import type { LogEvent } from '#schemas/log-event.ts'
import { nextDueMs } from '../../services/orchestrator/decide/decide.ts'
import { foldBatch } from '../../services/orchestrator/partition/fold-batch.ts'
import { acceptedTask } from '../support/random-plan.ts'

const T0 = 1_790_000_000_000
const OPTIONS = { keepFinishedMs: 60_000 }

t.test('a timer that is fired too early changes nothing, and is stored again', async (t) => {
  const body = acceptedTask({ plan: { steps: [{ id: 'a', agent: 'x' }] }, deadlineMs: 60_000 })
  const accepted = foldBatch([{ kind: 'accepted', body, atMs: T0, seq: 1 }], () => undefined, OPTIONS)
  const held = accepted.held.get(body.taskId)!
  t.equal(held.storedDueMs, T0 + 60_000)
  const timer: LogEvent = {
    kind: 'timer',
    body: { v: 1, taskId: body.taskId, dueMs: T0 + 60_000 },
    atMs: T0 + 10,
    seq: 2,
  }
  const early = foldBatch([timer], () => held, OPTIONS)
  t.strictSame(early.writes, [{ state: held.state, dueMs: nextDueMs(held.state), isNew: false }])
  t.equal(early.earliestDueMs, T0 + 60_000, 'and looked for again')
  t.strictSame(early.work, [{ state: held.state, commands: [] }])
  t.strictSame(early.held.get(body.taskId), held)
  const inTime = foldBatch([{ ...timer, atMs: T0 + 60_001, seq: 3 }], () => held, OPTIONS)
  t.match(inTime.writes, [{ state: { error: { code: 'DEADLINE_EXCEEDED' } }, dueMs: undefined }])
})

import t from 'tap'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import type { TaskState } from '#schemas/task.ts'
import { childOutcome, unstartedChildOutcome } from '#workflow/decide/child-outcome.ts'
import { MemoryObjects } from '../../../services/sdk/testing/memory-blobs.ts'

const end = (state: Partial<TaskState>) =>
  childOutcome({ id: 'c', ...state } as TaskState, new MemoryObjects())
const error = { code: 'BROKE', message: 'it broke' }

t.test('the end of a child is the outcome of its run', async (t) => {
  t.strictSame(await end({ status: 'completed', output: 7 }), { kind: 'done', output: 7 })
  t.strictSame(await end({ status: 'completed' }), { kind: 'done', output: null })
  t.match(await end({ status: 'completed', output: 'x'.repeat(20_000) }), {
    output: { $json: { blob: /^tasks\/c\/output\// } },
  })
  t.match(await end({ status: 'failed', error }), {
    kind: 'retry',
    error: { code: 'BROKE', message: 'child task c failed: it broke' },
  })
  t.match(await end({ status: 'cancelled', error }), { kind: 'fail', error: { code: 'CANCELLED' } })
})

t.test('a child that is refused: for good, or for now; what is no refusal has no outcome', async (t) => {
  t.match(unstartedChildOutcome(new MurmurError('UNKNOWN_AGENT', 'nobody')), {
    kind: 'fail',
    error: { code: 'UNKNOWN_AGENT', message: 'its child task could not be started: nobody' },
  })
  t.match(unstartedChildOutcome(new MurmurError('OVERLOADED', 'full')), { kind: 'retry' })
  t.equal(unstartedChildOutcome(new MurmurError('UNAVAILABLE', 'away')), undefined)
  t.equal(unstartedChildOutcome(new TypeError('a fault of ours')), undefined)
})

import t from 'tap'
import { LIMITS } from '#schemas/limits.ts'
import type { LogEvent } from '#schemas/log-event.ts'
import { foldEvent } from '../../../services/orchestrator/history/task-fold.ts'
import { acceptedTask } from '../../support/random-plan.ts'

const plan = { steps: [{ id: 'a', agent: 'x' }] }
const options = { keepFinishedMs: 1000 }
const nothing = { state: undefined, bytes: 0 }
const accepted = (about: object = {}, bytes = 300): LogEvent => ({
  kind: 'accepted',
  body: acceptedTask({ plan, ...about }),
  atMs: 1000,
  seq: 1,
  bytes,
})

t.test(
  'what can be stored is folded as it is; what can not ends its task, as its owner ends it',
  async (t) => {
    t.match(foldEvent(nothing, accepted(), options), {
      state: { status: 'running' },
      bytes: 300,
      unproven: false,
    })
    const huge = accepted({ input: { text: 'x'.repeat(LIMITS.stateBytes) } }, LIMITS.stateBytes + 500)
    t.match(foldEvent(nothing, huge, options), {
      state: { status: 'failed', error: { code: 'TASK_QUARANTINED' }, input: {} },
    })
  },
)

t.test('a result without its proof changes nothing, and is told', async (t) => {
  const { state, bytes } = foldEvent(nothing, accepted(), options)
  const result: LogEvent = {
    kind: 'result',
    agent: 'x',
    atMs: 1500,
    seq: 2,
    body: {
      v: 1,
      taskId: 'task-1',
      stepId: 'a',
      attempt: 1,
      instance: 'i',
      startedAtMs: 1,
      finishedAtMs: 2,
      outcome: { kind: 'done', output: {} },
    },
  }
  const task = { state, bytes }
  t.match(foldEvent(task, result, options), { state: { status: 'completed' }, unproven: false })
  t.match(foldEvent(task, result, { ...options, isProven: () => true }), { state: { status: 'completed' } })
  t.strictSame(foldEvent(task, result, { ...options, isProven: () => false }), {
    state,
    bytes,
    commands: [],
    unproven: true,
  })
})

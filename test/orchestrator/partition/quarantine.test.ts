import t from 'tap'
import type { LogEvent } from '#schemas/log-event.ts'
import type { TaskState } from '#schemas/task.ts'
import { harder, quarantineTask, unknownTask } from '../../../services/orchestrator/partition/quarantine.ts'
import { acceptedTask } from '../../support/random-plan.ts'
import { taskState } from '../../support/task-states.ts'

const cancel: LogEvent = {
  kind: 'control',
  body: { v: 1, taskId: 't', action: 'cancel' },
  atMs: 5000,
  seq: 9,
}
const running = taskState('t', {
  labels: { team: 'north' },
  plan: {
    steps: [
      { id: 'a', agent: 'x' },
      { id: 'b', agent: 'x' },
      { id: 'c', agent: 'x' },
    ],
  },
  steps: {
    a: { status: 'completed', attempt: 1, output: 'large' },
    b: { status: 'failed', attempt: 2, error: { code: 'BROKE', message: 'm'.repeat(900), stepId: 'b' } },
    c: { status: 'dispatched', attempt: 1 },
  },
})

t.test('it has failed with what was thrown, and what was out is taken back', async (t) => {
  const { state, commands } = quarantineTask(running, cancel, { why: 'w'.repeat(600), keep: 'all' })
  t.match(state, {
    status: 'failed',
    seq: 9,
    rev: 2,
    finishedAtMs: 5000,
    error: { code: 'TASK_QUARANTINED', message: `the task can't go on: ${'w'.repeat(500)}` },
    steps: { a: { output: 'large' }, c: { status: 'cancelled' } },
  })
  t.match(commands, [
    { kind: 'RetractStep', stepId: 'c', attempt: 1 },
    { kind: 'AnnounceEvent', event: { kind: 'failed' } },
  ])
  t.equal(running.status, 'running', 'the state before is left as it was')
})

t.test('less of it stays each time that it can not be stored', async (t) => {
  const first = harder(undefined, 'one')
  const second = harder(first, 'two')
  const third = harder(second, 'three')
  t.strictSame(
    [first, second, third, harder(third, 'four')],
    [
      { why: 'one', keep: 'all' },
      { why: 'two', keep: 'no-outputs' },
      { why: 'three', keep: 'nothing' },
      undefined,
    ],
  )
  const without = quarantineTask({ ...running, output: 1 }, cancel, second!).state!
  t.notOk('output' in without)
  t.strictSame(without.steps.a, { status: 'completed', attempt: 1 })
  t.strictSame(without.steps.b?.error, { code: 'BROKE', message: 'm'.repeat(500) })
  const bare = quarantineTask(running, cancel, third!).state!
  t.match(bare, { id: 't', tenant: 'default', input: {}, plan: { steps: [{ id: 'quarantined' }] } })
  t.notOk('labels' in bare)
  t.strictSame(Object.keys(bare.steps), ['quarantined'])
})

t.test('a task that makes its own acceptance fail is there, and has failed', async (t) => {
  const body = acceptedTask({ taskId: 'new', plan: { steps: [{ id: 'a', agent: 'x' }] } })
  const event: LogEvent = { kind: 'accepted', body, atMs: 5000, seq: 9 }
  const { state } = quarantineTask(undefined, event, { why: 'a bug', keep: 'all' })
  t.match(state, { id: 'new', status: 'failed', steps: { a: { status: 'skipped' } } })
})

t.test('what is not there, or has ended, stays as it is', async (t) => {
  const why = { why: 'a bug', keep: 'all' } as const
  t.strictSame(quarantineTask(undefined, cancel, why), { state: undefined, commands: [] })
  const ended: TaskState = { ...running, status: 'completed' }
  t.strictSame(quarantineTask(ended, cancel, why), { state: ended, commands: [] })
})

t.test('a task of which only its id is known belongs to nobody', async (t) => {
  const nothing = unknownTask({ id: 't', why: 'no JSON', known: {} }, 5000)
  t.match(nothing, { id: 't', tenant: '', type: 'plan', status: 'running', createdAtMs: 5000, priority: 2 })
  const known = { tenant: 'north', type: 'report', createdAtMs: 7, priority: 0 } as const
  t.match(unknownTask({ id: 't', why: 'no JSON', known }, 5000), known)
})

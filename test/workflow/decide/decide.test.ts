import t from 'tap'
import type { LogEvent } from '#schemas/log-event.ts'
import type { Plan } from '#schemas/plan.ts'
import { buildStepMessage } from '#workflow/decide/build-step-message.ts'
import { unresolvedCommands } from '#workflow/decide/commands.ts'
import { decide, nextDueMs } from '#workflow/decide/decide.ts'
import { KEEP_MS, Story, T0 } from '../../support/story.ts'

const error = { code: 'STEP_FAILED', message: 'it broke' }
const ONE: Plan = { steps: [{ id: 'a', agent: 'x' }] }
const CHAIN: Plan = {
  steps: [
    { id: 'a', agent: 'x' },
    { id: 'b', agent: 'x', needs: ['a'], input: { n: { $from: 'steps.a.output.n' } } },
  ],
}

t.test('a chain: accepted, step by step, completed', async (t) => {
  const story = new Story().accept({ plan: CHAIN })
  t.strictSame([story.dispatched, story.announced], [['a:1'], ['accepted']])
  t.match(story.state, {
    status: 'running',
    rev: 1,
    steps: { a: { status: 'dispatched' }, b: { status: 'waiting' } },
  })
  story.result(10, 'a', 1, { kind: 'done', output: { n: 7 } })
  t.strictSame([story.dispatched, story.announced], [['b:1'], ['step-completed']])
  t.match(
    buildStepMessage(story.state!, 'b', 1, (agent) => `log.3.result.${agent}`),
    {
      input: { n: 7 },
      agent: 'x',
      attempt: 1,
      reply: 'log.3.result.x',
      timeoutMs: 60_000,
    },
  )
  t.equal(
    buildStepMessage(story.state!, 'a', 1, () => 'r'),
    undefined,
    'no message for what is done',
  )
  story.result(20, 'b', 1, { kind: 'done', output: 'end' })
  t.strictSame([story.dispatched, story.announced], [[], ['completed']])
  t.match(story.state, { status: 'completed', output: { b: 'end' }, finishedAtMs: T0 + 20, rev: 3, seq: 3 })
  t.match(story.state?.steps.a, { startedAtMs: T0 + 8, finishedAtMs: T0 + 9, instance: 'x-1' })
})

t.test('branches run at the same time and are joined', async (t) => {
  const story = new Story().accept({
    plan: {
      steps: [
        { id: 'join', agent: 'x', needs: ['a', 'b'] },
        { id: 'a', agent: 'x' },
        { id: 'b', agent: 'x' },
      ],
      output: { both: [{ $from: 'steps.a.output' }, { $from: 'steps.join.output' }] },
    },
  })
  t.strictSame(story.dispatched, ['a:1', 'b:1'])
  t.strictSame(story.result(1, 'b', 1, { kind: 'done', output: 2 }).dispatched, [])
  t.strictSame(story.result(2, 'a', 1, { kind: 'done', output: 1 }).dispatched, ['join:1'])
  t.strictSame(story.result(3, 'join', 1, { kind: 'done', output: 3 }).state?.output, { both: [1, 3] })
})

t.test('an attempt that failed is tried again after its delay, until none is left', async (t) => {
  const retry = { maxAttempts: 2, initialDelayMs: 100, factor: 2 }
  const story = new Story().accept({ plan: { steps: [{ id: 'a', agent: 'x', retry }] } })
  story.result(10, 'a', 1, { kind: 'retry', error })
  t.strictSame([story.dispatched, story.announced], [[], ['step-retrying']])
  t.match(story.state?.steps.a, { status: 'backoff', attempt: 1, error })
  const due = nextDueMs(story.state!)! - T0
  t.ok(due >= 90 && due <= 130, `${due} is 10 + 100 ± 20 %`)
  story.timer(due - 1)
  t.strictSame([story.dispatched, story.state?.rev], [[], 2], 'a timer that comes too early does nothing')
  t.strictSame(story.timer(due).dispatched, ['a:2'])
  story.result(500, 'a', 2, { kind: 'retry', error })
  t.strictSame(story.announced, ['step-failed', 'failed'])
  t.match(story.state, {
    status: 'failed',
    error: { code: 'STEP_FAILED', message: 'it broke (attempt 2 of 2)', stepId: 'a' },
  })
})

t.test('the agent may say when to try again, and that it never will work', async (t) => {
  const story = new Story().accept({ plan: ONE }).result(10, 'a', 1, { kind: 'retry', error, afterMs: 5000 })
  t.equal(nextDueMs(story.state!), T0 + 5010)
  story.timer(5010).result(5020, 'a', 2, { kind: 'fail', error })
  t.match(story.state, { status: 'failed', error: { ...error, stepId: 'a' } })
})

t.test('without a delay the next attempt is due later than the event that caused it', async (t) => {
  const retry = { initialDelayMs: 0, maxAttempts: 3 }
  const story = new Story().accept({ plan: { steps: [{ id: 'a', agent: 'x', retry }] } })
  story.result(10, 'a', 1, { kind: 'retry', error })
  const first = nextDueMs(story.state!)!
  story.timer(first - T0).result(first - T0, 'a', 2, { kind: 'retry', error })
  t.ok(
    nextDueMs(story.state!)! > first,
    'two timers of a task never have the same moment, which is their message id',
  )
})

t.test('a result that another type of agent was let write does not count', async (t) => {
  const story = new Story().accept({ plan: CHAIN })
  const body = {
    v: 1 as const,
    taskId: 'task-1',
    stepId: 'a',
    attempt: 1,
    instance: 'y-1',
    startedAtMs: T0,
    finishedAtMs: T0,
    outcome: { kind: 'done' as const, output: 'forged' },
  }
  story.at(1, { kind: 'result', body, agent: 'y' })
  t.strictSame([story.late, story.state?.steps.a?.status], [['foreign-agent'], 'dispatched'])
  story.at(2, { kind: 'result', body, agent: 'x' })
  t.equal(story.state?.steps.a?.status, 'completed')
})

t.test('a plan may go on without a step', async (t) => {
  const story = new Story().accept({
    plan: {
      steps: [
        { id: 'a', agent: 'x', onFailure: 'continue' },
        {
          id: 'b',
          agent: 'x',
          needs: ['a'],
          input: { got: { $from: 'steps.a.output' }, why: { $from: 'steps.a.error.code' } },
        },
      ],
    },
  })
  story.result(1, 'a', 1, { kind: 'fail', error })
  t.strictSame([story.dispatched, story.announced], [['b:1'], ['step-failed']])
  t.strictSame(buildStepMessage(story.state!, 'b', 1, () => 'r')?.input, {
    got: null,
    why: 'STEP_FAILED',
  })
  t.equal(story.result(2, 'b', 1, { kind: 'done', output: 1 }).state?.status, 'completed')

  const last = new Story().accept({ plan: { steps: [{ id: 'a', agent: 'x', onFailure: 'continue' }] } })
  t.match(last.result(1, 'a', 1, { kind: 'fail', error }).state, { status: 'completed', output: { a: null } })
})

t.test('a step that fails ends the others', async (t) => {
  const story = new Story().accept({
    plan: {
      steps: [
        { id: 'a', agent: 'x' },
        { id: 'b', agent: 'x' },
        { id: 'c', agent: 'x', needs: ['b'] },
      ],
    },
  })
  story.result(1, 'a', 1, { kind: 'fail', error })
  t.match(story.state?.steps, {
    a: { status: 'failed' },
    b: { status: 'cancelled' },
    c: { status: 'skipped' },
  })
  t.strictSame(story.result(2, 'b', 1, { kind: 'done', output: 1 }).late, ['task-finished'])
  t.equal(nextDueMs(story.state!), undefined)
})

t.test('cancel and deadline end a task once', async (t) => {
  const cancelled = new Story().accept({ plan: CHAIN }).cancel(5, 'not needed')
  t.match(cancelled.state, { status: 'cancelled', error: { code: 'CANCELLED', message: 'not needed' } })
  t.strictSame(cancelled.announced, ['cancelled'])
  t.strictSame(cancelled.cancel(6).late, ['task-finished'])
  const late = new Story().accept({ plan: ONE, deadlineMs: 1000 }).timer(1000)
  t.match(late.state, { status: 'failed', error: { code: 'DEADLINE_EXCEEDED', message: /1000 ms/ } })
  t.strictSame(late.timer(1000).last, [])
})

t.test('a delayed start waits, and can be cancelled or overtaken by the deadline', async (t) => {
  const story = new Story().accept({ plan: ONE, delayMs: 300 })
  t.match(story.state, { status: 'scheduled' })
  t.strictSame(story.dispatched, [])
  t.strictSame(unresolvedCommands(story.state!), [])
  t.strictSame(story.timer(300).dispatched, ['a:1'])
  const never = new Story().accept({ plan: ONE, delayMs: 300, deadlineMs: 200 })
  t.equal(nextDueMs(never.state!), T0 + 200)
  t.match(never.timer(200).state, {
    error: { code: 'DEADLINE_EXCEEDED' },
    steps: { a: { status: 'skipped' } },
  })
})

t.test('what belongs to no task, to no step, or came before', async (t) => {
  const story = new Story()
  t.strictSame(story.result(0, 'a', 1, { kind: 'done', output: 1 }).late, ['unknown-task'])
  t.strictSame(story.cancel(0).late, ['unknown-task'])
  t.strictSame(story.timer(0).last, [])
  t.equal(story.state, undefined)
  story.accept({ plan: ONE })
  const before = story.state
  t.strictSame(story.accept({ plan: CHAIN }).late, ['duplicate-submission'])
  for (const id of ['b', 'constructor', '__proto__'])
    t.strictSame(story.result(1, id, 1, { kind: 'done', output: 1 }).late, ['unknown-step'], id)
  t.strictSame(
    story.result(1, 'a', 2, { kind: 'done', output: 1 }).late,
    ['superseded-attempt'],
    'not out yet',
  )
  t.equal(story.state, before, 'nothing has changed')
})

t.test('a task that is forgotten may be submitted again under its id', async (t) => {
  const story = new Story().accept({ plan: ONE }).cancel(10)
  t.strictSame(story.accept({ plan: ONE }, KEEP_MS + 10).late, ['duplicate-submission'])
  t.match(story.accept({ plan: ONE }, KEEP_MS + 11).state, {
    status: 'running',
    createdAtMs: T0 + KEEP_MS + 11,
  })
})

t.test('a state is never written to', async (t) => {
  const frozen = deepFreeze(new Story().accept({ plan: CHAIN }).state!)
  const body = { v: 1 as const, taskId: 'task-1', action: 'cancel' as const }
  const event: LogEvent = { kind: 'control', atMs: T0 + 1, seq: 2, body }
  t.equal(decide(frozen, event, { keepFinishedMs: KEEP_MS }).state?.status, 'cancelled')
  t.equal(frozen.status, 'running')
})

function deepFreeze<Value>(value: Value): Value {
  if (typeof value === 'object' && value !== null) {
    for (const item of Object.values(value)) deepFreeze(item)
    Object.freeze(value)
  }
  return value
}

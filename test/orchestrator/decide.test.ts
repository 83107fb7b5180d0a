import t from 'tap'
import type { LogEvent, StepStarted, TaskAccepted } from '#schemas/log-event.ts'
import type { Plan } from '#schemas/plan.ts'
import type { StepOutcome } from '#schemas/step-message.ts'
import type { TaskState } from '#schemas/task.ts'
import { backoffDelayMs, completePolicy } from '../../services/orchestrator/decide/backoff.ts'
import {
  buildBuriedMessage,
  buildStepMessage,
} from '../../services/orchestrator/decide/build-step-message.ts'
import { decide, nextDueMs } from '../../services/orchestrator/decide/decide.ts'
import type { Command, Decision } from '../../services/orchestrator/decide/decision.ts'
import { unresolvedCommands } from '../../services/orchestrator/decide/unresolved.ts'
import { acceptedTask } from '../support/random-plan.ts'

const T0 = 1_790_000_000_000
const KEEP_MS = 60_000
const error = { code: 'STEP_FAILED', message: 'it broke' }
const ONE: Plan = { steps: [{ id: 'a', agent: 'x' }] }
const CHAIN: Plan = {
  steps: [
    { id: 'a', agent: 'x' },
    { id: 'b', agent: 'x', needs: ['a'], input: { n: { $from: 'steps.a.output.n' } } },
  ],
}

/** Events of one task, one after the other, each at a time of its own. */
class Story {
  state: TaskState | undefined
  last: Command[] = []
  #seq = 0

  at(ms: number, about: Pick<LogEvent, 'kind' | 'body'> & { agent?: string; bytes?: number }): Decision {
    const event = { ...about, atMs: T0 + ms, seq: ++this.#seq } as LogEvent
    const decision = decide(this.state, event, { keepFinishedMs: KEEP_MS })
    this.state = decision.state
    this.last = decision.commands
    return decision
  }

  accept(about: Partial<TaskAccepted> & Pick<TaskAccepted, 'plan'>, ms = 0): this {
    this.at(ms, { kind: 'accepted', body: acceptedTask(about) })
    return this
  }

  result(ms: number, stepId: string, attempt: number, outcome: StepOutcome): this {
    const ran = { instance: 'x-1', startedAtMs: T0 + ms - 2, finishedAtMs: T0 + ms - 1 }
    this.at(ms, { kind: 'result', body: { v: 1, taskId: 'task-1', stepId, attempt, ...ran, outcome } })
    return this
  }

  /** @param atMs when the broker stored it, if not when it was due */
  timer(ms: number, atMs = ms): this {
    this.at(atMs, { kind: 'timer', body: { v: 1, taskId: 'task-1', dueMs: T0 + ms } })
    return this
  }

  started(ms: number, stepId: string, attempt: number, about: Partial<StepStarted> = {}): this {
    const run = { instance: 'x-1', bornAtMs: T0, alone: false, ...about }
    this.at(ms, { kind: 'started', body: { v: 1, taskId: 'task-1', stepId, attempt, ...run } })
    return this
  }

  released(ms: number, stepId: string, attempt: number, instance = 'x-1'): this {
    this.at(ms, { kind: 'released', body: { v: 1, taskId: 'task-1', stepId, attempt, instance } })
    return this
  }

  cancel(ms: number, reason?: string): this {
    this.at(ms, {
      kind: 'control',
      body: { v: 1, taskId: 'task-1', action: 'cancel', ...(reason && { reason }) },
    })
    return this
  }

  get dispatched(): string[] {
    return this.last.flatMap((c) => (c.kind === 'DispatchStep' ? [`${c.stepId}:${c.attempt}`] : []))
  }

  get retracted(): string[] {
    return this.last.flatMap((c) => (c.kind === 'RetractStep' ? [`${c.stepId}:${c.attempt}`] : []))
  }

  get buried(): string[] {
    return this.last.flatMap((c) => (c.kind === 'BuryStep' ? [`${c.stepId}:${c.attempt}`] : []))
  }

  get announced(): string[] {
    return this.last.flatMap((c) => (c.kind === 'AnnounceEvent' ? [c.event.kind] : []))
  }

  get late(): string[] {
    return this.last.flatMap((c) => (c.kind === 'RecordLate' ? [c.reason] : []))
  }
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

t.test('an attempt that nobody takes fails its step, and no other attempt is made', async (t) => {
  const step = { id: 'a', agent: 'x', timeoutMs: 30, queueTimeoutMs: 2000 }
  const story = new Story().accept({ plan: { steps: [step] } })
  t.match(story.state?.steps.a, { expiresAtMs: T0 + 2000, timeoutAtMs: undefined })
  t.equal(nextDueMs(story.state!), T0 + 5000, 'whoever began just before has 3 s to say so')
  t.strictSame(story.timer(4999).last, [])
  story.timer(5000)
  t.match(story.state, {
    status: 'failed',
    error: { code: 'QUEUE_TIMEOUT', message: 'no agent "x" was free for it within 2000 ms', stepId: 'a' },
  })
  t.strictSame(story.retracted, ['a:1'], 'its message is not left in the queue')
})

t.test('without a time of its own an attempt waits as long as its task may take', async (t) => {
  const story = new Story().accept({ plan: ONE, deadlineMs: 3_600_000 })
  t.equal(story.state?.steps.a?.expiresAtMs, T0 + 3_600_000)
  t.equal(nextDueMs(story.state!), T0 + 3_600_000, 'the deadline is the only timer')
  const short = { id: 'a', agent: 'x', queueTimeoutMs: 1000 }
  const near = new Story().accept({ plan: { steps: [short] }, deadlineMs: 2000 })
  t.equal(nextDueMs(near.state!), T0 + 2000, 'never later than the deadline')
  t.match(near.timer(2000).state, { error: { code: 'DEADLINE_EXCEEDED' } })
})

t.test('a start that was told: the run has its time from then on, and the queue none', async (t) => {
  const step = { id: 'a', agent: 'x', timeoutMs: 500, queueTimeoutMs: 20, retry: { initialDelayMs: 10 } }
  const story = new Story().accept({ plan: { steps: [step] } })
  const { rev, seq } = story.state!
  story.started(1010, 'a', 1, { alone: true })
  t.strictSame(story.state?.steps.a, {
    status: 'dispatched',
    attempt: 1,
    dispatchedAtMs: T0,
    run: { instance: 'x-1', bornAtMs: T0, alone: true, sinceMs: T0 + 1010 },
    timeoutAtMs: T0 + 4510,
  })
  t.strictSame([story.state?.rev, story.state?.seq], [rev, seq], 'watchers have missed nothing')
  t.equal(nextDueMs(story.state!), T0 + 4510, "3 s for the agent's own word")
  story.started(2000, 'a', 1, { instance: 'x-2' })
  t.match(story.state?.steps.a, { run: { instance: 'x-2' }, timeoutAtMs: T0 + 5500 }, 'it came again')
  story.timer(5500)
  t.match(story.state?.steps.a, {
    status: 'backoff',
    run: undefined,
    error: { code: 'STEP_TIMEOUT', message: 'no result from agent "x" (instance "x-2") within 3500 ms' },
  })
  t.strictSame(story.retracted, ['a:1'])
  t.strictSame(story.result(5501, 'a', 1, { kind: 'done', output: 1 }).late, ['superseded-attempt'])
  t.strictSame(story.started(5502, 'a', 1).late, ['superseded-attempt'])
  t.strictSame(story.timer(nextDueMs(story.state!)! - T0).dispatched, ['a:2'])
  t.strictSame(story.result(5600, 'a', 1, { kind: 'done', output: 1 }).late, ['superseded-attempt'])
  t.equal(story.result(5601, 'a', 2, { kind: 'done', output: 2 }).state?.status, 'completed')
  t.strictSame(story.result(5602, 'a', 2, { kind: 'done', output: 3 }).late, ['task-finished'])
  t.strictSame(story.started(5603, 'a', 2).late, ['task-finished'])
  t.strictSame(story.state?.output, { a: 2 })
})

t.test('an attempt that is handed back waits anew', async (t) => {
  const step = { id: 'a', agent: 'x', timeoutMs: 500, queueTimeoutMs: 5000 }
  const story = new Story().accept({ plan: { steps: [step] } }).started(1000, 'a', 1)
  t.strictSame(story.released(1400, 'a', 1, 'x-2').late, ['superseded-attempt'], 'by who does not have it')
  t.ok(story.state?.steps.a?.run)
  story.released(1500, 'a', 1)
  t.strictSame(story.state?.steps.a, {
    status: 'dispatched',
    attempt: 1,
    dispatchedAtMs: T0,
    expiresAtMs: T0 + 6500,
  })
  t.equal(story.released(1600, 'a', 1).state?.steps.a?.expiresAtMs, T0 + 6600, 'its start need not be known')
  t.strictSame(story.released(1700, 'a', 2).late, ['superseded-attempt'])
})

t.test('an agent that finds the time in the queue over is believed when it is', async (t) => {
  const step = { id: 'a', agent: 'x', queueTimeoutMs: 1000, retry: { initialDelayMs: 10 } }
  const expired: StepOutcome = { kind: 'retry', error: { code: 'QUEUE_TIMEOUT', message: 'too late' } }
  const accept = () => new Story().accept({ plan: { steps: [step] } })
  t.match(accept().result(1500, 'a', 1, expired).state, {
    status: 'failed',
    error: { code: 'QUEUE_TIMEOUT', message: 'no agent "x" was free for it within 1500 ms' },
  })
  t.equal(accept().started(500, 'a', 1).result(1500, 'a', 1, expired).state?.steps.a?.status, 'backoff')
  const early = accept().released(900, 'a', 1).result(800, 'a', 1, expired)
  t.equal(early.state?.steps.a?.status, 'backoff', 'its message is older than what the orchestrator knows')
})

t.test('a step that takes its processes down: run alone, within its policy, then buried once', async (t) => {
  const crash: StepOutcome = { kind: 'retry', error: { code: 'AGENT_CRASHED', message: 'instance x-1 died' } }
  const retry = { maxAttempts: 3, initialDelayMs: 1 }
  const plan: Plan = { steps: [{ id: 'a', agent: 'x', retry, input: { n: 1 } }] }
  const story = new Story().accept({ plan })
  const messageOf = (attempt: number) => buildStepMessage(story.state!, 'a', attempt, () => 'r')
  const again = () => story.timer(nextDueMs(story.state!)! - T0)
  t.equal(messageOf(1)?.alone, undefined)
  story.result(10, 'a', 1, crash)
  t.match(story.state?.steps.a, { status: 'backoff', crashes: 1, error: { code: 'AGENT_CRASHED' } })
  t.strictSame([again().dispatched, messageOf(2)?.alone, story.buried], [['a:2'], true, []])
  story.result(20, 'a', 2, { kind: 'retry', error })
  again()
  t.equal(messageOf(3)?.alone, true, 'another error in between does not make it harmless')
  story.result(30, 'a', 3, crash)
  t.strictSame(story.buried, ['a:3'])
  t.match(story.state, {
    status: 'failed',
    error: {
      code: 'POISON_MESSAGE',
      stepId: 'a',
      message: '2 attempts took their processes down: instance x-1 died (attempt 3 of 3)',
    },
  })
  t.match(
    buildBuriedMessage(story.state!, 'a', 3, () => 'r'),
    { attempt: 3, input: { n: 1 }, alone: true },
  )
  const once = new Story().accept({ plan: { steps: [{ id: 'a', agent: 'x', retry: { maxAttempts: 1 } }] } })
  t.match(once.result(1, 'a', 1, crash).state?.error, {
    code: 'POISON_MESSAGE',
    message: 'it took its process down: instance x-1 died',
  })
})

t.test('deliveries that are used up are no reason to give a step up', async (t) => {
  const error = { code: 'DELIVERIES_EXHAUSTED', message: '50 times' }
  const story = new Story().accept({ plan: ONE }).result(1, 'a', 1, { kind: 'retry', error })
  t.match(story.state?.steps.a, { status: 'backoff', error })
  t.notOk(story.state?.steps.a?.crashes)
})

t.test('what is stored after the deadline finds the task ended, whatever it is', async (t) => {
  const events: [string, (story: Story) => Story][] = [
    ['result', (story) => story.result(1001, 'a', 1, { kind: 'done', output: 1 })],
    ['start', (story) => story.started(1001, 'a', 1)],
    ['release', (story) => story.released(1001, 'a', 1)],
    ['cancel', (story) => story.cancel(1001)],
    ['submission', (story) => story.accept({ plan: ONE }, 1001)],
    ['timer', (story) => story.timer(500, 1001)],
  ]
  for (const [what, happen] of events) {
    const story = happen(new Story().accept({ plan: ONE, deadlineMs: 1000 }))
    t.match(story.state, { status: 'failed', error: { code: 'DEADLINE_EXCEEDED' }, rev: 2 }, what)
    t.strictSame([story.announced, story.retracted], [['failed'], ['a:1']], what)
    t.equal(story.late.length, what === 'timer' ? 0 : 1, what)
  }
  const intime = new Story().accept({ plan: ONE, deadlineMs: 1000 })
  t.equal(intime.result(1000, 'a', 1, { kind: 'done', output: 1 }).state?.status, 'completed')
})

t.test('a timer of a clock that is ahead changes nothing before its time', async (t) => {
  const step = { id: 'a', agent: 'x', queueTimeoutMs: 60_000 }
  const story = new Story().accept({ plan: { steps: [step] }, deadlineMs: 900_000 })
  const before = story.state
  t.equal(story.timer(900_000, 5000).state, before, 'fifteen minutes ahead')
  t.equal(story.timer(63_000, 61_999).state, before)
  t.match(story.timer(63_000, 62_000).state?.error, { code: 'QUEUE_TIMEOUT' }, 'a second is no matter')
  const retry = { initialDelayMs: 0 }
  const short = new Story().accept({ plan: { steps: [{ ...step, timeoutMs: 100, retry }] } })
  short.started(0, 'a', 1).timer(3100, 2500)
  t.equal(nextDueMs(short.state!), T0 + 3101, 'what follows from a timer is later than the timer')
})

t.test('the messages of errors and the outputs of all steps together are bounded', async (t) => {
  const steps = Array.from({ length: 64 }, (_, i) => ({
    id: `s${i}`,
    agent: 'x',
    onFailure: 'continue' as const,
  }))
  const long = new Story().accept({ plan: { steps } })
  for (const { id } of steps.slice(0, 60))
    long.result(1, id, 1, {
      kind: 'fail',
      error: { code: 'BROKE', message: '\u{1f426}'.repeat(2000), stepId: 'x'.repeat(9999) },
    })
  const size = JSON.stringify(long.state!.steps).length
  t.ok(size < 80 * 1024, `${size} characters`)
  t.ok(long.state!.steps.s0!.error!.message.isWellFormed())
  t.equal(buildStepMessage(long.state!, 's63', 1, () => 'r')?.inlineOutputBytes, 3072, '192 KiB in 64 parts')
  t.equal(
    buildStepMessage(new Story().accept({ plan: ONE }).state!, 'a', 1, () => 'r')?.inlineOutputBytes,
    16_384,
  )

  const foreign = new Story().accept({ plan: { steps } })
  for (const { id } of steps) foreign.result(1, id, 1, { kind: 'done', output: 'o'.repeat(16_000) })
  const codes = Object.values(foreign.state!.steps).map((step) => step.error?.code ?? step.status)
  t.equal(codes.filter((code) => code === 'completed').length, 16, '16 of 16,002 bytes are within 256 KiB')
  t.equal(codes.filter((code) => code === 'OUTPUT_TOO_LARGE').length, 48)
  t.ok(JSON.stringify(foreign.state!.steps).length < 300 * 1024)
  t.match(foreign.state!.steps.s63?.error?.message, /272034 bytes together, at most 262144/)
})

t.test('a task that ends takes what waits out of the queues', async (t) => {
  const plan: Plan = {
    steps: [
      { id: 'a', agent: 'x' },
      { id: 'b', agent: 'x' },
      { id: 'c', agent: 'x', needs: ['b'] },
    ],
  }
  t.strictSame(new Story().accept({ plan }).cancel(1).retracted, ['a:1', 'b:1'])
  const failed = new Story().accept({ plan }).result(1, 'a', 1, { kind: 'fail', error })
  t.strictSame(failed.retracted, ['b:1'], 'and not what its agent acknowledges itself')
  t.strictSame(new Story().accept({ plan, deadlineMs: 10 }).timer(10).retracted, ['a:1', 'b:1'])
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
  t.strictSame(buildStepMessage(story.state!, 'b', 1, () => 'r')?.input, { got: null, why: 'STEP_FAILED' })
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

t.test('what is unresolved: the attempts that are out, or the end', async (t) => {
  const story = new Story().accept({ plan: CHAIN }).result(1, 'a', 1, { kind: 'done', output: {} })
  t.strictSame(unresolvedCommands(story.state!), [{ kind: 'DispatchStep', stepId: 'b', attempt: 1 }])
  story.cancel(2)
  t.match(unresolvedCommands(story.state!), [
    {
      kind: 'AnnounceEvent',
      event: { kind: 'cancelled', rev: 3, atMs: T0 + 2, error: { code: 'CANCELLED' } },
    },
  ])
})

t.test('backoff grows, is capped, is spread, and is the same each time', async (t) => {
  const policy = completePolicy({ initialDelayMs: 100, maxDelayMs: 1000, factor: 2 })
  t.strictSame(completePolicy(undefined), {
    maxAttempts: 3,
    initialDelayMs: 200,
    maxDelayMs: 30_000,
    factor: 2,
  })
  const delays = [1, 2, 3, 4, 5, 50].map((attempt) => backoffDelayMs(policy, attempt, 'seed'))
  for (const [i, plain] of [100, 200, 400, 800, 1000, 1000].entries())
    t.ok(delays[i]! >= plain * 0.8 && delays[i]! <= plain * 1.2, `${delays[i]} is ${plain} ± 20 %`)
  t.equal(backoffDelayMs(policy, 2, 'seed'), delays[1])
  const spread = new Set(Array.from({ length: 100 }, (_, i) => backoffDelayMs(policy, 5, `task-${i}:a`)))
  t.ok(spread.size > 60, `${spread.size} different delays`)
})

function deepFreeze<Value>(value: Value): Value {
  if (typeof value === 'object' && value !== null) {
    for (const item of Object.values(value)) deepFreeze(item)
    Object.freeze(value)
  }
  return value
}

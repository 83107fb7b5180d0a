import t from 'tap'
import type { Plan } from '#schemas/plan.ts'
import type { StepOutcome } from '#schemas/step-message.ts'
import { buildBuriedMessage, buildStepMessage } from '#workflow/decide/build-step-message.ts'
import { nextDueMs } from '#workflow/decide/decide.ts'
import { Story, T0 } from '../../support/story.ts'

const error = { code: 'STEP_FAILED', message: 'it broke' }
const ONE: Plan = { steps: [{ id: 'a', agent: 'x' }] }

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
    steps: { a: { crashes: 2 } },
    error: {
      code: 'POISON_MESSAGE',
      stepId: 'a',
      message: '2 attempts took their processes down: instance x-1 died (attempt 3 of 3)',
    },
  })
  t.match(
    buildBuriedMessage(story.state!, 'a', 3, () => 'r'),
    {
      attempt: 3,
      input: { n: 1 },
      alone: true,
    },
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

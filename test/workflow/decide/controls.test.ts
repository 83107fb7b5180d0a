import t from 'tap'
import { LIMITS } from '#schemas/limits.ts'
import type { Plan, Step } from '#schemas/plan.ts'
import { unresolvedCommands } from '#workflow/decide/commands.ts'
import { nextDueMs } from '#workflow/decide/decide.ts'
import { Story, T0 } from '../../support/story.ts'

const HOUR = 3_600_000
const BROKE = { code: 'BROKE', message: 'it broke' }
const CHAIN: Plan = {
  steps: [
    { id: 'a', agent: 'x', timeoutMs: 10_000 },
    { id: 'b', agent: 'x', needs: ['a'] },
  ],
}
const storyOf = (plan: Plan, about: { deadlineMs?: number; delayMs?: number } = {}) =>
  new Story().accept({ plan, deadlineMs: HOUR, ...about })

t.test('a pause lets nothing begin; what is out runs to its end', async (t) => {
  const story = storyOf(CHAIN).pause(5, 'lunch')
  t.strictSame([story.announced, story.notes, story.retracted], [['paused'], ['lunch'], []])
  t.match(story.state, { status: 'paused', pausedAtMs: T0 + 5, pauseReason: 'lunch' })
  t.strictSame(unresolvedCommands(story.state!), [{ kind: 'DispatchStep', stepId: 'a', attempt: 1 }])
  story.done(10, 'a', { n: 1 })
  t.strictSame([story.announced, story.dispatched], [['step-completed'], []], 'its result counts')
  t.match(story.state!.steps, { a: { status: 'completed' }, b: { status: 'waiting' } })
  story.resume(1005)
  t.strictSame([story.announced, story.dispatched], [['resumed'], ['b:1']])
  t.match(story.state, { status: 'running', deadlineAtMs: T0 + HOUR + 1000, pausedAtMs: undefined })
  t.equal(story.state!.pauseReason, undefined)
  t.match(story.done(1010, 'b').state, { status: 'completed' })
})

t.test('a pause that is there, and a resume of what goes on, change nothing', async (t) => {
  const story = storyOf(CHAIN)
  const before = story.state
  t.strictSame(story.resume(1).late, ['no-change'])
  t.equal(story.state, before)
  const paused = story.pause(2).state
  t.strictSame(story.pause(3, 'again').late, ['no-change'])
  t.equal(story.state, paused)
  story.resume(4)
  t.strictSame(story.resume(5).late, ['no-change'])
  t.equal(story.state!.deadlineAtMs, T0 + HOUR + 2)
})

t.test('a task whose last step completes while it is paused ends when it is resumed', async (t) => {
  const story = storyOf({ steps: [CHAIN.steps[0]!] })
    .pause(1)
    .done(2, 'a', 7)
  t.match(story.state, { status: 'paused' })
  story.resume(100)
  t.match(story.state, { status: 'completed', output: { a: 7 } })
  t.strictSame(story.announced, ['resumed', 'completed'])
})

t.test('a failure ends a paused task, and a cancel does', async (t) => {
  const failed = storyOf(CHAIN).pause(1).failed(2, 'a')
  t.match(failed.state, { status: 'failed', error: BROKE, pausedAtMs: undefined })
  const cancelled = storyOf(CHAIN).pause(1).cancel(2)
  t.match(cancelled.state, { status: 'cancelled', pausedAtMs: undefined })
  t.strictSame(cancelled.retracted, ['a:1'])
  t.strictSame(cancelled.resume(3).late, ['task-finished'])
})

t.test('retries wait for the resume, with their own times', async (t) => {
  const story = storyOf(CHAIN).pause(1)
  story.result(2, 'a', 1, { kind: 'retry', error: BROKE, afterMs: 500 })
  t.match(story.state!.steps.a, { status: 'backoff', retryAtMs: T0 + 502 })
  t.strictSame(story.timer(502).dispatched, [], 'its time comes during the pause')
  const early = new Story()
  Object.assign(early, { state: story.state })
  t.strictSame(early.resume(100).dispatched, [])
  t.equal(nextDueMs(early.state!), T0 + 502, 'its time comes after it')
  t.strictSame(early.timer(502).dispatched, ['a:2'])
  t.strictSame(story.resume(600).dispatched, ['a:2'])
})

t.test(
  'an attempt that runs may take too long while the task is paused; it is not tried again before',
  async (t) => {
    const story = storyOf(CHAIN).started(1, 'a', 1).pause(2)
    t.equal(nextDueMs(story.state!), T0 + 13_001, 'the time of its run, and the grace')
    story.timer(13_001)
    t.strictSame([story.retracted, story.dispatched], [['a:1'], []])
    t.match(story.state!.steps.a, { status: 'backoff', error: { code: 'STEP_TIMEOUT' } })
    t.equal(nextDueMs(story.state!), T0 + 2 + LIMITS.taskDeadlineMs)
    t.strictSame(story.resume(60_000).dispatched, ['a:2'])
  },
)

t.test('what became due during a pause is done with the resume, in the order of the plan', async (t) => {
  const steps: Step[] = [
    { id: 'ask', approval: { title: 'Go?', escalation: [{ afterMs: 100, assignees: ['boss'] }] } },
    { id: 'b', agent: 'x', needs: ['nap'] },
    { id: 'signal', waitFor: { signal: 's', timeoutMs: 300, onTimeout: 'continue' } },
    { id: 'nap', sleep: { ms: 200 } },
    { id: 'long', sleep: { ms: 5000 } },
    { id: 'd', agent: 'x', needs: ['signal'] },
  ]
  const story = storyOf({ steps }).pause(50)
  t.equal(nextDueMs(story.state!), T0 + 50 + LIMITS.taskDeadlineMs, 'nothing is due before')
  for (const ms of [100, 200, 300]) t.strictSame(story.timer(ms).last, [])
  story.resume(1000)
  t.strictSame(story.announced, ['resumed', 'step-waiting', 'step-completed', 'step-completed'])
  t.strictSame(story.notes, ['escalated to boss'])
  t.strictSame(story.dispatched, ['d:1', 'b:1'])
  t.match(story.state!.steps, {
    ask: { status: 'awaiting-approval', escalations: 1 },
    signal: { status: 'completed', output: null },
    nap: { status: 'completed' },
    long: { status: 'sleeping' },
  })
  t.equal(nextDueMs(story.state!), T0 + 5000)
})

t.test('people and signals may answer while the task is paused', async (t) => {
  const steps: Step[] = [
    { id: 'ask', approval: { title: 'Go?', timeoutMs: 100 } },
    { id: 'signal', waitFor: { signal: 's', timeoutMs: 100 } },
    { id: 'b', agent: 'x', needs: ['ask', 'signal'] },
  ]
  const story = storyOf({ steps }).pause(5).signal(200, 's', 's1').answer(201, 'ask')
  t.match(story.state!.steps, { ask: { status: 'completed' }, signal: { status: 'completed' } })
  t.strictSame(story.dispatched, [], 'after their times, which stand still')
  t.strictSame(story.resume(300).dispatched, ['b:1'])
})

t.test('the deadline stands still; a pause is over after its limit', async (t) => {
  const story = storyOf(CHAIN, { deadlineMs: 1000 }).pause(400)
  t.strictSame(story.timer(1000).last, [])
  t.match(story.done(5000, 'a').state, { status: 'paused' }, 'after the deadline that it had')
  story.resume(10_400)
  t.strictSame(story.dispatched, ['b:1'])
  t.equal(story.state!.deadlineAtMs, T0 + 11_000)
  t.match(story.timer(11_000).state, { status: 'failed', error: { code: 'DEADLINE_EXCEEDED' } })

  const endless = storyOf(CHAIN).pause(5)
  const endMs = 5 + LIMITS.taskDeadlineMs
  t.equal(nextDueMs(endless.state!), T0 + endMs)
  endless.timer(endMs)
  t.match(endless.state, { status: 'failed', error: { code: 'DEADLINE_EXCEEDED', message: /paused/ } })
  const late = storyOf(CHAIN)
    .pause(5)
    .resume(endMs + 1)
  t.match(
    late.state,
    { status: 'failed', error: { code: 'DEADLINE_EXCEEDED' } },
    'whether or not a timer went off',
  )
  t.strictSame(late.late, ['task-finished'])
})

t.test('an attempt in its queue may wait as much longer as the task was paused', async (t) => {
  const story = storyOf(CHAIN, { deadlineMs: 1000 }).pause(100).resume(600)
  t.equal(story.state!.steps.a!.expiresAtMs, T0 + 1500)
})

t.test('a task that has not begun can be paused', async (t) => {
  const story = storyOf(CHAIN, { delayMs: 1000 }).pause(10)
  t.strictSame(story.timer(1000).last, [], 'it does not begin')
  t.strictSame(story.resume(2000).dispatched, ['a:1'])
  const early = storyOf(CHAIN, { delayMs: 1000 }).pause(10).resume(20)
  t.match(early.state, { status: 'scheduled', startAtMs: T0 + 1000, deadlineAtMs: T0 + HOUR + 10 })
  t.strictSame([early.dispatched, nextDueMs(early.state!)], [[], T0 + 1000])
  t.strictSame(early.timer(1000).dispatched, ['a:1'])
})

t.test('a task that compensates takes no controls', async (t) => {
  const steps: Step[] = [
    { id: 'pay', agent: 'x', compensate: { agent: 'refund' } },
    { id: 'ask', approval: { title: 'Go?' }, needs: ['pay'] },
  ]
  const story = storyOf({ steps }).done(1, 'pay').answer(2, 'ask', { decision: 'rejected' })
  t.match(story.state, { status: 'compensating' })
  t.strictSame(story.dispatched, ['pay.compensate:1'])
  const { state } = story
  for (const late of [
    story.pause(3).late,
    story.resume(4).late,
    story.cancel(5).late,
    story.signal(6, 's', 's1').late,
    story.answer(7, 'ask').late,
  ])
    t.strictSame(late, ['compensating'])
  t.equal(story.state, state)
  const paused = storyOf({ steps }).done(1, 'pay').pause(2).cancel(3)
  t.match(paused.state, { status: 'compensating', pausedAtMs: undefined })
  t.match(paused.done(4, 'pay.compensate').state, { status: 'cancelled' })
})

t.test('a task that runs another one again has the results of that one', async (t) => {
  const results = { a: { n: 1 } }
  const story = new Story().accept({ plan: CHAIN, v: 2, results, retryOf: 'task-0' })
  t.strictSame(story.dispatched, ['b:1'])
  t.match(story.state, {
    retryOf: 'task-0',
    steps: { a: { status: 'completed', attempt: 0, output: { n: 1 } } },
  })
  t.match(story.done(5, 'b', 2).state, { status: 'completed', output: { b: 2 } })
  t.strictSame(story.done(6, 'a').late, ['task-finished'])
  const all = new Story().accept({ plan: CHAIN, v: 2, results: { a: 1, b: null }, retryOf: 'task-0' })
  t.match(all.state, { status: 'completed', output: { b: null } }, 'all of them')
  const none = new Story().accept({ plan: CHAIN, v: 2, results: {}, retryOf: 'task-0' })
  t.strictSame(none.dispatched, ['a:1'])
  const undone = new Story().accept({
    plan: { steps: [{ id: 'a', agent: 'x', compensate: { agent: 'undo' } }, CHAIN.steps[1]!] },
    v: 2,
    results,
    retryOf: 'task-0',
  })
  t.strictSame(undone.failed(5, 'b').dispatched, ['a.compensate:1'], 'what it took over is undone, too')
})

import t from 'tap'
import type { Approval } from '#schemas/approval.ts'
import { MAX_HAND_ONS } from '#schemas/approval.ts'
import type { Plan, Step } from '#schemas/plan.ts'
import { nextDueMs } from '#workflow/decide/decide.ts'
import { assigneesOf, subjectOf } from '#workflow/decide/waiting-steps.ts'
import { Story, T0 } from '../../support/story.ts'

/** A step that waits, and one after it. */
const planOf = (step: Partial<Step>): Plan => ({
  steps: [
    { id: 'wait', ...step },
    { id: 'next', agent: 'x', needs: ['wait'], input: { came: { $from: 'steps.wait.output' } } },
  ],
})
const HOUR = 3_600_000
const storyOf = (step: Partial<Step>, about: { input?: Record<string, unknown>; deadlineMs?: number } = {}) =>
  new Story().accept({ plan: planOf(step), deadlineMs: 24 * HOUR, ...about } as never)

t.test('a sleep ends when its time has come, not before', async (t) => {
  const story = storyOf({ sleep: { ms: 5000 } })
  t.strictSame([story.announced, story.dispatched], [['accepted', 'step-waiting'], []])
  t.match(story.state!.steps.wait, { status: 'sleeping', waitingSinceMs: T0, wakeAtMs: T0 + 5000 })
  t.equal(nextDueMs(story.state!), T0 + 5000)
  t.strictSame(story.timer(4999).dispatched, [])
  story.timer(5000, 5003)
  t.strictSame([story.dispatched, story.announced], [['next:1'], ['step-completed']])
  t.match(story.state!.steps.wait, { status: 'completed', output: { atMs: T0 + 5003 }, wakeAtMs: undefined })
})

t.test('a sleep until a moment, of the plan or of its input', async (t) => {
  const iso = (ms: number) => new Date(T0 + ms).toISOString()
  const moments: [until: unknown, input: Record<string, unknown>][] = [
    [T0 + 7000, {}],
    [iso(7000), {}],
    [{ $from: 'input.at' }, { at: iso(7000) }],
    [{ $from: 'input.at' }, { at: T0 + 7000 }],
  ]
  for (const [until, input] of moments) {
    const story = storyOf({ sleep: { until } } as never, { input })
    t.equal(nextDueMs(story.state!), T0 + 7000, JSON.stringify(until))
    t.strictSame(story.timer(7000).dispatched, ['next:1'])
  }
  for (const until of [T0 - 1, T0, iso(-HOUR)]) {
    const story = storyOf({ sleep: { until } })
    t.strictSame(story.dispatched, ['next:1'], 'a moment that has passed is no time at all')
    t.strictSame(story.announced, ['accepted', 'step-completed'])
  }
})

t.test('a sleep until what is no moment fails', async (t) => {
  for (const at of ['soon', '2031-05-01T08:00:00', '', null, true, [1], { $json: 'x' }]) {
    const story = storyOf({ sleep: { until: { $from: 'input.at' } } }, { input: { at } })
    t.match(story.state, { status: 'failed', error: { code: 'SLEEP_INVALID', stepId: 'wait' } }, String(at))
  }
  const story = storyOf(
    { sleep: { until: { $from: 'input.at' } }, onFailure: 'continue' },
    { input: { at: 'soon' } },
  )
  t.strictSame(story.dispatched, ['next:1'], 'and the plan may go on')
})

t.test('a sleep beyond the deadline ends with it', async (t) => {
  const story = storyOf({ sleep: { ms: 2 * HOUR } }, { deadlineMs: HOUR })
  t.equal(nextDueMs(story.state!), T0 + HOUR)
  story.timer(HOUR)
  t.match(story.state, {
    status: 'failed',
    error: { code: 'DEADLINE_EXCEEDED' },
    steps: { wait: { status: 'cancelled' } },
  })
})

t.test('who waits for a signal in vain fails, or goes on with null', async (t) => {
  const story = storyOf({ waitFor: { signal: 'paid', timeoutMs: 1000 } })
  t.strictSame(story.notes, ['waits for signal "paid"'])
  story.timer(1000)
  t.match(story.state, { status: 'failed', error: { code: 'SIGNAL_TIMEOUT', message: /"paid".* 1000 ms/ } })
  t.strictSame(story.signal(1001, 'paid', 's1').late, ['task-finished'])

  const patient = storyOf({ waitFor: { signal: 'paid', timeoutMs: 1000, onTimeout: 'continue' } }).timer(1000)
  t.strictSame(patient.dispatched, ['next:1'])
  t.match(patient.state!.steps.wait, { status: 'completed', output: null })
  const endless = storyOf({ waitFor: { signal: 'paid' } })
  t.equal(nextDueMs(endless.state!), T0 + 24 * HOUR, 'without a time-out: as long as the task')
})

const approval = (about: Partial<Approval> = {}): Partial<Step> => ({ approval: { title: 'Pay?', ...about } })

t.test('an approval: who, when, what', async (t) => {
  const form = [{ name: 'amount', type: 'number' as const, required: true }]
  const subject = { to: { $from: 'input.to' } }
  const story = storyOf(approval({ form, subject, editable: true }), { input: { to: 'Ann' } })
  t.strictSame(story.notes, ['asks for approval: Pay?'])
  t.match(story.state!.steps.wait, { status: 'awaiting-approval', attempt: 1, waitingSinceMs: T0 })
  t.strictSame(subjectOf(story.state!, story.state!.plan.steps[0]!), { to: 'Ann' })
  t.strictSame(story.answer(5, 'wait').late, ['not-asked'], 'without what is required')
  t.strictSame(story.answer(6, 'wait', { values: { amount: 'x' } }).late, ['not-asked'])
  story.answer(7, 'wait', { values: { amount: 3 }, comment: 'fine' })
  t.strictSame([story.dispatched, story.announced], [['next:1'], ['step-completed']])
  const output = {
    ...{ decision: 'approved', by: 'kim', atMs: T0 + 7 },
    ...{ values: { amount: 3 }, subject: { to: 'Ann' }, comment: 'fine' },
  }
  t.strictSame(story.state!.steps.wait!.output, output)
})

t.test('what is approved may be edited where the plan says so', async (t) => {
  const edited = storyOf(approval({ subject: 'old', editable: true })).answer(5, 'wait', { subject: 'new' })
  t.match(edited.state!.steps.wait, { output: { subject: 'new' } })
  const fixed = storyOf(approval({ subject: 'old' })).answer(5, 'wait', { subject: 'new' })
  t.strictSame(fixed.late, ['not-asked'])
  t.match(fixed.answer(6, 'wait').state!.steps.wait, { output: { subject: 'old' } })
})

t.test('a rejection fails the step, and the plan may go on', async (t) => {
  const story = storyOf(approval()).answer(5, 'wait', { decision: 'rejected', comment: 'too much' })
  const error = { code: 'APPROVAL_REJECTED', message: 'rejected by kim: too much' }
  t.match(story.state, { status: 'failed', error: { ...error, stepId: 'wait' } })
  const lenient = storyOf({ ...approval(), onFailure: 'continue' }).answer(5, 'wait', {
    decision: 'rejected',
  })
  t.strictSame(lenient.dispatched, ['next:1'])
  t.match(lenient.state!.steps.wait, { status: 'failed', error: { message: 'rejected by kim' } })
})

t.test('an approval is answered once, by whoever is first', async (t) => {
  const story = storyOf(approval())
  t.strictSame(story.answer(5, 'wait', { attempt: 2 }).late, ['superseded-attempt'])
  t.strictSame(story.answer(6, 'other').late, ['unknown-step'])
  t.strictSame(story.answer(7, 'next').late, ['not-asked'])
  story.answer(8, 'wait', { by: 'ann' })
  const { state } = story
  t.strictSame(story.answer(9, 'wait', { by: 'bob', decision: 'rejected' }).late, ['not-asked'])
  t.strictSame(story.answer(10, 'wait', { by: 'ann' }).late, ['not-asked'])
  t.equal(story.state, state, 'nothing has changed')
})

t.test('of an answer and a time-out the first in the log counts', async (t) => {
  const plan = { ...approval({ timeoutMs: 1000 }), onFailure: 'continue' as const }
  const story = storyOf(plan).answer(1002, 'wait')
  t.match(story.state!.steps.wait, { status: 'completed' }, 'the timer was late')
  t.strictSame(story.timer(1000, 1003).last, [], 'which finds nothing to do')
  const late = storyOf(plan).timer(1000)
  t.match(late.state!.steps.wait, { status: 'failed', error: { code: 'APPROVAL_TIMEOUT' } })
  t.strictSame(late.answer(1000, 'wait').late, ['not-asked'])
})

t.test('time may approve or reject', async (t) => {
  const approved = storyOf(approval({ timeoutMs: 1000, onTimeout: 'approve', subject: 7 })).timer(1000)
  const output = { decision: 'approved', by: 'timeout', atMs: T0 + 1000, subject: 7 }
  t.strictSame(approved.state!.steps.wait!.output, output)
  const rejected = storyOf(approval({ timeoutMs: 1000, onTimeout: 'reject' })).timer(1000)
  t.match(rejected.state, { status: 'failed', error: { code: 'APPROVAL_REJECTED', message: /1000 ms/ } })
})

t.test('an approval is escalated, in the order of the times, until its own is up', async (t) => {
  const escalation = [
    { afterMs: 3000, assignees: ['boss', 'kim'] },
    { afterMs: 1000, assignees: ['lead'] },
    { afterMs: 9000, assignees: ['nobody'] },
  ]
  const step = approval({ assignees: ['kim'], escalation, timeoutMs: 5000 })
  const story = storyOf(step)
  const assignees = () => assigneesOf(step.approval!, story.state!.steps.wait!)
  t.equal(nextDueMs(story.state!), T0 + 1000)
  t.strictSame(assignees(), ['kim'])
  story.timer(1000)
  t.strictSame([story.announced, story.notes], [['step-waiting'], ['escalated to lead']])
  t.strictSame(assignees(), ['kim', 'lead'])
  t.equal(nextDueMs(story.state!), T0 + 3000)
  story.timer(3000)
  t.strictSame([story.notes, assignees()], [['escalated to boss, kim'], ['kim', 'lead', 'boss']])
  t.equal(nextDueMs(story.state!), T0 + 5000)
  story.timer(5000)
  t.match(story.state, { status: 'failed', error: { code: 'APPROVAL_TIMEOUT' } })

  const away = storyOf(step).timer(1000, 4000).timer(3000, 4001)
  t.match(away.state!.steps.wait, { escalations: 2 }, 'whoever fires timers was away')
  const last = storyOf(approval({ escalation: [escalation[1]!] })).timer(1000)
  t.equal(nextDueMs(last.state!), T0 + 24 * HOUR, 'and without a time-out nothing more is due')
  t.match(last.answer(2000, 'wait').state!.steps.wait, { status: 'completed' })
})

t.test(
  'an approval is handed on: then it is for others, and for whom it is escalated to since',
  async (t) => {
    const escalation = [
      { afterMs: 1000, assignees: ['lead'] },
      { afterMs: 3000, assignees: ['boss'] },
    ]
    const step = approval({ assignees: ['kim'], escalation, timeoutMs: 5000 })
    const story = storyOf(step).timer(1000)
    const assignees = () => assigneesOf(step.approval!, story.state!.steps.wait!)
    story.handOn(1500, 'wait', { to: ['legal', 'sam'], reason: 'not mine' })
    t.strictSame(story.notes, ['handed on to legal, sam by kim: not mine'])
    t.strictSame(assignees(), ['legal', 'sam'])
    t.match(story.state!.steps.wait, {
      ...{ status: 'awaiting-approval', wakeAtMs: T0 + 3000, escalations: 1 },
      handedOn: [{ to: ['legal', 'sam'], by: 'kim', reason: 'not mine', atMs: T0 + 1500, escalations: 1 }],
    })
    story.handOn(2000, 'wait', { to: ['board'], by: 'sam', keep: true })
    t.strictSame([story.notes, assignees()], [['handed on to board by sam'], ['legal', 'sam', 'board']])
    t.strictSame(story.timer(3000).late, [])
    t.strictSame(assignees(), ['legal', 'sam', 'board', 'boss'], 'escalations go on')
    t.strictSame(story.handOn(3500, 'wait', { to: ['x'], attempt: 2 }).late, ['superseded-attempt'])
    t.strictSame(story.handOn(3501, 'none', { to: ['x'] }).late, ['unknown-step'])
    t.match(story.answer(4000, 'wait').state!.steps.wait, { status: 'completed' })

    const often = storyOf(approval({}))
    for (let i = 0; i < MAX_HAND_ONS; i++) t.strictSame(often.handOn(i, 'wait', { to: [`n${i}`] }).late, [])
    t.strictSame(often.handOn(99, 'wait', { to: ['more'] }).late, ['no-change'])
    t.strictSame(
      storyOf(approval({}))
        .answer(1, 'wait')
        .handOn(2, 'wait', { to: ['x'] }).late,
      ['not-asked'],
    )
  },
)

t.test('a subject that could not be kept fails before anybody reads it', async (t) => {
  const subject = { $from: 'input.long' }
  const story = storyOf(approval({ subject }), { input: { long: 'x'.repeat(300_000) } })
  t.match(story.state, { status: 'failed', error: { code: 'OUTPUT_TOO_LARGE', stepId: 'wait' } })
  const endless = storyOf(approval({ subject }), { input: { long: 'x'.repeat(5_000_000) } })
  t.match(endless.state, { status: 'failed', error: { code: 'EXPANSION_TOO_LARGE' } })
})

t.test('whoever waits when the task ends is cancelled', async (t) => {
  const steps: Step[] = [
    { id: 'sleep', sleep: { ms: 1000 } },
    { id: 'signal', waitFor: { signal: 's', timeoutMs: 1000 } },
    { id: 'ask', approval: { title: 'Go?', timeoutMs: 1000 } },
    { id: 'later', sleep: { ms: 1 }, needs: ['ask'] },
  ]
  const story = new Story().accept({ plan: { steps } }).cancel(5)
  const statuses = Object.values(story.state!.steps).map(({ status }) => status)
  t.strictSame(statuses, ['cancelled', 'cancelled', 'cancelled', 'skipped'])
  t.equal(nextDueMs(story.state!), undefined)
  t.strictSame(story.answer(6, 'ask').late, ['task-finished'])
})

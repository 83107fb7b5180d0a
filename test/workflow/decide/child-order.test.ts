import t from 'tap'
import { LIMITS } from '#schemas/limits.ts'
import type { Plan, Step } from '#schemas/plan.ts'
import { childIdOf } from '#workflow/decide/child-id.ts'
import { childOrder } from '#workflow/decide/child-order.ts'
import { unresolvedCommands } from '#workflow/decide/commands.ts'
import { nextDueMs } from '#workflow/decide/decide.ts'
import { Story, T0 } from '../../support/story.ts'

const childOf = (about: Partial<Step> = {}, task: Partial<Step['task']> = {}): Plan => ({
  steps: [{ id: 'a', task: { type: 'report', input: { n: { $from: 'input.n' } }, ...task }, ...about }],
})
const begin = (plan: Plan) =>
  new Story().accept({ plan, input: { n: 7 }, deadlineMs: 10_000, priority: 0, labels: { team: 'red' } })

t.test('a child is a task with an id, a time and a parent of its own', async (t) => {
  const story = begin(childOf())
  t.strictSame([story.begun, story.dispatched], [['StartChild a:1'], []])
  const order = childOrder(story.state!, 'a', 1)
  t.match(order, {
    childId: childIdOf('task-1', 'a', 1),
    submission: {
      type: 'report',
      input: { n: 7 },
      deadlineMs: 10_000,
      priority: 0,
      labels: { team: 'red', 'murmur.parent': 'task-1' },
    },
    parent: { taskId: 'task-1', stepId: 'a', attempt: 1, depth: 1 },
  })
  t.equal(childOrder(story.state!, 'a', 2), undefined)
  t.strictSame(unresolvedCommands(story.state!), [{ kind: 'StartChild', stepId: 'a', attempt: 1 }])
  t.match(story.done(5, 'a', { ok: true }).state, { status: 'completed', output: { a: { ok: true } } })
  t.equal(childOrder(story.state!, 'a', 1), undefined)
})

t.test('its times are those of its step; its labels are as many as a task may have', async (t) => {
  const story = begin(childOf({ timeoutMs: 3000 }, { deadlineMs: 5000 }))
  t.equal(childOrder(story.state!, 'a', 1)?.submission.deadlineMs, 3000)
  t.equal(nextDueMs(story.state!), T0 + 3000)
  story.timer(3000)
  t.strictSame(story.last[0], { kind: 'CancelChild', childId: childIdOf('task-1', 'a', 1) })
  t.match(story.state?.error, { code: 'STEP_TIMEOUT' }, 'a child is started once where nothing else is said')
  const labels = Object.fromEntries(Array.from({ length: LIMITS.labels }, (_, i) => [`l${i}`, 'x']))
  const many = new Story().accept({ plan: childOf(), labels })
  t.equal(Object.keys(childOrder(many.state!, 'a', 1)!.submission.labels!).length, LIMITS.labels)
})

t.test('who does not want it any more says so, and a new owner says it again', async (t) => {
  const cancel = { kind: 'CancelChild', childId: childIdOf('task-1', 'a', 1) }
  const story = begin(childOf()).cancel(5)
  t.match(story.last, [cancel, { event: { kind: 'cancelled' } }])
  t.match(unresolvedCommands(story.state!), [cancel, { kind: 'AnnounceEvent' }])
  const twice = begin(childOf({ timeoutMs: 100, retry: { maxAttempts: 2 } })).timer(100)
  twice.timer(nextDueMs(twice.state!)! - T0)
  t.strictSame(unresolvedCommands(twice.state!), [cancel, { kind: 'StartChild', stepId: 'a', attempt: 2 }])
})

t.test('children of a list, with a fallback and something to undo', async (t) => {
  const plan: Plan = {
    steps: [
      { id: 'a', agent: 'x', compensate: { agent: 'undo' } },
      {
        id: 'each',
        needs: ['a'],
        task: { type: 'report', input: { n: { $from: 'item' } } },
        forEach: { items: [1, 2, 3], concurrency: 2 },
        fallback: { agent: 'other' },
      },
    ],
  }
  const story = new Story().accept({ plan }).done(1, 'a')
  t.strictSame(story.begun, ['StartChild each.0:1', 'StartChild each.1:1'])
  t.strictSame(childOrder(story.state!, 'each.1', 1)?.submission.input, { n: 2 })
  story.result(2, 'each.1', 1, { kind: 'retry', error: { code: 'BROKE', message: 'child failed' } })
  t.match(story.last, [
    { kind: 'CancelChild', childId: childIdOf('task-1', 'each.0', 1) },
    { kind: 'DispatchStep', stepId: 'each.fallback' },
    { event: { kind: 'step-retrying' } },
  ])
  story.failed(3, 'each.fallback')
  t.strictSame(story.dispatched, ['a.compensate:1'])
  story.done(4, 'a.compensate')
  t.match(story.state, { status: 'failed', error: { code: 'BROKE', message: /item 1: child failed/ } })
  t.ok(
    unresolvedCommands(story.state!).some(({ kind }) => kind === 'CancelChild'),
    'the child that was called back is called back again',
  )
})

t.test('a child that has ended tells its parent, and again when nobody knows', async (t) => {
  const parent = { taskId: 'p', stepId: 'a', attempt: 1, depth: 1 }
  const story = new Story().accept({ plan: { steps: [{ id: 'a', agent: 'x' }] }, v: 2, parent }).done(1, 'a')
  t.strictSame(
    story.last.map(({ kind }) => kind),
    ['AnnounceEvent', 'ReportToParent'],
  )
  t.strictSame(
    unresolvedCommands(story.state!).map(({ kind }) => kind),
    ['ReportToParent', 'AnnounceEvent'],
  )
})

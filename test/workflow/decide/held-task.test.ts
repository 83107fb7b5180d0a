import t from 'tap'
import type { Plan } from '#schemas/plan.ts'
import { nextDueMs } from '#workflow/decide/decide.ts'
import { Story, T0 } from '../../support/story.ts'

const PLAN: Plan = { steps: [{ id: 'a', agent: 'x' }] }
const OTHER: Plan = { steps: [{ id: 'b', agent: 'y' }] }
const HOUR = 3_600_000
const held = (about: { delayMs?: number } = {}) =>
  new Story().accept({ v: 2, plan: PLAN, held: 'debounce', deadlineMs: HOUR, ...about })
const release = (story: Story, ms: number, task?: object) =>
  story.at(ms, {
    kind: 'control',
    body: { v: 2, taskId: 'task-1', action: 'release', ...(task && { task }) } as never,
  })
const LATER = { priority: 0, input: { n: 2 }, plan: OTHER, deadlineMs: 5000 }

t.test('a task that is held begins at no time, only when it is released', async (t) => {
  const story = held({ delayMs: 10 })
  t.match(story.state, { status: 'scheduled', held: 'debounce' })
  t.equal(nextDueMs(story.state!), T0 + HOUR, 'only its deadline is due')
  story.timer(10)
  t.match(story.state, { status: 'scheduled' })
  release(story, 20)
  t.match(story.state, { status: 'running', held: undefined })
  t.strictSame(story.dispatched, ['a:1'])
})

t.test('released as another one: that input, that plan, its deadline from there', async (t) => {
  const story = held()
  const { rev } = story.state!
  release(story, 100, LATER)
  t.match(story.state, { input: { n: 2 }, priority: 0, startAtMs: T0 + 100, deadlineAtMs: T0 + 5100 })
  t.strictSame(Object.keys(story.state!.steps), ['b'])
  t.strictSame(story.dispatched, ['b:1'])
  t.equal(story.state!.rev, rev + 2, 'whoever watches finds one missing, and looks again')
  t.match(story.done(110, 'b', 7).state, { status: 'completed', output: { b: 7 } })
})

t.test('a release counts once, and not after the end', async (t) => {
  const story = held()
  release(story, 1, LATER)
  const { state } = story
  release(story, 2, { ...LATER, plan: PLAN })
  t.equal(story.state, state)
  t.strictSame(story.late, ['no-change'])
  const cancelled = held().cancel(1)
  t.match(cancelled.state, { status: 'cancelled', held: undefined })
  release(cancelled, 2, LATER)
  t.strictSame(cancelled.late, ['task-finished'])
})

t.test('one that is paused when it is released begins when it is resumed, and no sooner', async (t) => {
  const story = held().pause(1)
  release(story, 2, LATER)
  t.match(story.state, { status: 'paused', held: undefined })
  t.strictSame(story.dispatched, [])
  story.resume(3)
  t.match(story.state, { status: 'running' })
  t.strictSame(story.dispatched, ['b:1'])
  const resumed = held().pause(1).resume(2)
  t.match(resumed.state, { status: 'scheduled', held: 'debounce' }, 'a resume releases nothing')
})

t.test('one that has a time of its own waits for that, too', async (t) => {
  const story = held({ delayMs: 100 })
  release(story, 50)
  t.match(story.state, { status: 'scheduled', held: undefined })
  t.match(story.timer(100).state, { status: 'running' })
})

t.test('one that nobody releases ends with its deadline', async (t) => {
  t.match(held().timer(HOUR).state, { status: 'failed', error: { code: 'DEADLINE_EXCEEDED' } })
})

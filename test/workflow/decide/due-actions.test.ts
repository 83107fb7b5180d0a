import t from 'tap'
import type { Plan } from '#schemas/plan.ts'
import { actOnDue } from '#workflow/decide/due-actions.ts'
import { TaskDraft } from '#workflow/decide/transitions.ts'
import { Story, T0 } from '../../support/story.ts'

const PLAN: Plan = {
  steps: [
    { id: 'tried', agent: 'x', onFailure: 'continue' },
    { id: 'nap', sleep: { ms: 3000 } },
    { id: 'queued', agent: 'x', queueTimeoutMs: 100, onFailure: 'continue' },
    { id: 'runs', agent: 'x', timeoutMs: 100, retry: { maxAttempts: 1 } },
    { id: 'later', sleep: { ms: 9000 } },
    { id: 'after', agent: 'x', needs: ['nap'] },
  ],
}

function storyOf() {
  const story = new Story().accept({ plan: PLAN })
  story.result(1, 'tried', 1, { kind: 'retry', error: { code: 'E', message: 'e' }, afterMs: 2000 })
  return story.started(2, 'runs', 1)
}

function act(story: Story, untilMs: number): TaskDraft {
  const draft = TaskDraft.of(story.state!, { atMs: T0 + untilMs, seq: 99 })
  actOnDue(draft, T0 + untilMs)
  return draft
}

const statuses = ({ state }: TaskDraft) =>
  Object.fromEntries(Object.entries(state.steps).map(([id, { status }]) => [id, status]))

t.test('everything that is due is done, each in its way, and nothing else', async (t) => {
  const story = storyOf()
  const before = structuredClone(story.state)
  const idle = act(story, 1999)
  t.strictSame([idle.commands, statuses(idle).tried], [[], 'backoff'])
  t.match(statuses(act(story, 2001)), { tried: 'dispatched', nap: 'sleeping' })
  const draft = act(story, 3100)
  const { after, ...others } = statuses(draft)
  t.strictSame(others, {
    ...{ tried: 'dispatched', nap: 'completed', queued: 'failed' },
    ...{ runs: 'dispatched', later: 'sleeping' },
  })
  t.equal(after, 'dispatched', 'what a sleep was in the way of begins')
  t.match(draft.state.steps.queued, { error: { code: 'QUEUE_TIMEOUT' } })
  t.strictSame(story.state, before, 'the state that it began with is as it was')
})

t.test('what one of them ends is not acted on any more', async (t) => {
  const draft = act(storyOf(), 9500)
  t.match(draft.state, { status: 'failed', error: { code: 'STEP_TIMEOUT', stepId: 'runs' } })
  t.match(statuses(draft), { nap: 'completed', runs: 'failed', later: 'cancelled' }, 'the one behind it')
})

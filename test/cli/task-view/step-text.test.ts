import t from 'tap'
import type { Step } from '#schemas/plan.ts'
import type { StepState } from '#schemas/task.ts'
import { doneText, severalRunsText, waitingText } from '../../../services/cli/task-view/step-text.ts'

const running = (about: Partial<StepState> = {}): StepState => ({ status: 'running', attempt: 0, ...about })
const NOTE = { attempt: 0, fraction: 0.25, note: '5 of 20 items, 1 failed', firstAtMs: 1 }

t.test('a list is one line with a count: from the state, or as it was told since', async (t) => {
  const step: Step = { id: 'a', agent: 'x', forEach: { items: [] } }
  const run: StepState = { status: 'dispatched', attempt: 1 }
  const items = { total: 20, next: 7, completed: 4, failed: 1 }
  t.equal(
    severalRunsText(step, running({ items, runs: { 5: run, 6: run } })),
    '███░░░░░░░  25 % 5 of 20 items, 1 failed, 2 out',
  )
  t.match(severalRunsText(step, running({ items }), NOTE), /25 % 5 of 20 items, 1 failed$/)
  t.match(
    severalRunsText(step, running({ items: { total: 0, next: 0, completed: 0, failed: 0 } })),
    /100 % 0 of 0 items/,
  )
  t.equal(severalRunsText(step, running()), 'running', 'while its list is fetched')
})

t.test('loops and fallbacks', async (t) => {
  const step: Step = {
    ...{ id: 'a', agent: 'x', repeat: { until: 'true', maxIterations: 9 } },
    fallback: { agent: 'plan-b' },
  }
  t.equal(severalRunsText(step, running({ iteration: 3 })), 'iteration 3 of at most 9')
  t.equal(severalRunsText(step, running({ iteration: 3, fellBack: true })), 'its fallback plan-b runs')
})

t.test('what waits says for what, and how long yet', async (t) => {
  const text = (step: Partial<Step>, wakeAtMs?: number) =>
    waitingText(
      { id: 'a', ...step },
      { status: 'sleeping', attempt: 0, ...(wakeAtMs !== undefined && { wakeAtMs }) },
      1000,
    )
  t.equal(text({ sleep: { ms: 5000 } }, 61_000), 'sleeps until 1970-01-01T00:01:01.000Z, another 1 min 00 s')
  t.equal(text({ sleep: { until: 'x' } }), 'sleeps')
  t.equal(text({ waitFor: { signal: 'go' } }), 'awaits signal go')
  t.equal(text({ waitFor: { signal: 'go' } }, 3000), 'awaits signal go, for another 2.00 s at most')
  t.equal(text({ approval: { title: 'Pay?', assignees: ['a', 'b'] } }, 5), 'awaits approval: Pay? (a, b)')
  t.equal(text({ approval: { title: 'Pay?' } }), 'awaits approval: Pay?')
})

t.test('how a step came to its output', async (t) => {
  const done = (about: Partial<StepState>, retryOf?: string) =>
    doneText({ status: 'completed', attempt: 1, ...about }, { ...(retryOf && { retryOf }) })
  t.equal(done({}), 'done')
  t.equal(done({ attempt: 3 }), 'done at attempt 3')
  t.equal(done({ viaFallback: true }), 'done by its fallback')
  t.equal(done({ items: { total: 3, next: 3, completed: 2, failed: 1 } }), 'done, 3 items, 1 failed')
  t.equal(done({ iteration: 1 }), 'done after 1 iteration')
  t.equal(done({ attempt: 0 }, 't0'), 'kept from t0')
  t.equal(done({ attempt: 0, waitingSinceMs: 1 }, 't0'), 'done')
  t.equal(done({ compensated: 'completed' }), 'done, undone')
  t.equal(
    done({ compensated: 'failed', compensationError: { code: 'NO', message: '' } }),
    'done, not undone: NO',
  )
})

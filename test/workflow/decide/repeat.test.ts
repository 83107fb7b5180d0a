import t from 'tap'
import type { JsonObject } from '#schemas/json.ts'
import type { Plan, Step } from '#schemas/plan.ts'
import { buildStepMessage } from '#workflow/decide/build-step-message.ts'
import { nextDueMs } from '#workflow/decide/decide.ts'
import { evaluateRun, valuesNeeded } from '#workflow/decide/evaluations.ts'
import { Story, T0 } from '../../support/story.ts'

const STORED = {
  $json: { blob: 'outputs/x.json', size: 9, sha256: 'a'.repeat(64), contentType: 'application/json' },
}
const loop = (about: Partial<Step['repeat']> = {}, ofStep: Partial<Step> = {}): Plan => ({
  steps: [
    {
      id: 'poll',
      agent: 'x',
      input: { before: { $from: 'previous.n' }, round: { $from: 'iteration' } },
      repeat: { until: 'output.n > input.limit', maxIterations: 3, ...about },
      ...ofStep,
    },
  ],
})
const begin = (plan: Plan) => new Story().accept({ plan, input: { limit: 5 } })
const inputOf = (story: Story, runId: string) => buildStepMessage(story.state!, runId, 1, () => 'r')?.input

t.test('it runs until its condition holds; each iteration sees the one before', async (t) => {
  const story = begin(loop())
  t.strictSame(story.dispatched, ['poll.1:1'])
  t.strictSame(inputOf(story, 'poll.1'), { before: null, round: 1 })
  story.done(1, 'poll.1', { n: 4 })
  t.strictSame([story.dispatched, story.announced], [['poll.2:1'], ['progress']])
  t.strictSame(inputOf(story, 'poll.2'), { before: 4, round: 2 })
  t.strictSame(story.done(2, 'poll.1', { n: 9 }).late, ['superseded-attempt'])
  story.done(3, 'poll.2', { n: 6 })
  t.match(story.state, { status: 'completed', output: { poll: { n: 6 } } })
  t.match(story.state?.steps.poll, { iteration: 2 })
  t.notOk(story.state?.steps.poll?.previous)
})

t.test('between two iterations it waits, and it ends when none is left', async (t) => {
  const story = begin(loop({ delayMs: 1000 })).done(1, 'poll.1', { n: 0 })
  t.strictSame([story.dispatched, nextDueMs(story.state!)], [[], T0 + 1001])
  t.strictSame(story.timer(1001).dispatched, ['poll.2:1'])
  story.done(1100, 'poll.2', { n: 1 })
  story.timer(2100).done(2200, 'poll.3', { n: 2 })
  t.match(story.state?.error, { code: 'REPEAT_EXHAUSTED', message: /after 3 iterations/, stepId: 'poll' })
})

t.test('an iteration that fails, and a condition that has no value, fail the step', async (t) => {
  t.match(begin(loop()).done(1, 'poll.1', { n: 0 }).failed(2, 'poll.2').state?.error, {
    code: 'BROKE',
    message: 'iteration 2: it broke',
  })
  t.match(begin(loop()).done(1, 'poll.1', 'no object').state?.error, { code: 'EXPRESSION_FAILED' })
})

t.test('a condition over an output in the object store is computed where that can be fetched', async (t) => {
  const story = begin(loop()).done(1, 'poll.1', STORED as unknown as JsonObject)
  t.strictSame(story.begun, ['Evaluate poll.until:1'])
  t.strictSame(valuesNeeded(story.state!, 'poll'), [{ stepId: 'poll', field: 'previous' }])
  const steps = { poll: { ...story.state!.steps.poll!, previous: { n: 6 } } }
  t.strictSame(evaluateRun({ ...story.state!, steps }, 'poll.until'), { kind: 'done', output: true })
  t.match(evaluateRun(story.state!, 'poll.until'), { kind: 'fail', error: { code: 'EXPRESSION_FAILED' } })
  t.strictSame(story.done(2, 'poll.until', false).dispatched, ['poll.2:1'])
  story.done(3, 'poll.2', STORED as unknown as JsonObject).done(4, 'poll.until', true)
  t.match(story.state, { status: 'completed', output: { poll: STORED } })
})

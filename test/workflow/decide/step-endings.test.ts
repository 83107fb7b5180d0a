import t from 'tap'
import type { Plan, Step } from '#schemas/plan.ts'
import { buildStepMessage } from '#workflow/decide/build-step-message.ts'
import { nextDueMs } from '#workflow/decide/decide.ts'
import { Story, T0 } from '../../support/story.ts'

const fallback = { agent: 'other', input: { why: { $from: 'error.code' } } }
const one = (about: Partial<Step> = {}): Plan => ({
  steps: [
    { id: 'a', agent: 'x', retry: { maxAttempts: 1 }, fallback, ...about },
    { id: 'b', agent: 'x', needs: ['a'], input: { $from: 'steps.a.output' } },
  ],
})

t.test('a step that has failed for good runs its fallback, and has its output', async (t) => {
  const story = new Story().accept({ plan: one() }).failed(1, 'a')
  t.strictSame([story.dispatched, story.announced], [['a.fallback:1'], ['step-retrying']])
  t.match(
    buildStepMessage(story.state!, 'a.fallback', 1, () => 'r'),
    { agent: 'other', input: { why: 'BROKE' } },
  )
  t.strictSame(story.done(2, 'a', 'late').late, ['superseded-attempt'])
  story.done(3, 'a.fallback', 'instead')
  t.strictSame(story.dispatched, ['b:1'])
  t.match(story.state?.steps.a, {
    status: 'completed',
    viaFallback: true,
    output: 'instead',
    error: { code: 'BROKE' },
  })
  t.notOk(story.state?.steps.a?.runs)
  t.equal(buildStepMessage(story.state!, 'b', 1, () => 'r')?.input, 'instead')
})

t.test('a fallback that fails, too, fails the step with both reasons', async (t) => {
  const worse = { code: 'WORSE', message: 'worse' }
  const story = new Story().accept({ plan: one() }).failed(1, 'a').failed(2, 'a.fallback', 1, worse)
  t.match(story.state?.error, { code: 'WORSE', message: /worse; before that BROKE: it broke/, stepId: 'a' })
  const goesOn = new Story().accept({ plan: one({ onFailure: 'continue' }) })
  t.strictSame(goesOn.failed(1, 'a').failed(2, 'a.fallback', 1, worse).dispatched, ['b:1'])
})

t.test('time that ran out and lists that failed have fallbacks, too', async (t) => {
  const waits = new Story().accept({ plan: one({ queueTimeoutMs: 50 }) })
  waits.timer(nextDueMs(waits.state!)! - T0)
  t.strictSame([waits.retracted, waits.dispatched], [['a:1'], ['a.fallback:1']])
  const each = new Story().accept({ plan: one({ forEach: { items: [1, 2, 3] } }) }).failed(1, 'a.1')
  t.strictSame([each.retracted, each.dispatched], [['a.0:1', 'a.2:1'], ['a.fallback:1']])
  t.strictSame(each.done(2, 'a.0').late, ['superseded-attempt'])
  t.match(each.done(3, 'a.fallback', []).state?.steps.a, {
    status: 'completed',
    output: [],
    viaFallback: true,
  })
  const loop = new Story().accept({ plan: one({ repeat: { until: 'output', maxIterations: 1 } }) })
  t.strictSame(loop.done(1, 'a.1', false).dispatched, ['a.fallback:1'])
})

t.test('how often an attempt is made again depends on how the last one ended', async (t) => {
  const retry = {
    maxAttempts: 2,
    byCode: { BUSY: { maxAttempts: 4, initialDelayMs: 1000 }, NEVER: { maxAttempts: 1 } },
  }
  const plan: Plan = { steps: [{ id: 'a', agent: 'x', retry }] }
  const end = (story: Story, attempt: number, code: string) =>
    story.result(attempt, 'a', attempt, { kind: 'retry', error: { code, message: 'no' } })
  const again = (story: Story) => story.timer(nextDueMs(story.state!)! - T0)
  const busy = end(new Story().accept({ plan }), 1, 'BUSY')
  t.ok(nextDueMs(busy.state!)! - T0 > 700, 'after the delay of its code')
  again(busy)
  again(end(busy, 2, 'BUSY'))
  t.match(busy.state?.steps.a, { status: 'dispatched', attempt: 3 })
  t.match(end(busy, 3, 'OTHER').state?.error, { message: 'no (attempt 3 of 2)' })
  t.equal(end(new Story().accept({ plan }), 1, 'NEVER').state?.status, 'failed')
})

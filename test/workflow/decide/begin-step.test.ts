import t from 'tap'
import type { JsonObject } from '#schemas/json.ts'
import type { Plan, Step } from '#schemas/plan.ts'
import { evaluateRun } from '#workflow/decide/evaluations.ts'
import { Story } from '../../support/story.ts'

const step = (id: string, about: Partial<Step> = {}): Step => ({ id, agent: 'x', ...about })
const STORED = {
  $json: { blob: 'outputs/x.json', size: 9, sha256: 'a'.repeat(64), contentType: 'application/json' },
}

t.test('a step runs when its condition holds', async (t) => {
  const plan: Plan = {
    steps: [
      step('look'),
      step('big', { needs: ['look'], when: 'steps.look.output.n > 10' }),
      step('small', { needs: ['look'], when: 'steps.look.output.n <= 10' }),
      step('join', { needs: ['big', 'small'] }),
    ],
  }
  const story = new Story().accept({ plan }).done(1, 'look', { n: 12 })
  t.strictSame([story.dispatched, story.announced], [['big:1'], ['step-completed', 'step-skipped']])
  t.strictSame(story.done(2, 'big', 1).dispatched, ['join:1'], 'one of two ways is enough')
  t.match(story.done(3, 'join', 2).state, { status: 'completed', steps: { small: { status: 'skipped' } } })
})

t.test('where nothing came nothing goes on: what needs only skipped steps is skipped', async (t) => {
  const plan: Plan = {
    steps: [step('a', { when: 'input.yes' }), step('b', { needs: ['a'] }), step('c', { needs: ['b'] })],
  }
  const story = new Story().accept({ plan, input: { yes: false } })
  t.match(story.state, { status: 'completed', output: { c: null } })
  t.strictSame(story.announced, ['accepted', 'step-skipped', 'step-skipped', 'step-skipped', 'completed'])
})

t.test('a condition may ask what became of a step that may fail', async (t) => {
  const plan: Plan = {
    steps: [
      step('a', { onFailure: 'continue' }),
      step('b', { needs: ['a'], when: 'steps.a.status == "failed" && steps.a.error.code == "BROKE"' }),
    ],
  }
  t.strictSame(new Story().accept({ plan }).failed(1, 'a').dispatched, ['b:1'])
})

t.test('a condition without a value fails its step, and that may be', async (t) => {
  const plan = (about: Partial<Step>): Plan => ({ steps: [step('a', { when: 'input.missing', ...about })] })
  const story = new Story().accept({ plan: plan({}) })
  t.match(story.state, { status: 'failed', error: { code: 'EXPRESSION_FAILED', stepId: 'a' } })
  t.equal(new Story().accept({ plan: plan({ onFailure: 'continue' }) }).state?.status, 'completed')
})

t.test('a condition over what lies in the object store is computed where that can be fetched', async (t) => {
  const plan: Plan = {
    steps: [step('a'), step('b', { needs: ['a'], when: 'steps.a.output.n == 1' })],
  }
  const accepted = () => new Story().accept({ plan }).done(1, 'a', STORED as unknown as JsonObject)
  const story = accepted()
  t.strictSame([story.begun, story.state?.steps.b?.status], [['Evaluate b.when:1'], 'running'])
  const fetched = { ...story.state!, steps: { ...story.state!.steps } }
  fetched.steps.a = { ...fetched.steps.a!, output: { n: 1 } }
  t.strictSame(evaluateRun(fetched, 'b.when'), { kind: 'done', output: true })
  t.strictSame(story.done(2, 'b.when', true).dispatched, ['b:1'])
  t.match(story.state?.steps.b, { status: 'dispatched', attempt: 1 })
  t.match(accepted().done(2, 'b.when', false).state, {
    status: 'completed',
    steps: { b: { status: 'skipped' } },
  })
  const cannot = { code: 'EXPRESSION_FAILED', message: 'no' }
  t.match(accepted().failed(2, 'b.when', 1, cannot).state?.error, { ...cannot, stepId: 'b' })
})

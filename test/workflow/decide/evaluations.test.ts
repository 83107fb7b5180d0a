import t from 'tap'
import type { JsonValue } from '#schemas/json.ts'
import type { Step } from '#schemas/plan.ts'
import type { TaskState } from '#schemas/task.ts'
import { evaluateRun, inlineItem, itemsOf, valuesNeeded } from '#workflow/decide/evaluations.ts'

const STORED: JsonValue = {
  $json: { blob: 'a', size: 9, sha256: 'a'.repeat(64), contentType: 'application/json' },
}
const state = (step: Partial<Step>, output: JsonValue, about: object = {}): TaskState =>
  ({
    id: 'k',
    input: { files: ['a', 'b'] },
    plan: { steps: [{ id: 'list' }, { id: 'other' }, { id: 's', needs: ['list'], ...step }] },
    steps: { list: { output }, other: { output: STORED }, s: about },
  }) as unknown as TaskState
const over = (items: JsonValue) => ({ forEach: { items } })

t.test('the list of a step, and its items where they are in the state', async (t) => {
  const written = state(over([1, { $from: 'input.files.1' }]), null)
  t.strictSame([itemsOf(written, 's'), inlineItem(written, 's', 1)], [[1, 'b'], 'b'])
  const referred = state(over({ $from: 'steps.list.output.files' }), { files: ['x'] })
  t.strictSame([inlineItem(referred, 's', 0), inlineItem(referred, 's', 1)], ['x', null])
  const stored = state(over({ $from: 'steps.list.output.files' }), STORED)
  t.match(itemsOf(stored, 's'), { $json: {}, path: ['files'] })
  t.equal(inlineItem(stored, 's', 0), undefined, 'it has to be fetched')
})

t.test('what has to be fetched: of needed steps, and of the iteration before', async (t) => {
  t.strictSame(valuesNeeded(state({}, STORED, { previous: STORED }), 's'), [
    { stepId: 'list', field: 'output' },
    { stepId: 's', field: 'previous' },
  ])
  t.strictSame(valuesNeeded(state({}, 1, { previous: 2 }), 's'), [])
})

t.test('a condition that could not be fetched, or of no step, fails', async (t) => {
  const when = { when: 'steps.list.output == 1' }
  t.strictSame(evaluateRun(state(when, 1), 's.when'), { kind: 'done', output: true })
  t.match(evaluateRun(state(when, STORED), 's.when'), { kind: 'fail', error: { code: 'EXPRESSION_FAILED' } })
  t.match(evaluateRun(state(when, 1), 'none.when'), { kind: 'fail', error: { message: /no step "none"/ } })
})

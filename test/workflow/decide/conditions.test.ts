import t from 'tap'
import type { Step } from '#schemas/plan.ts'
import { untilHolds, whenHolds } from '#workflow/decide/conditions.ts'
import { taskState } from '../../support/task-states.ts'

const STORED = {
  $json: { blob: 'o/x.json', size: 9, sha256: 'a'.repeat(64), contentType: 'application/json' },
}
const state = taskState('t', {
  input: { n: 2 },
  steps: {
    a: { status: 'completed', attempt: 1, output: { n: 3, big: STORED } },
    b: { status: 'failed', attempt: 1, error: { code: 'BROKE', message: 'm', stepId: 'b' } },
  },
})
const when = (text: string) => whenHolds(state, { id: 'c', agent: 'x', needs: ['a', 'b'], when: text })

t.test('a condition reads the input and the steps that are needed', async (t) => {
  t.strictSame(when('steps.a.output.n > input.n'), { ok: true, value: true })
  t.strictSame(when('steps.b.error.code == "OTHER" || steps.b.output != null'), { ok: true, value: false })
  t.match(when('input.n'), { ok: false, error: { code: 'EXPRESSION_FAILED' } })
})

t.test('what lies behind a reference to the object store has to be fetched', async (t) => {
  t.equal(when('steps.a.output.big.n == 1'), 'stored')
  t.strictSame(when('has(steps.a.output.n)'), { ok: true, value: true }, 'and nothing else')
  const step: Step = { id: 'c', agent: 'x', repeat: { until: 'output.n == iteration', maxIterations: 2 } }
  t.strictSame(untilHolds(state, step, { output: { n: 2 }, iteration: 2 }), { ok: true, value: true })
  t.equal(untilHolds(state, step, { output: STORED, iteration: 2 }), 'stored')
})

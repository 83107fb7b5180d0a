import t from 'tap'
import type { Step } from '#schemas/plan.ts'
import { agentsOfStep, bodyOf, bodyOfRun, isReserved } from '#workflow/decide/run-body.ts'

const step: Step = {
  id: 'a',
  agent: 'x',
  input: 1,
  timeoutMs: 5,
  fallback: { agent: 'y', input: 2 },
  compensate: { agent: 'z' },
}

t.test('what each run of a step does', async (t) => {
  t.match(bodyOf(step), { agent: 'x', input: 1, timeoutMs: 5 })
  t.match(bodyOf(step, '3'), { agent: 'x', input: 1 })
  t.match(bodyOf(step, 'fallback'), { agent: 'y', input: 2 })
  t.equal(bodyOf(step, 'fallback')?.timeoutMs, undefined, 'with limits of its own')
  t.match(bodyOf(step, 'compensate'), { agent: 'z' })
  t.match(bodyOf(step, 'when'), { agent: '_evaluation' })
  t.match(bodyOf({ id: 'c', task: { type: 'report', input: { n: 1 } } }), { agent: '_task', input: { n: 1 } })
  t.equal(bodyOf({ id: 's', sleep: { ms: 1 } }), undefined)
  t.equal(bodyOfRun({ steps: [step] }, 'b'), undefined)
})

t.test('the agents that a step needs, and names that none may have', async (t) => {
  t.strictSame(agentsOfStep(step), ['x', 'y', 'z'])
  t.strictSame(agentsOfStep({ id: 's', sleep: { ms: 1 } }), [])
  t.strictSame([isReserved('_task'), isReserved('task')], [true, false])
})

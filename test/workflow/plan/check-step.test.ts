import t from 'tap'
import { LIMITS } from '#schemas/limits.ts'
import type { Plan, Step } from '#schemas/plan.ts'
import { agentsOf, assertPlan } from '#workflow/plan/check-plan.ts'
import { assertStep } from '#workflow/plan/check-step.ts'

const from = (path: string) => ({ $from: path })
const step = (about: Partial<Step> = {}): Step => ({ id: 'b', agent: 'x', needs: ['a'], ...about })
const code = (about: Partial<Step>): string => {
  try {
    assertStep(step(about))
    return 'fine'
  } catch (error) {
    return (error as { code?: string }).code ?? String(error)
  }
}
const waiting = (about: Partial<Step>) => code({ agent: undefined, ...about })
const instead = (path: string) => ({ agent: 'y', input: from(path) })
const each = { items: from('steps.a.output') }
const loop = { until: 'output == 1', maxIterations: 2 }

t.test('a reference means something in its place only', async (t) => {
  const cases: [about: Partial<Step>, code: string][] = [
    [{ input: from('item.x'), forEach: each }, 'fine'],
    [{ input: [from('index'), from('item')], forEach: each }, 'fine'],
    [{ input: from('item') }, 'PLAN_BAD_REFERENCE'],
    [{ input: from('previous'), forEach: each }, 'PLAN_BAD_REFERENCE'],
    [{ input: [from('previous.n'), from('iteration')], repeat: loop }, 'fine'],
    [{ forEach: { items: from('item') } }, 'PLAN_BAD_REFERENCE'],
    [{ forEach: { items: from('steps.c.output') } }, 'PLAN_BAD_REFERENCE'],
    [{ fallback: instead('error.code') }, 'fine'],
    [{ fallback: instead('output') }, 'PLAN_BAD_REFERENCE'],
    [{ compensate: instead('output.id') }, 'fine'],
    [{ compensate: instead('error') }, 'PLAN_BAD_REFERENCE'],
    [{ compensate: instead('steps.c.output') }, 'PLAN_BAD_REFERENCE'],
  ]
  for (const [about, expected] of cases) t.equal(code(about), expected, JSON.stringify(about))
  t.equal(waiting({ task: { type: 'report', input: { x: from('item') } } }), 'PLAN_BAD_REFERENCE')
  t.equal(waiting({ approval: { title: 'x', subject: from('steps.c.output') } }), 'PLAN_BAD_REFERENCE')
  t.equal(waiting({ sleep: { until: from('steps.a.output.at') } }), 'fine')
})

t.test('an expression reads what is settled by then', async (t) => {
  const cases: [when: string, code: string][] = [
    ['steps.a.output.n > input.n', 'fine'],
    ['steps.a.status == "failed" && has(steps.a.error)', 'fine'],
    ['steps.a.output.n >', 'EXPRESSION_INVALID'],
    ['item == 1', 'EXPRESSION_INVALID'],
    ['steps.c.output == 1', 'PLAN_BAD_REFERENCE'],
    ['steps.a.attempt == 1', 'PLAN_BAD_REFERENCE'],
    ['steps[input.which].output == 1', 'PLAN_BAD_REFERENCE'],
  ]
  for (const [when, expected] of cases) t.equal(code({ when }), expected, when)
  t.equal(code({ repeat: { ...loop, until: 'output.n > iteration' } }), 'fine')
  t.equal(code({ repeat: { ...loop, until: 'previous == 1' } }), 'EXPRESSION_INVALID')
  t.equal(code({ when: 'output == 1' }), 'EXPRESSION_INVALID')
})

t.test('names of the orchestrator, lists, forms and moments', async (t) => {
  t.equal(code({ agent: '_task' }), 'PLAN_INVALID')
  t.equal(code({ fallback: { agent: '_evaluation' } }), 'PLAN_INVALID')
  t.equal(code({ forEach: { items: 'abc' } }), 'PLAN_INVALID')
  t.equal(code({ forEach: { items: { a: 1 } } }), 'PLAN_INVALID')
  t.equal(
    code({ forEach: { items: Array.from({ length: LIMITS.forEachItems + 1 }, () => 0) } }),
    'PLAN_TOO_LARGE',
  )
  const form = (...fields: NonNullable<NonNullable<Step['approval']>['form']>) =>
    waiting({ approval: { title: 'x', form: fields } })
  t.equal(form({ name: 'a', type: 'choice', choices: ['x'] }, { name: 'b', type: 'string' }), 'fine')
  t.equal(form({ name: 'a', type: 'choice' }), 'PLAN_INVALID')
  t.equal(form({ name: 'a', type: 'string', choices: ['x'] }), 'PLAN_INVALID')
  t.equal(form({ name: 'a', type: 'string' }, { name: 'a', type: 'number' }), 'PLAN_INVALID')
  t.equal(waiting({ sleep: { until: '2031-05-01T08:00:00Z' } }), 'fine')
  t.equal(waiting({ sleep: { until: 'tomorrow, maybe' } }), 'PLAN_INVALID')
})

t.test('the plan of a child task is checked as its own would be, and counts with its parent', async (t) => {
  const parentOf = (plan: object, type = 'plan'): Plan => ({
    steps: [{ id: 'p', task: { type, plan: plan as never } }],
  })
  const throws = (plan: Plan, code: string, message: RegExp, depth?: number) =>
    t.throws(() => assertPlan(plan, depth), { code, message }, String(message))
  t.doesNotThrow(() => assertPlan(parentOf({ steps: [{ id: 'c', agent: 'y' }] })))
  t.strictSame([...agentsOf(parentOf({ steps: [{ id: 'c', agent: 'y' }] }))], ['y'])
  throws(parentOf({ steps: [{ id: 'c' }] }), 'PLAN_INVALID', /step "p" is not valid: steps/)
  throws(
    parentOf({ steps: [{ id: 'c', agent: 'y', needs: ['c'] }] }),
    'PLAN_CYCLE',
    /in the plan of step "p"/,
  )
  throws(
    parentOf({ steps: [{ id: 'c', agent: 'y' }] }, 'report'),
    'PLAN_INVALID',
    /only a child task of type "plan"/,
  )
  throws({ steps: [{ id: 'p', task: { type: 'plan' } }] }, 'PLAN_INVALID', /has no plan/)
  const many = { steps: Array.from({ length: LIMITS.planSteps }, (_, i) => ({ id: `s${i}`, agent: 'y' })) }
  throws(parentOf(many), 'PLAN_TOO_LARGE', /child tasks have 257 steps/)
  let deep: Plan = { steps: [{ id: 'c', agent: 'y' }] }
  for (let level = 0; level < LIMITS.childDepth; level++) deep = parentOf(deep)
  t.doesNotThrow(() => assertPlan(deep))
  throws(deep, 'PLAN_TOO_LARGE', /9 levels deep/, 1)
})

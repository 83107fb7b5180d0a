import fc from 'fast-check'
import t from 'tap'
import { LIMITS } from '#schemas/limits.ts'
import type { Plan, Step } from '#schemas/plan.ts'
import { agentsOf, assertPlan } from '#workflow/plan/check-plan.ts'
import { planArbitrary } from '../../support/random-plan.ts'

const step = (id: string, ...needs: string[]): Step => ({ id, agent: 'x', needs })
const code = (plan: Plan): string => {
  try {
    assertPlan(plan)
    return 'fine'
  } catch (error) {
    return (error as { code?: string }).code ?? String(error)
  }
}

t.test('any acyclic plan is fine, and none with one edge turned back', async (t) => {
  fc.assert(fc.property(planArbitrary, (plan) => code(plan) === 'fine'))
  let cycles = 0
  fc.assert(
    fc.property(planArbitrary, (plan) => {
      const from = plan.steps.find((candidate) => candidate.needs?.length)
      if (!from) return true
      cycles++
      const steps = plan.steps.map((other) =>
        other.id === from.needs![0] ? { ...other, needs: [...(other.needs ?? []), from.id] } : other,
      )
      return code({ steps }) === 'PLAN_CYCLE'
    }),
  )
  t.ok(cycles > 20, `${cycles} plans had an edge`)
})

t.test('each fault has its code', async (t) => {
  const edges = Array.from({ length: 91 }, (_, i) =>
    step(`s${i}`, ...Array.from({ length: i }, (_, j) => `s${j}`)),
  )
  const cases: [what: string, plan: Plan, code: string][] = [
    ['most steps', { steps: Array.from({ length: LIMITS.planSteps }, (_, i) => step(`s${i}`)) }, 'fine'],
    [
      'one more',
      { steps: Array.from({ length: LIMITS.planSteps + 1 }, (_, i) => step(`s${i}`)) },
      'PLAN_TOO_LARGE',
    ],
    ['4,095 edges', { steps: edges }, 'fine'],
    ['4,186 edges', { steps: [...edges, step('s91', ...edges.map(({ id }) => id))] }, 'PLAN_TOO_LARGE'],
    ['a step twice', { steps: [step('a'), step('b'), step('a')] }, 'PLAN_DUPLICATE_STEP'],
    ['nobody', { steps: [step('a', 'nobody')] }, 'PLAN_UNKNOWN_DEPENDENCY'],
    ['toString', { steps: [step('a', 'toString')] }, 'PLAN_UNKNOWN_DEPENDENCY'],
    ['itself', { steps: [step('a', 'a')] }, 'PLAN_CYCLE'],
    [
      'a tail on a cycle',
      { steps: [step('d', 'a'), step('a', 'c'), step('b', 'a'), step('c', 'b')] },
      'PLAN_CYCLE',
    ],
    ['a need twice', { steps: [step('a'), step('b', 'a', 'a')] }, 'fine'],
    [
      'a long chain',
      { steps: Array.from({ length: 256 }, (_, i) => step(`s${i}`, ...(i ? [`s${i - 1}`] : []))) },
      'fine',
    ],
    [
      'a reference in a list',
      { steps: [{ ...step('a'), input: [[{ $from: 'steps.b.output' }]] }, step('b')] },
      'PLAN_BAD_REFERENCE',
    ],
    [
      'a need of a need',
      { steps: [step('a'), step('b', 'a'), { ...step('c', 'b'), input: { $from: 'steps.a.output' } }] },
      'PLAN_BAD_REFERENCE',
    ],
    [
      'an output of no step',
      { steps: [step('a')], output: { $from: 'steps.b.output' } },
      'PLAN_BAD_REFERENCE',
    ],
    [
      'an output of any step',
      { steps: [step('a'), step('b', 'a')], output: { $from: 'steps.a.output' } },
      'fine',
    ],
    ['names from prototypes', { steps: [step('constructor'), step('toString', 'constructor')] }, 'fine'],
  ]
  for (const [what, plan, expected] of cases) t.equal(code(plan), expected, what)
})

t.test('the message of a cycle goes round it', async (t) => {
  const plan = { steps: [step('d', 'a'), step('a', 'c'), step('b', 'a'), step('c', 'b')] }
  t.throws(() => assertPlan(plan), { message: /: (a → c → b → a|b → a → c → b|c → b → a → c)$/ })
})

t.test('the agents of a plan', async (t) => {
  t.strictSame([...agentsOf({ steps: [step('a'), { id: 'b', agent: 'y' }, step('c')] })].sort(), ['x', 'y'])
})

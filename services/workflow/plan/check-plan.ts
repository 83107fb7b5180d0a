import { MurmurError } from '#platform/errors/murmur-error.ts'
import type { JsonValue } from '#schemas/json.ts'
import { LIMITS } from '#schemas/limits.ts'
import type { Plan, Step } from '#schemas/plan.ts'
import { listReferences, parseReference } from '../decide/references.ts'
import { agentsOfStep } from '../decide/run-body.ts'

/**
 * Everything that must hold before a plan may run. Iterative throughout: a hostile plan can't exhaust the stack.
 * @throws MurmurError PLAN_TOO_LARGE, PLAN_DUPLICATE_STEP, PLAN_UNKNOWN_DEPENDENCY, PLAN_CYCLE, PLAN_BAD_REFERENCE
 */
export function assertPlan(plan: Plan): void {
  assertSize(plan)
  const steps = indexSteps(plan)
  assertDependencies(plan, steps)
  assertAcyclic(plan)
  assertReferences(plan, steps)
}

/** The agent types that a plan needs. */
export function agentsOf(plan: Plan): Set<string> {
  return new Set(plan.steps.flatMap(agentsOfStep))
}

function assertSize(plan: Plan): void {
  const edges = plan.steps.reduce((sum, step) => sum + (step.needs?.length ?? 0), 0)
  if (plan.steps.length > LIMITS.planSteps) {
    throw new MurmurError(
      'PLAN_TOO_LARGE',
      `the plan has ${plan.steps.length} steps, at most ${LIMITS.planSteps} are allowed`,
    )
  }
  if (edges > LIMITS.planEdges) {
    throw new MurmurError(
      'PLAN_TOO_LARGE',
      `the plan has ${edges} dependencies, at most ${LIMITS.planEdges} are allowed`,
    )
  }
}

function indexSteps(plan: Plan): Map<string, Step> {
  const steps = new Map<string, Step>()
  for (const step of plan.steps) {
    if (steps.has(step.id))
      throw new MurmurError('PLAN_DUPLICATE_STEP', `there are two steps with the id "${step.id}"`)
    // An object's own prototype key would not survive as a key of the state.
    if (step.id === '__proto__')
      throw new MurmurError('INVALID_SUBMISSION', 'a step must not be called "__proto__"')
    steps.set(step.id, step)
  }
  return steps
}

function assertDependencies(plan: Plan, steps: Map<string, Step>): void {
  for (const step of plan.steps) {
    for (const need of step.needs ?? []) {
      if (need === step.id) throw new MurmurError('PLAN_CYCLE', `step "${step.id}" needs itself`)
      if (!steps.has(need)) {
        throw new MurmurError(
          'PLAN_UNKNOWN_DEPENDENCY',
          `step "${step.id}" needs "${need}", which is no step of this plan`,
        )
      }
    }
  }
}

/** Kahn's algorithm: what can't be put in order is, or hangs on, a cycle. */
function assertAcyclic(plan: Plan): void {
  const open = new Map(plan.steps.map((step) => [step.id, new Set(step.needs)]))
  const dependents = new Map<string, string[]>()
  for (const step of plan.steps) {
    for (const need of step.needs ?? []) dependents.set(need, [...(dependents.get(need) ?? []), step.id])
  }
  const ready = plan.steps.filter((step) => !step.needs?.length).map((step) => step.id)
  for (let id = ready.pop(); id !== undefined; id = ready.pop()) {
    open.delete(id)
    for (const dependent of dependents.get(id) ?? []) {
      const needs = open.get(dependent)
      needs?.delete(id)
      if (needs?.size === 0) ready.push(dependent)
    }
  }
  if (open.size > 0)
    throw new MurmurError('PLAN_CYCLE', `these steps wait for each other: ${circleIn(open).join(' → ')}`)
}

/** Follows one open dependency after the other until a step comes round again. */
function circleIn(open: Map<string, Set<string>>): string[] {
  const path: string[] = []
  let id = open.keys().next().value as string
  while (!path.includes(id)) {
    path.push(id)
    id = [...open.get(id)!].find((need) => open.has(need))!
  }
  return [...path.slice(path.indexOf(id)), id]
}

function assertReferences(plan: Plan, steps: Map<string, Step>): void {
  for (const step of plan.steps) {
    assertTemplate(`step "${step.id}"`, step.input, (id) => step.needs?.includes(id) === true)
  }
  assertTemplate('the output', plan.output, (id) => steps.has(id))
}

function assertTemplate(
  where: string,
  template: JsonValue | undefined,
  mayUse: (stepId: string) => boolean,
): void {
  if (template === undefined) return
  for (const text of listReferences(template)) {
    const reference = parseReference(text)
    if (!reference)
      throw new MurmurError('PLAN_BAD_REFERENCE', `${where} refers to "${text}", which has no meaning`)
    if (reference.source === 'step' && !mayUse(reference.stepId)) {
      throw new MurmurError(
        'PLAN_BAD_REFERENCE',
        `${where} refers to "${text}" but does not need step "${reference.stepId}"`,
      )
    }
  }
}

import { MurmurError } from '#platform/errors/murmur-error.ts'
import { issuesOf } from '#platform/requests/check-request.ts'
import { LIMITS } from '#schemas/limits.ts'
import { type Plan, planSchema, type Step } from '#schemas/plan.ts'
import { agentsOfStep } from '../decide/run-body.ts'
import { assertStep, assertTemplate } from './check-step.ts'

/** A plan that is checked, and where it stands. */
interface Checked {
  plan: Plan
  /** How many tasks it is a child of. */
  depth: number
  /** In front of messages: which steps it is the child of. */
  path: string
}

/**
 * Everything that must hold before a plan may run, those of its child tasks among them. Iterative throughout: a hostile plan can't
 * exhaust the stack.
 * @param depth how many tasks it is a child of
 * @throws MurmurError PLAN_TOO_LARGE, PLAN_DUPLICATE_STEP, PLAN_UNKNOWN_DEPENDENCY, PLAN_CYCLE, PLAN_BAD_REFERENCE, PLAN_INVALID,
 * EXPRESSION_INVALID
 */
export function assertPlan(plan: Plan, depth = 0): void {
  const all: Plan[] = []
  const open: Checked[] = [{ plan, depth, path: '' }]
  for (let next = open.pop(); next; next = open.pop()) {
    all.push(next.plan)
    assertSize(all)
    named(next.path, () => assertOne(next.plan))
    open.push(...childrenOf(next))
  }
}

/** The agent types that a plan needs, with those of the plans of its child tasks. The plan has been checked. */
export function agentsOf(plan: Plan): Set<string> {
  const agents = new Set<string>()
  const open: Plan[] = [plan]
  for (let next = open.pop(); next; next = open.pop()) {
    for (const step of next.steps) {
      for (const agent of agentsOfStep(step)) agents.add(agent)
      const child = step.task?.plan && planSchema.safeParse(step.task.plan).data
      if (child) open.push(child)
    }
  }
  return agents
}

function assertOne(plan: Plan): void {
  const steps = indexSteps(plan)
  assertDependencies(plan, steps)
  assertAcyclic(plan)
  for (const step of plan.steps) assertStep(step)
  assertTemplate(plan.output, { where: 'the output', locals: [], mayUse: (id) => steps.has(id) })
}

function childrenOf({ plan, depth, path }: Checked): Checked[] {
  return plan.steps.flatMap(({ id, task }): Checked[] => {
    if (!task) return []
    const where = `${path}${path ? ' → ' : ''}${id}`
    if (depth + 1 > LIMITS.childDepth)
      throw new MurmurError(
        'PLAN_TOO_LARGE',
        `step "${where}" is a child task ${depth + 1} levels deep, at most ${LIMITS.childDepth} are allowed`,
      )
    if ((task.type === 'plan') !== (task.plan !== undefined))
      throw new MurmurError(
        'PLAN_INVALID',
        task.plan
          ? `step "${where}": only a child task of type "plan" has a plan`
          : `step "${where}": a child task of type "plan" has no plan`,
      )
    if (!task.plan) return []
    const parsed = planSchema.safeParse(task.plan)
    if (parsed.success) return [{ plan: parsed.data, depth: depth + 1, path: where }]
    const issues = issuesOf(parsed.error)
    throw new MurmurError(
      'PLAN_INVALID',
      `the plan of step "${where}" is not valid: ${issues[0]?.path} ${issues[0]?.message}`,
      { issues },
    )
  })
}

/** What is wrong with the plan of a child task says whose it is. */
function named(path: string, check: () => void): void {
  try {
    check()
  } catch (error) {
    if (path === '' || !(error instanceof MurmurError)) throw error
    throw new MurmurError(error.code, `in the plan of step "${path}": ${error.message}`)
  }
}

/** A plan and those of its child tasks count together. */
function assertSize(plans: readonly Plan[]): void {
  const all = plans.flatMap(({ steps }) => steps)
  const edges = all.reduce((sum, step) => sum + (step.needs?.length ?? 0), 0)
  const whose = plans.length === 1 ? 'the plan has' : 'the plan and those of its child tasks have'
  if (all.length > LIMITS.planSteps)
    throw new MurmurError(
      'PLAN_TOO_LARGE',
      `${whose} ${all.length} steps, at most ${LIMITS.planSteps} are allowed`,
    )
  if (edges > LIMITS.planEdges)
    throw new MurmurError(
      'PLAN_TOO_LARGE',
      `${whose} ${edges} dependencies, at most ${LIMITS.planEdges} are allowed`,
    )
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

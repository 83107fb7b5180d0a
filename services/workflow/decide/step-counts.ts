import type { Step } from '#schemas/plan.ts'
import { isTerminal, type RunState, type StepState, type TaskState } from '#schemas/task.ts'
import { bodyOf, isReserved } from './run-body.ts'

/**
 * What is counted of the steps of agents: `ready`, they may run now, or do; `later`, they will come by themselves when others have ended; `done`,
 * an agent has run them.
 */
export const STEP_COUNTS = ['ready', 'later', 'done'] as const
export type StepCount = (typeof STEP_COUNTS)[number]

/** What a count is kept under: agent, priority, what is counted. No agent has a space in its name. Pure. */
export function countName(agent: string, priority: number, count: StepCount): string {
  return `${agent} ${priority} ${count}`
}

/** The counts of what is still to be done: while a partition is made again, what was done long ago is done a second time by nobody. Pure. */
export function openCounts(counts: ReadonlyMap<string, number>): ReadonlyMap<string, number> {
  return new Map([...counts].filter(([name]) => !name.endsWith(' done')))
}

/**
 * Adds what a task has of each count, by agent type and priority: once for what it had before with a sign of -1, and once for what it has now, gives
 * the change. Steps behind something that is waited for (a sleep, a signal, an approval, a child task), and all of a task that is paused or has not
 * begun, are not counted: nobody knows when they come. Of a list one run is counted until its items are known. Pure but for `into`.
 */
export function addStepCounts(state: TaskState, sign: 1 | -1, into: Map<string, number>): void {
  const add = (agent: string, count: StepCount, by: number) => {
    if (by === 0 || isReserved(agent)) return
    const name = countName(agent, state.priority, count)
    into.set(name, (into.get(name) ?? 0) + sign * by)
  }
  const isOver = isTerminal(state.status)
  const goesOn = state.status === 'running'
  const { steps } = state.plan
  const waits = goesOn && steps.some(({ agent }) => agent === undefined) ? behindWaits(state) : undefined
  for (const step of steps) {
    const at = state.steps[step.id]
    if (!at) continue
    const { agent } = step
    if (agent !== undefined) add(agent, 'done', runsDone(step, at))
    if (isOver) continue
    if (at.status === 'running') {
      addRuns(step, at, goesOn, add)
      continue
    }
    if (agent === undefined) continue
    if (at.status === 'dispatched') add(agent, 'ready', 1)
    else if (goesOn && isToCome(at) && !waits?.has(step.id)) add(agent, 'later', 1)
  }
}

type Add = (agent: string, count: StepCount, by: number) => void

/** Of a step of several runs: those that are open, and items that have not begun. */
function addRuns(step: Step, { runs = {}, items }: StepState, goesOn: boolean, add: Add): void {
  for (const part in runs) {
    const agent = bodyOf(step, part)?.agent
    if (agent === undefined) continue
    const { status } = runs[part]!
    if (status === 'dispatched') add(agent, 'ready', 1)
    else if (goesOn && status === 'backoff') add(agent, 'later', 1)
  }
  if (!goesOn || !step.forEach || step.agent === undefined) return
  add(step.agent, 'later', items ? items.total - items.next : 1)
}

function isToCome({ status }: RunState): boolean {
  return status === 'waiting' || status === 'backoff'
}

/** Runs that an agent has ended. One that was given up before anybody had begun it says nothing of what agents can do. */
function runsDone({ forEach, repeat }: Step, at: StepState): number {
  const { status, attempt, error, items, iteration } = at
  if (forEach) return items ? items.completed + items.failed : 0
  if (repeat) return Math.max(0, (iteration ?? 0) - 1) + Number(status === 'completed')
  if (attempt === 0) return 0
  return Number(status === 'completed' || (status === 'failed' && error?.code !== 'QUEUE_TIMEOUT'))
}

/** Steps that need, directly or not, something that is waited for. */
function behindWaits({ plan, steps }: TaskState): ReadonlySet<string> {
  const byId = new Map(plan.steps.map((step) => [step.id, step]))
  const known = new Map<string, boolean>()
  const isOpen = (id: string) => {
    const status = steps[id]?.status
    return status !== undefined && status !== 'completed' && status !== 'failed' && status !== 'skipped'
  }
  // No deeper than a plan has steps.
  const isBehind = (step: Step): boolean => {
    const found = known.get(step.id)
    if (found !== undefined) return found
    const behind = (step.needs ?? []).some((id) => {
      const needed = byId.get(id)
      return needed !== undefined && isOpen(id) && (needed.agent === undefined || isBehind(needed))
    })
    known.set(step.id, behind)
    return behind
  }
  return new Set(plan.steps.filter(isBehind).map(({ id }) => id))
}

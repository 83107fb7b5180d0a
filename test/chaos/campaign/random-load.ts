import fc from 'fast-check'
import type { JsonObject } from '#schemas/json.ts'
import type { Plan, Step } from '#schemas/plan.ts'
import { planArbitrary } from '../../support/random-plan.ts'
import type { Dice } from './dice.ts'
import type { PlannedTask, StepOrder } from './planned-task.ts'

/** Types of agents of the campaign; each process of agents runs all of them. */
export const AGENT_TYPES = ['alpha', 'beta'] as const
/** Known to the orchestrators, and never there. */
export const ABSENT_AGENT = 'absent'

/** Tasks are submitted over so long, unless the run is a longer one. Milliseconds. */
export const LOAD_MS = 4000
/** Time enough for whatever may happen in a run. Milliseconds. */
const AMPLE_MS = 60_000
const MAX_STEPS = 9
/** Above the 16 KiB that travel inline. */
const LARGE_CHARACTERS = 40_000

export interface LoadOptions {
  tasks: number
  /** Tasks with a step that takes its process down. */
  poison: number
  /** Steps that stop the event loop of their process. */
  blocking: number
  /** They are submitted over so long. Milliseconds. */
  lastsMs?: number
}

/** The load of a run: drawn from dice, so that the same seed gives the same one. Pure. */
export function drawLoad(dice: Dice, options: LoadOptions): PlannedTask[] {
  const plans = fc.sample(planArbitrary, { seed: dice.between(1, 2 ** 30), numRuns: options.tasks })
  const tasks = plans.map((plan, i) =>
    drawTask(dice, { shape: plan, i, lastsMs: options.lastsMs ?? LOAD_MS }),
  )
  for (let i = 0; i < options.poison; i++) tasks[dice.between(0, tasks.length - 1)] = poisonTask(dice, i)
  for (let i = 0; i < options.blocking; i++) blockOne(dice, tasks)
  return tasks.sort((a, b) => a.atMs - b.atMs)
}

function drawTask(
  dice: Dice,
  { shape, i, lastsMs }: { shape: Plan; i: number; lastsMs: number },
): PlannedTask {
  const kind = dice.weighted({ healthy: 84, tight: 10, invalid: 6 })
  const atMs = dice.between(0, lastsMs)
  const plan = drawPlan(dice, shape, kind === 'tight')
  const delayMs = dice.happens(0.15) ? dice.between(1, 1500) : 0
  const hasKey = dice.happens(0.7)
  const task: PlannedTask = {
    op: `op-${i}`,
    kind,
    atMs,
    via: dice.happens(0.25) ? 'queue' : 'request',
    idealEndMs: atMs + delayMs + longestPathMs(plan),
    submission: {
      type: 'plan',
      plan,
      input: { n: i },
      labels: { op: `op-${i}` },
      priority: dice.pick([0, 1, 2] as const),
      // One that ends before it may begin is refused.
      deadlineMs: kind === 'tight' ? delayMs + dice.between(50, 3000) : AMPLE_MS,
      ...(delayMs > 0 && { delayMs }),
      ...(hasKey && { idempotencyKey: `key-${i}-${dice.between(0, 2 ** 30)}` }),
    },
  }
  if (kind === 'invalid') breakPlan(dice, task)
  else if (dice.happens(0.1)) task.cancelAfterMs = dice.between(0, 1500)
  if (kind !== 'invalid' && hasKey && dice.happens(0.3))
    task.repeat = { afterMs: dice.between(0, 3000), body: dice.happens(0.5) ? 'same' : 'other' }
  return task
}

/** The shape of a random plan, with steps that compute something. */
function drawPlan(dice: Dice, shape: Plan, isTight: boolean): Plan {
  const most = dice.between(1, MAX_STEPS)
  const kept = shape.steps.filter(({ id }) => Number(id.slice(1)) < most)
  return { steps: kept.map((step) => drawStep(dice, step, isTight)) }
}

function drawStep(dice: Dice, { id, needs = [] }: Step, isTight: boolean): Step {
  const behaviour = dice.weighted({ compute: 90, retry: 7, fail: 2, invalid: 1 })
  const maxAttempts = isTight ? dice.between(1, 2) : dice.between(3, 6)
  const order: StepOrder = {
    salt: dice.between(0, 1_000_000),
    values: needs.map((need) => ({ $from: `steps.${need}.output.value` })),
    workMs: drawWorkMs(dice),
    behaviour,
    succeedsAt: behaviour === 'retry' ? dice.between(2, 3) : 1,
    padding: dice.happens(0.06) ? LARGE_CHARACTERS : 0,
  }
  return {
    id,
    agent: dice.pick(AGENT_TYPES),
    needs,
    input: order as unknown as JsonObject,
    retry: { maxAttempts, initialDelayMs: dice.between(0, 200), maxDelayMs: 400, factor: 2 },
    timeoutMs: isTight ? dice.between(100, 2000) : 20_000,
    ...(isTight && { queueTimeoutMs: dice.between(100, 3000) }),
    ...((behaviour === 'fail' || behaviour === 'invalid' || dice.happens(0.1)) && {
      onFailure: dice.happens(0.7) ? ('continue' as const) : ('fail' as const),
    }),
  }
}

/** Mostly short; a few run for so long that the orchestrator hears of their start. */
function drawWorkMs(dice: Dice): number {
  if (dice.happens(0.02)) return dice.between(1200, 2500)
  return dice.happens(0.1) ? dice.between(200, 700) : dice.between(1, 60)
}

/** One step alone, which takes down every process that runs it. */
function poisonTask(dice: Dice, i: number): PlannedTask {
  const atMs = dice.between(0, LOAD_MS / 2)
  const order: StepOrder = {
    salt: dice.between(0, 1_000_000),
    values: [],
    workMs: dice.between(5, 100),
    behaviour: 'poison',
    succeedsAt: 1,
    padding: 0,
  }
  const step: Step = {
    id: 's0',
    agent: dice.pick(AGENT_TYPES),
    input: order as unknown as JsonObject,
    retry: { maxAttempts: dice.between(1, 2), initialDelayMs: 50 },
    timeoutMs: 20_000,
  }
  const op = `poison-${i}`
  return {
    op,
    kind: 'poison',
    atMs,
    via: 'request',
    idealEndMs: atMs,
    submission: {
      type: 'plan',
      plan: { steps: [step] },
      labels: { op },
      deadlineMs: AMPLE_MS,
      idempotencyKey: `${op}-${dice.between(0, 2 ** 30)}`,
    },
  }
}

function blockOne(dice: Dice, tasks: PlannedTask[]): void {
  const task = dice.pick(tasks.filter(({ kind }) => kind === 'healthy'))
  const order = orderOf(dice.pick(task.submission.plan!.steps))
  order.behaviour = 'block'
  order.workMs = dice.between(2000, 5000)
  task.idealEndMs = task.atMs + (task.submission.delayMs ?? 0) + longestPathMs(task.submission.plan!)
}

/** Something that every transport has to refuse. */
function breakPlan(dice: Dice, task: PlannedTask): void {
  const [first] = task.submission.plan!.steps
  const fault = dice.pick(['cycle', 'agent', 'reference', 'field'] as const)
  if (fault === 'cycle') first!.needs = [first!.id]
  else if (fault === 'agent') first!.agent = 'nobody-has-this'
  else if (fault === 'reference') first!.input = { $from: 'steps.none.output' }
  else task.submission.deadlineMs = -1
}

/** How long the plan takes with all the agents in the world: the longest chain of work and of waits between attempts. */
function longestPathMs(plan: Plan): number {
  const ends = new Map<string, number>()
  const steps = plan.steps.toSorted((a, b) => Number(a.id.slice(1)) - Number(b.id.slice(1)))
  for (const step of steps) {
    const { workMs, succeedsAt } = orderOf(step)
    const waitsMs = Array.from({ length: succeedsAt - 1 }, (_, n) =>
      Math.min((step.retry?.initialDelayMs ?? 0) * 2 ** n, 400),
    ).reduce((sum, ms) => sum + ms * 1.2, 0)
    const startMs = Math.max(0, ...(step.needs ?? []).map((need) => ends.get(need) ?? 0))
    ends.set(step.id, startMs + workMs * succeedsAt + waitsMs)
  }
  return Math.max(...ends.values())
}

export function orderOf(step: Step): StepOrder {
  return step.input as unknown as StepOrder
}

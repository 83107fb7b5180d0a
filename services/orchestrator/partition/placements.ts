import type { Clock } from '#platform/clock/clock.ts'
import { messageOf } from '#platform/errors/murmur-error.ts'
import { type Redis, readScript } from '#platform/redis/redis.ts'
import type { Log } from '#platform/telemetry/logger.ts'
import { type Placement, placementSchema } from '#schemas/placement.ts'
import type { StepState, TaskState } from '#schemas/task.ts'
import { splitRunId } from '#workflow/decide/run-id.ts'
import { isUndispatchedCode } from '#workflow/decide/step-payload.ts'

export interface PlacementsDeps {
  redis: Pick<Redis, 'script' | 'get' | 'hgetall'>
  /** The broker's time. */
  clock: Pick<Clock, 'nowMs'>
  log: Log
}

const KEEP = readScript('murmurKeepPlacements', new URL('./keep-placements.lua', import.meta.url))

export const PLACEMENT_KEYS = {
  since: (p: number) => `murmur:{p${p}}:placements-since`,
  task: (p: number, id: string) => `murmur:{p${p}}:placements:${id}`,
} as const

/** Tasks whose placements wait to be written; of more the oldest are forgotten: they explain, and nothing depends on them. */
const MAX_WAITING_TASKS = 10_000
/** Tasks that one call writes. */
const MAX_TASKS_A_CALL = 200
/** For compensations, which run after the deadline, and what is looked at afterwards. Milliseconds. */
const LONGER_MS = 3_600_000

/** What is to be known of a task to keep its placements as long as it. */
export type PlacedTask = Pick<TaskState, 'id' | 'deadlineAtMs' | 'keepFinishedMs'>

interface Waiting {
  ttlMs: number
  steps: Map<string, Placement>
}

/**
 * Who got each step that an instance was chosen for, and why: kept in Redis beside the state, one placement a step (of one with several runs, that
 * of the last), as long as the task can be read. What anybody may take leaves nothing here, so the usual path writes nothing.
 * Written behind the dispatch, one call of a partition at a time with all that came meanwhile.
 */
export class Placements {
  readonly #deps: PlacementsDeps
  readonly #waiting = new Map<number, Map<string, Waiting>>()
  readonly #writing = new Set<number>()

  constructor(deps: PlacementsDeps) {
    this.#deps = deps
  }

  /** From now on all placements of a partition are kept: what has none was taken by whoever was free. */
  opened(partition: number): void {
    this.#flush(partition, true)
  }

  /** @param runId of the step, or one of its runs */
  record(partition: number, task: PlacedTask, runId: string, placement: Placement): void {
    const { stepId } = splitRunId(runId)
    const tasks = this.#waiting.get(partition) ?? new Map<string, Waiting>()
    this.#waiting.set(partition, tasks)
    const { steps } = tasks.get(task.id) ?? { steps: new Map<string, Placement>() }
    steps.set(stepId, stepId === runId ? placement : { runId, ...placement })
    const leftMs = Math.max(0, task.deadlineAtMs - this.#deps.clock.nowMs())
    tasks.delete(task.id)
    tasks.set(task.id, { ttlMs: Math.ceil(leftMs + (task.keepFinishedMs ?? 0) + LONGER_MS), steps })
    if (tasks.size > MAX_WAITING_TASKS) tasks.delete(tasks.keys().next().value!)
    this.#flush(partition)
  }

  /**
   * The task with what is known of who got its steps; unchanged where nothing is. An attempt that somebody ran and that nobody was chosen for was
   * taken by whoever was free, if placements have been kept since it was dispatched.
   */
  async explained(partition: number, task: TaskState): Promise<TaskState> {
    const { redis } = this.#deps
    // Read behind the state: whatever it shows as taken was written before.
    const [kept, since] = await Promise.all([
      redis.hgetall(PLACEMENT_KEYS.task(partition, task.id)).catch((): Record<string, string> => ({})),
      redis.get(PLACEMENT_KEYS.since(partition)).catch(() => null),
    ])
    return withPlacements(task, kept, since === null ? undefined : Number(since))
  }

  #flush(partition: number, isOpening = false): void {
    if (this.#writing.has(partition)) return
    const tasks = [...(this.#waiting.get(partition) ?? [])].slice(0, MAX_TASKS_A_CALL)
    if (tasks.length === 0 && !isOpening) return
    for (const [id] of tasks) this.#waiting.get(partition)?.delete(id)
    this.#writing.add(partition)
    void this.#write(partition, tasks).finally(() => {
      this.#writing.delete(partition)
      this.#flush(partition)
    })
  }

  async #write(partition: number, tasks: [string, Waiting][]): Promise<void> {
    const { redis, clock, log } = this.#deps
    const keys = [PLACEMENT_KEYS.since(partition), ...tasks.map(([id]) => PLACEMENT_KEYS.task(partition, id))]
    const args: (string | number)[] = [Math.ceil(clock.nowMs())]
    for (const [, { ttlMs, steps }] of tasks) {
      args.push(ttlMs, steps.size)
      for (const [stepId, placement] of steps) args.push(stepId, JSON.stringify(placement))
    }
    try {
      await redis.script(KEEP, keys, args)
    } catch (error) {
      log.debug({ partition, reason: messageOf(error) }, 'who got some steps could not be kept')
    }
  }
}

/** Pure. @param kept by step, as JSON @param sinceMs since when all are kept; undefined: not known */
export function withPlacements(
  task: TaskState,
  kept: Readonly<Record<string, string>>,
  sinceMs: number | undefined,
): TaskState {
  const explained: [string, StepState][] = []
  for (const { id, agent } of task.plan.steps) {
    const step = task.steps[id]
    if (agent === undefined || !step) continue
    const placement = placementOf(step, Object.hasOwn(kept, id) ? kept[id] : undefined, sinceMs)
    if (placement) explained.push([id, { ...step, placement }])
  }
  if (explained.length === 0) return task
  return { ...task, steps: { ...task.steps, ...Object.fromEntries(explained) } }
}

function placementOf(
  step: StepState,
  kept: string | undefined,
  sinceMs = Number.POSITIVE_INFINITY,
): Placement | undefined {
  const placement = kept === undefined ? undefined : parsed(kept)
  // That of an attempt before says nothing of this one.
  if (placement && (placement.runId !== undefined || placement.attempt === step.attempt)) return placement
  const { attempt, dispatchedAtMs, instance, run, error } = step
  if (instance === undefined && run === undefined) return undefined
  // What could not be handed to its queue, or was handed out without an answer, has a result of the orchestrator.
  if (error && (error.code === 'DELIVERIES_EXHAUSTED' || isUndispatchedCode(error.code))) return undefined
  if (dispatchedAtMs === undefined || dispatchedAtMs < sinceMs) return undefined
  return {
    attempt,
    strategy: 'pull',
    because: 'whichever instance is free first takes it',
    candidates: [],
    leftOut: [],
  }
}

function parsed(text: string): Placement | undefined {
  try {
    return placementSchema.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}

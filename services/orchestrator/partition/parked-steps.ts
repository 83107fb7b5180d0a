import type { Clock } from '#platform/clock/clock.ts'
import type { Priority } from '#schemas/plan.ts'
import type { TaskState } from '#schemas/task.ts'
import { runsOut } from '#workflow/decide/find-run.ts'
import { bodyOfRun } from '#workflow/decide/run-body.ts'
import { PlacesByKind } from '../dispatch/places-by-kind.ts'
import type { PartitionStore } from './partition-store.ts'

/** What is waited for: room in one queue, or in the object store (without a priority). */
export interface Lane {
  name: string
  agent: string
  priority?: Priority | undefined
}

/** An attempt that could not be handed over yet. Its message is built from the state when there is room. */
export interface ParkedStep {
  taskId: string
  stepId: string
  attempt: number
  /** Of the state that it was dispatched from: what is read again after a crash begins with it. */
  seq: number
  /** Since when the object store has refused its input. Of a clock that goes forward. */
  refusedSinceMs?: number | undefined
  /** Its input, stored already. */
  input?: unknown
}

export interface ParkedStepsDeps {
  partition: number
  store: Pick<PartitionStore, 'readTasks' | 'dueTimers'>
  clock: Clock
  count: ParkedCount
  /** Tries once. @returns the lane that it has to wait in; undefined when it is out, or nobody wants it any more */
  send: (state: TaskState, step: ParkedStep) => Promise<Lane | undefined>
  /** Steps kept here; of those beyond only the number is known, and they are found in the store again. */
  maxParked?: number
}

interface Waiting extends Lane {
  steps: ParkedStep[]
  /** The lowest `seq` among them. */
  lowest: number
  /** Not kept: the first `seq` of them, and how many. */
  missed: { fromSeq: number; count: number } | undefined
  /** Steps tried at the same time: one while nothing is known, more with each success. */
  window: number
  pauseMs: number
  isDraining: boolean
}

/** Some 150 bytes each: 1.5 MB a partition. */
const MAX_PARKED = 10_000
/** Steps of one lane that are kept whatever waits in others: finding them again reads every active task. */
const OWN_PARKED = 500
const MAX_WINDOW = 256
const MIN_PAUSE_MS = 50
const MAX_PAUSE_MS = 2000
const READ_BATCH = 500
const ALL = 1_000_000
const NOTHING = Number.POSITIVE_INFINITY

/**
 * Steps that find no room, apart by what they wait for: a full queue stops nothing but itself. Each lane tries its first step
 * again after a pause that grows, and lets the others follow once that went out.
 */
export class ParkedSteps {
  readonly #deps: ParkedStepsDeps
  readonly #lanes = new Map<string, Waiting>()
  #ending = new AbortController()
  readonly #places: PlacesByKind

  constructor(deps: ParkedStepsDeps) {
    this.#deps = deps
    this.#places = new PlacesByKind({ max: deps.maxParked ?? MAX_PARKED, own: OWN_PARKED })
  }

  /** Aborted by `clear`: steps parked under it before are dropped, for an owner that has started over. */
  get signal(): AbortSignal {
    return this.#ending.signal
  }

  /** The first position in the log that something waits from; undefined when nothing waits. */
  get heldFrom(): number | undefined {
    if (this.#lanes.size === 0) return undefined
    let first = NOTHING
    for (const { lowest, missed } of this.#lanes.values())
      first = Math.min(first, lowest, missed?.fromSeq ?? NOTHING)
    return first === NOTHING ? undefined : first
  }

  /** True: others wait for the same already, so what comes later waits behind them. */
  isHolding(name: string): boolean {
    return this.#lanes.has(name)
  }

  park(about: Lane, step: ParkedStep): void {
    let lane = this.#lanes.get(about.name)
    if (!lane) {
      lane = { ...about, steps: [], lowest: NOTHING, missed: undefined, ...START }
      this.#lanes.set(about.name, lane)
    }
    this.#deps.count.add(lane.agent, 1)
    if (lane.missed || this.#places.roomFor(lane.name) === 0) {
      const { fromSeq, count } = lane.missed ?? { fromSeq: step.seq, count: 0 }
      lane.missed = { fromSeq: Math.min(fromSeq, step.seq), count: count + 1 }
    } else this.#keep(lane, [step])
    if (!lane.isDraining) void this.#drain(lane, this.signal)
  }

  /** Forgets everything: the owner starts over, and sends again what is unresolved. */
  clear(): void {
    this.#ending.abort()
    this.#ending = new AbortController()
    for (const lane of this.#lanes.values())
      this.#deps.count.add(lane.agent, -(lane.steps.length + (lane.missed?.count ?? 0)))
    this.#lanes.clear()
    this.#places.clear()
  }

  async #drain(lane: Waiting, signal: AbortSignal): Promise<void> {
    const { clock } = this.#deps
    lane.isDraining = true
    while (!signal.aborted && (lane.steps.length > 0 || lane.missed)) {
      await clock.sleep(lane.pauseMs, signal)
      let released = 0
      try {
        if (lane.steps.length === 0) await this.#recall(lane, signal)
        do {
          released = signal.aborted ? 0 : await this.#release(lane, signal)
          if (released > 0) lane.pauseMs = MIN_PAUSE_MS
        } while (released === lane.window && lane.steps.length > 0 && this.#widen(lane))
      } catch {
        // The store does not answer, or the connection is closed: tried again after a pause, or ended from outside.
        released = 0
      }
      if (released === 0) {
        lane.window = 1
        lane.pauseMs = Math.min(MAX_PAUSE_MS, lane.pauseMs * 2)
      }
    }
    if (!signal.aborted) this.#lanes.delete(lane.name)
  }

  #widen(lane: Waiting): true {
    lane.window = Math.min(MAX_WINDOW, lane.window * 2)
    return true
  }

  /** @returns how many of the first ones need not wait any more */
  async #release(lane: Waiting, signal: AbortSignal): Promise<number> {
    const { store, partition, send } = this.#deps
    const tried = lane.steps.slice(0, lane.window)
    const states = await store.readTasks(
      partition,
      tried.map((step) => step.taskId),
    )
    const stays = new Set<ParkedStep>()
    const elsewhere: [Lane, ParkedStep][] = []
    const ends = await Promise.allSettled(
      tried.map(async (step, i) => {
        const state = states[i]
        const next = state && (await send(state, step))
        if (next?.name === lane.name) stays.add(step)
        else if (next) elsewhere.push([next, step])
      }),
    )
    if (signal.aborted) return 0
    const back = tried.filter((step, i) => stays.has(step) || ends[i]?.status === 'rejected')
    const released = tried.length - back.length
    lane.steps.splice(0, tried.length, ...back)
    this.#places.add(lane.name, -released)
    this.#deps.count.add(lane.agent, -released)
    lane.lowest = lowestOf(lane.steps)
    for (const [next, step] of elsewhere) this.park(next, step)
    return released
  }

  /** Finds in the store what was not kept, the oldest first. */
  async #recall(lane: Waiting, signal: AbortSignal): Promise<void> {
    const { store, partition, count } = this.#deps
    const missed = lane.missed
    if (!missed) return
    const active = await store.dueTimers(partition, Number.MAX_SAFE_INTEGER, ALL)
    const found: ParkedStep[] = []
    for (let i = 0; i < active.length; i += READ_BATCH) {
      const ids = active.slice(i, i + READ_BATCH).map(({ taskId }) => taskId)
      for (const state of await store.readTasks(partition, ids))
        if (state && state.seq >= missed.fromSeq) found.push(...stepsFor(lane, state))
    }
    if (signal.aborted) return
    found.sort((a, b) => a.seq - b.seq)
    const kept = found.slice(0, this.#places.roomFor(lane.name))
    const rest = found.slice(kept.length)
    count.add(lane.agent, found.length - (lane.missed?.count ?? 0))
    lane.missed = rest.length > 0 ? { fromSeq: rest[0]!.seq, count: rest.length } : undefined
    this.#keep(lane, kept)
  }

  #keep(lane: Waiting, steps: ParkedStep[]): void {
    lane.steps.push(...steps)
    lane.lowest = Math.min(lane.lowest, lowestOf(steps))
    this.#places.add(lane.name, steps.length)
  }
}

const START = { window: 1, pauseMs: MIN_PAUSE_MS, isDraining: false }

function lowestOf(steps: readonly ParkedStep[]): number {
  return steps.reduce((lowest, { seq }) => Math.min(lowest, seq), NOTHING)
}

/** Attempts of a task that are out and belong into this lane. */
function stepsFor(lane: Lane, state: TaskState): ParkedStep[] {
  if (lane.priority !== undefined && lane.priority !== state.priority) return []
  return runsOut(state).flatMap(([runId, { attempt }]) =>
    bodyOfRun(state.plan, runId)?.agent === lane.agent
      ? [{ taskId: state.id, stepId: runId, attempt, seq: state.seq }]
      : [],
  )
}

/** How many steps wait for room, by agent type: of all partitions of this process together. */
export class ParkedCount {
  readonly #waiting = new Map<string, number>()

  add(agent: string, change: number): void {
    this.#waiting.set(agent, Math.max(0, this.of(agent) + change))
  }

  of(agent: string): number {
    return this.#waiting.get(agent) ?? 0
  }

  /** Every agent type that something has waited for. */
  entries(): Iterable<[string, number]> {
    return this.#waiting
  }
}

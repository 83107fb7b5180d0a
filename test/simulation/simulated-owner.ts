import type { LogEvent, TimerFired } from '#schemas/log-event.ts'
import { isTerminal, type TaskState } from '#schemas/task.ts'
import { MESSAGE_IDS } from '#subjects/subjects.ts'
import { unresolvedCommands } from '#workflow/decide/commands.ts'
import { runStateOf } from '#workflow/decide/find-run.ts'
import {
  type Fold,
  foldBatch,
  type HeldTask,
  type TaskCommands,
} from '../../services/orchestrator/partition/fold-batch.ts'
import { type Commit, commitId } from '../../services/orchestrator/partition/partition-store.ts'
import { SimulatedEmitter } from './simulated-emitter.ts'
import type { Surroundings } from './surroundings.ts'

export const FOLD_OPTIONS = { keepFinishedMs: 400 * 24 * 3600 * 1000 }
const LOG_MARK = { stream: 'simulated', storedAtMs: 0 }
const RETRY_MS = 100
const POLL_INTERVAL_MS = 250
const WATCH_INTERVAL_MS = 1000
/** What somebody waits for whose task may have ended before it was out, as in partition-owner.ts. */
const OF_ENDED = new Set(['BuryStep', 'ReportToParent', 'CancelChild'])
const KNOWN_LETTERS_MS = 100_000
const MAX_STALL_MS = 8000

interface Emitted {
  offset: number
  left: boolean
}

/**
 * What partition-owner.ts does, without its servers: reads its log, folds with the real `foldBatch`, commits, emits; sends again what
 * its predecessor may not have; fires timers. It may die between any two of these, or stall and go on when it is the owner no more.
 */
export class SimulatedOwner {
  readonly name: string
  readonly #partition: number
  readonly #around: Surroundings
  readonly #emitter: SimulatedEmitter
  /** Asked at moments at which it may die or be replaced. @returns false: it is dead */
  readonly #survives: (owner: SimulatedOwner, moment: 'commit' | 'emit') => boolean
  #isAlive = true
  #isRetired = false
  /** What was begun before the last start counts no more. */
  #start = 0
  #offset = 0
  #level = false
  #isRebuilt = false
  #levelAt = 0
  #isEmitting = false
  #isBusy = false
  #emissions: Emitted[] = []
  #watermark = 0
  #commits = 0
  readonly #held = new Map<string, HeldTask>()

  constructor(
    name: string,
    about: {
      partition: number
      around: Surroundings
      survives: (owner: SimulatedOwner, moment: 'commit' | 'emit') => boolean
    },
  ) {
    this.name = name
    this.#partition = about.partition
    this.#around = about.around
    this.#survives = about.survives
    this.#emitter = new SimulatedEmitter(about.around, about.partition, name)
  }

  get partition(): number {
    return this.#partition
  }

  die(): void {
    this.#isAlive = false
  }

  /** It has heard that another is the owner now: stops when its next commit is refused, at the latest. */
  retire(): void {
    this.#isRetired = true
  }

  /** Begins, or begins anew: where the store says that the partition is. */
  async open(): Promise<void> {
    if (!this.#isAlive) return
    const start = ++this.#start
    this.#around.onTakeover()
    const { store, broker } = this.#around
    this.#held.clear()
    this.#emissions = []
    this.#isEmitting = false
    this.#isBusy = false
    this.#levelAt = broker.lastSeq(this.#partition)
    const found = await store.position(this.#partition)
    const { offset, emitted, level } = found ?? { offset: 0, emitted: 0, level: this.#levelAt === 0 }
    this.#offset = offset
    this.#level = level
    this.#isRebuilt = !level
    this.#watermark = emitted
    this.#commits = 0
    const claim = { ...this.#commitOf(found?.offset, { level, number: 0 }), emitted }
    if (!(await store.commit(this.#partition, claim))) return this.#startOver()
    this.#watch(start)
    if (this.#level || this.#offset >= this.#levelAt) await this.#begin(start)
    if (this.#isCurrent(start)) this.read()
  }

  /** There is something in the log. */
  read(): void {
    if (!this.#isAlive || this.#isBusy) return
    const { timeline, dice, broker } = this.#around
    if (broker.lastSeq(this.#partition) <= this.#offset) return
    this.#isBusy = true
    const start = this.#start
    timeline.in(dice.between(0, 4), () => this.#take(start))
  }

  async #take(start: number): Promise<void> {
    if (!this.#isCurrent(start)) return
    const { broker, dice, timeline, troubles } = this.#around
    const size = this.#around.without.has('attempt-fence') ? 1 : dice.pick([1, 3, 1000])
    const events = broker.after(this.#partition, this.#offset, size)
    const missing = [...new Set(events.map(({ body }) => body.taskId))].filter((id) => !this.#held.has(id))
    const states = await this.#around.store.readTasks(this.#partition, missing)
    const isAhead = states.some((state) => state !== undefined && state.seq > this.#offset)
    if (isAhead && (await this.#around.store.position(this.#partition))?.offset !== this.#offset)
      return this.#startOver()
    const loaded = new Map<string, HeldTask>()
    for (const [i, state] of states.entries())
      if (state) loaded.set(missing[i]!, { state, storedDueMs: undefined })
    const lookUp = (id: string) => this.#held.get(id) ?? loaded.get(id)
    const fold = foldBatch(this.#fenced(events, lookUp), lookUp, { ...FOLD_OPTIONS, nowMs: timeline.nowMs })
    const offset = events.at(-1)!.seq
    const { writes, depth, tenants } = fold
    const level = this.#level || offset >= this.#levelAt
    const commit: Commit = { ...this.#commitOf(this.#offset, { level }), offset, writes, depth, tenants }
    if (!this.#survives(this, 'commit')) return
    const isStalled = dice.happens(troubles().owner.stalls)
    timeline.in(isStalled ? dice.between(0, MAX_STALL_MS) : dice.between(0, 3), () =>
      this.#commit(start, commit, fold),
    )
  }

  async #commit(start: number, commit: Commit, fold: Fold): Promise<void> {
    if (!this.#isCurrent(start)) return
    const { store, dice, timeline, troubles } = this.#around
    const isDone = await store.commit(this.#partition, commit)
    // Nobody knows whether it went through: the same again.
    if (dice.happens(troubles().owner.commitUnanswered)) {
      timeline.in(RETRY_MS, () => this.#commit(start, commit, fold))
      return
    }
    if (!isDone) return this.#startOver()
    this.#commits++
    this.#offset = commit.offset
    this.#level = commit.level
    for (const [id, held] of fold.held) {
      if (dice.happens(0.7)) this.#held.set(id, held)
      else this.#held.delete(id)
    }
    if (!this.#survives(this, 'emit')) return
    if (this.#isEmitting) {
      this.#emit(start, fold.work, commit.offset)
      this.#arm(start, fold.earliestDueMs)
    } else if (this.#level) {
      await this.#begin(start)
      if (!this.#isCurrent(start)) return
      this.#emit(start, [], this.#offset)
    }
    this.#isBusy = false
    this.read()
  }

  /** Level with the log: what is unresolved is sent again, timers are fired, and what follows is emitted. */
  async #begin(start: number): Promise<void> {
    this.#isEmitting = true
    const { store } = this.#around
    if (!this.#level) {
      this.#level = true
      const isDone = await store.commit(this.#partition, this.#commitOf(this.#offset, { level: true }))
      if (!isDone) return this.#startOver()
      this.#commits++
    }
    if (this.#watermark < this.#offset) await this.#emitAgain(start)
    if (this.#isCurrent(start)) await this.#fireTimers(start)
  }

  async #emitAgain(start: number): Promise<void> {
    const { store, broker } = this.#around
    const since = this.#watermark
    const known = this.#isRebuilt ? { atMs: this.#around.timeline.nowMs - KNOWN_LETTERS_MS } : { seq: since }
    const active = await store.dueTimers(this.#partition, Number.MAX_SAFE_INTEGER)
    const ids = active.map(({ taskId }) => taskId)
    const states = (await store.readTasks(this.#partition, ids)).filter((state) => state !== undefined)
    const work: TaskCommands[] = states
      .filter(({ seq }) => seq > since)
      .map((state) => ({ state, commands: unresolvedCommands(state, known) }))
    const events = broker.after(this.#partition, since, this.#offset - since)
    const touched = [...new Set(events.map(({ body }) => body.taskId))]
    for (const state of await store.readTasks(this.#partition, touched)) {
      if (!state || !isTerminal(state.status)) continue
      const commands = unresolvedCommands(state, known).filter(({ kind }) => OF_ENDED.has(kind))
      work.push({ state, commands })
    }
    // Nothing that is emitted next counts before this is out.
    this.#emit(start, work, since)
  }

  #emit(start: number, work: readonly TaskCommands[], offset: number): void {
    const emitted = { offset, left: true }
    this.#emissions.push(emitted)
    this.#emitter.emit(work, {
      isWanted: () => this.#isAlive,
      onEnd: (isOut) => {
        if (!this.#ended(start, isOut)) return
        emitted.left = false
        for (; this.#emissions[0]?.left === false; this.#emissions.shift())
          this.#watermark = this.#emissions[0].offset
      },
    })
  }

  #ended(start: number, isOut: boolean): boolean {
    if (!this.#isCurrent(start)) return false
    if (!isOut) this.#startOver()
    return isOut
  }

  #arm(start: number, dueMs: number): void {
    if (!Number.isFinite(dueMs)) return
    const { timeline, troubles } = this.#around
    timeline.at(dueMs - troubles().owner.clockAheadMs, () => this.#fireTimers(start))
  }

  async #fireTimers(start: number): Promise<void> {
    if (!this.#isCurrent(start)) return
    const { store, timeline, network, broker, troubles } = this.#around
    const nowMs = timeline.nowMs + troubles().owner.clockAheadMs
    for (const { taskId, dueMs } of await store.dueTimers(this.#partition, nowMs)) {
      const body: TimerFired = { v: 1, taskId, dueMs }
      const msgId = MESSAGE_IDS.timer(taskId, dueMs, nowMs)
      network.send(
        () => broker.append(this.#partition, { kind: 'timer', body }, msgId),
        () => {},
      )
    }
    const next = await store.nextTimerMs(this.#partition)
    if (next === undefined) return
    if (next <= nowMs) timeline.in(POLL_INTERVAL_MS, () => this.#fireTimers(start))
    else this.#arm(start, next)
  }

  /** The store may have forgotten something while nothing happens. */
  #watch(start: number): void {
    const { timeline, store } = this.#around
    timeline.in(WATCH_INTERVAL_MS, async () => {
      if (!this.#isCurrent(start)) return
      const found = await store.position(this.#partition)
      if (!this.#isBusy && found?.offset !== this.#offset) return this.#startOver()
      if (this.#around.isWatching()) this.#watch(start)
    })
  }

  #startOver(): void {
    this.#start++
    if (this.#isRetired) this.die()
    else this.#around.timeline.in(RETRY_MS, () => this.open())
  }

  /** Without the fence, a result counts whatever attempt it is of. */
  #fenced(events: LogEvent[], lookUp: (id: string) => { state: TaskState } | undefined): LogEvent[] {
    if (!this.#around.without.has('attempt-fence')) return events
    return events.map((event) => {
      const state = lookUp(event.body.taskId)?.state
      return withoutFence(state, event)
    })
  }

  #commitOf(
    expectedOffset: number | undefined,
    { level, number = this.#commits + 1 }: { level: boolean; number?: number },
  ): Commit {
    return {
      id: commitId(`${this.name}-${this.#start}`, number),
      expectedOffset,
      offset: this.#offset,
      emitted: this.#isEmitting ? this.#watermark : 0,
      level,
      log: LOG_MARK,
      writes: [],
      depth: new Map(),
      tenants: new Map(),
    }
  }

  #isCurrent(start: number): boolean {
    return this.#isAlive && this.#start === start
  }
}

/** The event as it would count if nobody asked which attempt is out. */
export function withoutFence(state: TaskState | undefined, event: LogEvent): LogEvent {
  if (event.kind !== 'result' || !state) return event
  const attempt = runStateOf(state, event.body.stepId)?.attempt
  return attempt ? { ...event, body: { ...event.body, attempt } } : event
}

import type { Clock } from '#platform/clock/clock.ts'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import type { WatchedChunks } from '#schemas/step-chunks.ts'
import { isTerminal, type TaskState } from '#schemas/task.ts'
import type { TaskEvent } from '#schemas/task-event.ts'
import { ChunkFollower, type ChunkSource } from './chunk-follower.ts'

/**
 * What a watcher is told: the task as it is, what then happens to it, what its steps emit while they run, and `idle` when nothing
 * happened for a while. After the last event comes the task with its result, and nothing more.
 */
export type WatchItem =
  | { kind: 'snapshot'; task: TaskState }
  | { kind: 'event'; event: TaskEvent }
  | { kind: 'chunks'; chunks: WatchedChunks }
  | { kind: 'idle' }

/** Where a task and its events come from. */
export interface TaskSource {
  /** The task as it is. @throws MurmurError TASK_NOT_FOUND, UNAVAILABLE */
  get(): Promise<TaskState>
  /** Live events from now on; some may be lost. @returns a function that ends it */
  onEvents(listener: (event: TaskEvent) => void): () => void
  /** Every event after one revision and up to another; undefined where not all of them are kept. */
  since?(afterRev: number, rev: number): readonly TaskEvent[] | undefined
  /** What its steps emit; without it nothing of that is told. */
  chunks?: ChunkSource | undefined
}

/** A watcher who is slower than its task gets a snapshot instead of what it could not take. */
const MAX_WAITING = 1000
/** How long an orchestrator may be away, as during a restart, before that ends the watch. */
const PATIENCE_MS = 30_000
const TRY_AGAIN_MS = 500

/** How much later than the state that it made an event may come: the two take different ways. */
const EVENT_LAG_MS = 1000

/**
 * Watches a task to its end: no event is missing and none is told twice. Who was cut off says what he has seen last
 * (`afterRev`) and gets what came since, or a snapshot where that is not kept any more. A snapshot makes up for events that
 * got lost on their way, too. What steps emit comes beside that: from the start of their run, also for who comes late, as far as it
 * is kept, and it is said what is missing.
 * @param pollIntervalMs live events may be lost: without one for so long, the task is read
 * @param firstPatienceMs how long nobody may be able to say how the task is when the watch begins: for a task that was accepted a moment
 * ago, and whose orchestrator may have started a moment ago, too
 * @throws MurmurError TASK_NOT_FOUND; UNAVAILABLE
 */
export async function* watchTask(
  source: TaskSource,
  {
    afterRev,
    pollIntervalMs,
    firstPatienceMs = 0,
    clock,
  }: { afterRev?: number | undefined; pollIntervalMs: number; firstPatienceMs?: number; clock: Clock },
  signal: AbortSignal,
): AsyncGenerator<WatchItem> {
  const inbox = new Inbox(clock, () => follower?.isReady === true)
  const follower = source.chunks && new ChunkFollower(source.chunks, clock, () => inbox.wake())
  const emitted = () => (follower?.take() ?? []).map((chunks): WatchItem => ({ kind: 'chunks', chunks }))
  // Before the task is read, so that nothing falls between the two.
  const end = source.onEvents((event) => inbox.add(event))
  const onAbort = () => inbox.wake()
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    let task = await getPatiently(() => source.get(), { clock, signal, patienceMs: firstPatienceMs })
    const isKnown = afterRev !== undefined && afterRev <= task.rev
    const missed = isKnown ? source.since?.(afterRev, task.rev) : undefined
    const history = new History(task.rev, missed)
    if (missed === undefined) yield { kind: 'snapshot', task }
    else yield* missed.map(itemOf)
    if (!isTerminal(task.status)) follower?.begin(task)
    let isEnded = false
    let lookAtMs = clock.monotonicMs() + pollIntervalMs
    while (!isTerminal(task.status) && !signal.aborted) {
      if (!isEnded) await inbox.wait(lookAtMs - clock.monotonicMs())
      if (signal.aborted) return
      const items = emitted()
      yield* items
      if (items.length > 0 && !inbox.hasEvents && !isEnded && clock.monotonicMs() < lookAtMs) continue
      lookAtMs = clock.monotonicMs() + pollIntervalMs
      const { events, isOverrun } = inbox.take()
      const live = history.append(events)
      yield* live.events.map(itemOf)
      if (events.length > 0 && !live.isGap && !live.isEnd && !isOverrun) continue
      let isQuiet = live.events.length === 0
      let isLost = live.isGap || isOverrun
      isEnded = false
      task = await getPatiently(() => source.get(), { clock, signal, patienceMs: PATIENCE_MS })
      const untilMs = clock.monotonicMs() + EVENT_LAG_MS
      while (history.rev < task.rev && !isLost && !signal.aborted) {
        const leftMs = untilMs - clock.monotonicMs()
        if (leftMs <= 0) break
        await inbox.wait(leftMs)
        yield* emitted()
        const late = history.append(inbox.take().events)
        yield* late.events.map(itemOf)
        isLost = late.isGap
        isQuiet &&= late.events.length === 0
        // Newer than the task that was read: it is read again at once.
        isEnded = late.isEnd && history.rev > task.rev
      }
      if (signal.aborted) return
      if (history.rev < task.rev) {
        history.skipTo(task.rev)
        yield { kind: 'snapshot', task }
      } else if (isQuiet && !isTerminal(task.status)) yield { kind: 'idle' }
    }
    if (!signal.aborted) yield* emitted()
    if (!history.isSnapshot && !signal.aborted) yield { kind: 'snapshot', task }
  } finally {
    signal.removeEventListener('abort', onAbort)
    follower?.end()
    end()
  }
}

/** What a watcher has been told: up to which revision of the task, and what of that one. */
class History {
  rev: number
  /** The revision was told by a snapshot: its events say nothing new. */
  isSnapshot: boolean
  /** Events of the revision that were told: after a crash they are announced again. */
  readonly #told: Set<string>

  /** @param missed what a watcher who came back was told; undefined: a snapshot */
  constructor(rev: number, missed: readonly TaskEvent[] | undefined) {
    this.rev = rev
    this.isSnapshot = missed === undefined
    this.#told = new Set(missed?.filter((event) => event.rev === rev).map(nameOf))
  }

  /** @returns the events that go on from here, whether one before them is missing, and whether one ends the task */
  append(events: readonly TaskEvent[]): { events: TaskEvent[]; isGap: boolean; isEnd: boolean } {
    let isGap = false
    const next = events.filter((event) => {
      isGap ||= event.rev !== undefined && event.rev > this.rev + 1
      return this.#isNext(event)
    })
    return { events: next, isGap, isEnd: events.some(isEnd) }
  }

  skipTo(rev: number): void {
    this.rev = rev
    this.isSnapshot = true
    this.#told.clear()
  }

  #isNext(event: TaskEvent): boolean {
    const { rev } = event
    if (rev === undefined) return true
    if (rev === this.rev + 1) {
      this.rev = rev
      this.isSnapshot = false
      this.#told.clear()
    } else if (rev !== this.rev || this.isSnapshot || this.#told.has(nameOf(event))) return false
    // One change may be told by two events: the step that failed, and the task that failed with it.
    this.#told.add(nameOf(event))
    return true
  }
}

function itemOf(event: TaskEvent): WatchItem {
  return { kind: 'event', event }
}

function nameOf({ kind, stepId }: TaskEvent): string {
  return `${kind} ${stepId ?? ''}`
}

function isEnd({ kind }: TaskEvent): boolean {
  return kind === 'completed' || kind === 'failed' || kind === 'cancelled'
}

async function getPatiently(
  get: () => Promise<TaskState>,
  { clock, signal, patienceMs }: { clock: Clock; signal: AbortSignal; patienceMs: number },
): Promise<TaskState> {
  const untilMs = clock.monotonicMs() + patienceMs
  for (;;) {
    try {
      return await get()
    } catch (error) {
      const mayPass = error instanceof MurmurError && error.code === 'UNAVAILABLE'
      if (!mayPass || signal.aborted || clock.monotonicMs() >= untilMs) throw error
      await clock.sleep(TRY_AGAIN_MS, signal)
    }
  }
}

/** Events that wait for a watcher to take them. */
class Inbox {
  readonly #clock: Clock
  #events: TaskEvent[] = []
  #isOverrun = false
  #waiting: AbortController | undefined
  readonly #hasMore: () => boolean

  /** @param hasMore whether there is something else to tell, which nobody waits for then */
  constructor(clock: Clock, hasMore: () => boolean) {
    this.#clock = clock
    this.#hasMore = hasMore
  }

  get hasEvents(): boolean {
    return this.#events.length > 0
  }

  add(event: TaskEvent): void {
    if (this.#events.length === MAX_WAITING) {
      this.#events = []
      this.#isOverrun = true
    }
    this.#events.push(event)
    this.wake()
  }

  wake(): void {
    this.#waiting?.abort()
  }

  /** @returns `isOverrun`: there were more, and those before the events are gone */
  take(): { events: TaskEvent[]; isOverrun: boolean } {
    const taken = { events: this.#events, isOverrun: this.#isOverrun }
    this.#events = []
    this.#isOverrun = false
    return taken
  }

  /** Until there is something, or somebody wakes it, or the time is up. */
  async wait(ms: number): Promise<void> {
    if (this.#events.length > 0 || this.#hasMore()) return
    this.#waiting = new AbortController()
    await this.#clock.sleep(ms, this.#waiting.signal)
    this.#waiting = undefined
  }
}

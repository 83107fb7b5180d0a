import type { Clock } from '#platform/clock/clock.ts'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import { isTerminal, type TaskState } from '#schemas/task.ts'
import type { TaskEvent } from '#schemas/task-event.ts'

/**
 * What a watcher is told: the task as it is, what then happens to it, and `idle` when nothing did for a while. After the last
 * event comes the task with its result, and nothing more.
 */
export type WatchItem =
  | { kind: 'snapshot'; task: TaskState }
  | { kind: 'event'; event: TaskEvent }
  | { kind: 'idle' }

/** Where a task and its events come from. */
export interface TaskSource {
  /** The task as it is. @throws MurmurError TASK_NOT_FOUND, UNAVAILABLE */
  get(): Promise<TaskState>
  /** Live events from now on; some may be lost. @returns a function that ends it */
  onEvents(listener: (event: TaskEvent) => void): () => void
  /** Every event after one revision and up to another; undefined where not all of them are kept. */
  since?(afterRev: number, rev: number): readonly TaskEvent[] | undefined
}

/** A watcher who is slower than its task gets a snapshot instead of what it could not take. */
const MAX_WAITING = 1000
/** How long an orchestrator may be away, as during a restart, before that ends the watch. */
const PATIENCE_MS = 30_000
const TRY_AGAIN_MS = 500

/**
 * Watches a task to its end: no event is missing and none is told twice. Who was cut off says what he has seen last
 * (`afterRev`) and gets what came since, or a snapshot where that is not kept any more.
 * @param pollIntervalMs live events may be lost: without one for so long, the task is looked at
 * @throws MurmurError TASK_NOT_FOUND; UNAVAILABLE
 */
export async function* watchTask(
  source: TaskSource,
  {
    afterRev,
    pollIntervalMs,
    clock,
  }: { afterRev?: number | undefined; pollIntervalMs: number; clock: Clock },
  signal: AbortSignal,
): AsyncGenerator<WatchItem> {
  const inbox = new Inbox()
  // Before the first look, so that nothing falls between the two.
  const end = source.onEvents((event) => inbox.add(event))
  const onAbort = () => inbox.wake()
  signal.addEventListener('abort', onAbort, { once: true })
  const poll = () => getPatiently(() => source.get(), { clock, signal })
  try {
    let task = await source.get()
    let rev = task.rev
    const missed = afterRev === undefined || afterRev > rev ? undefined : source.since?.(afterRev, rev)
    if (missed === undefined) yield { kind: 'snapshot', task }
    else for (const event of missed) yield { kind: 'event', event }
    /** By a snapshot: events of this revision say nothing new. */
    let isTold = missed === undefined
    /** Events of this revision that were told: after a crash they are announced again. */
    const told = new Set(missed?.filter((event) => event.rev === rev).map(nameOf))
    while (!isTerminal(task.status) && !signal.aborted) {
      await inbox.wait(pollIntervalMs)
      if (signal.aborted) return
      const { events, isOverrun } = inbox.take()
      let mustPoll = isOverrun || events.length === 0
      for (const event of isOverrun ? [] : events) {
        // One change may be told by two events: the step that failed, and the task that failed with it.
        if (event.rev === undefined) yield { kind: 'event', event }
        else if (event.rev === rev + 1 || (event.rev === rev && !isTold && !told.has(nameOf(event)))) {
          if (event.rev > rev) told.clear()
          told.add(nameOf(event))
          rev = event.rev
          isTold = false
          yield { kind: 'event', event }
        } else if (event.rev > rev) mustPoll = true
        if (isEnd(event)) mustPoll = true
      }
      if (!mustPoll) continue
      task = await poll()
      if (task.rev === rev && !isTerminal(task.status)) {
        yield { kind: 'idle' }
        continue
      }
      rev = task.rev
      isTold = true
      yield { kind: 'snapshot', task }
    }
    if (!isTold && !signal.aborted) yield { kind: 'snapshot', task }
  } finally {
    signal.removeEventListener('abort', onAbort)
    end()
  }
}

function nameOf({ kind, stepId }: TaskEvent): string {
  return `${kind} ${stepId ?? ''}`
}

function isEnd({ kind }: TaskEvent): boolean {
  return kind === 'completed' || kind === 'failed' || kind === 'cancelled'
}

async function getPatiently(
  get: () => Promise<TaskState>,
  { clock, signal }: { clock: Clock; signal: AbortSignal },
): Promise<TaskState> {
  const untilMs = clock.monotonicMs() + PATIENCE_MS
  for (;;) {
    try {
      return await get()
    } catch (error) {
      const mayPass = error instanceof MurmurError && error.code === 'UNAVAILABLE'
      if (!mayPass || signal.aborted || clock.monotonicMs() > untilMs) throw error
      await clock.sleep(TRY_AGAIN_MS, signal)
    }
  }
}

/** Events that wait for a watcher to take them. */
class Inbox {
  #events: TaskEvent[] = []
  #isOverrun = false
  #wake: () => void = () => undefined

  add(event: TaskEvent): void {
    if (this.#events.length < MAX_WAITING) this.#events.push(event)
    else this.#isOverrun = true
    this.#wake()
  }

  wake(): void {
    this.#wake()
  }

  take(): { events: TaskEvent[]; isOverrun: boolean } {
    const taken = { events: this.#events, isOverrun: this.#isOverrun }
    this.#events = []
    this.#isOverrun = false
    return taken
  }

  /** Until there is something, or somebody wakes it, or the time is up. */
  async wait(ms: number): Promise<void> {
    if (this.#events.length > 0) return
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms)
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
    this.#wake = () => undefined
  }
}

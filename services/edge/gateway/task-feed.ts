import type { Clock } from '#platform/clock/clock.ts'
import { MurmurError, messageOf } from '#platform/errors/murmur-error.ts'
import type { Component } from '#platform/lifecycle/lifecycle.ts'
import { summaryOf } from '#platform/tasks/task-summary.ts'
import type { Log } from '#platform/telemetry/logger.ts'
import type { TaskState, TaskSummary } from '#schemas/task.ts'
import type { ListTasksRequest, ListTasksResponse } from '#schemas/task-requests.ts'
import type { EventHub } from './event-hub.ts'
import { WatcherLimit } from './watcher-limit.ts'

/** What somebody who watches the tasks of a tenant is told. */
export type TaskFeedItem =
  /** Tasks that are new or have changed, as they are now. `seq` is where the feed is. */
  | { kind: 'tasks'; seq: number; tasks: readonly TaskSummary[] }
  /** What happened meanwhile is not known here: the list is to be read anew. */
  | { kind: 'reset'; seq: number }
  | { kind: 'idle' }

export interface TaskFeedDeps {
  hub: Pick<EventHub, 'watchAll'>
  gateway: {
    list(tenant: string, request: Partial<ListTasksRequest>): Promise<ListTasksResponse>
    get(tenant: string, taskId: string): Promise<TaskState>
  }
  clock: Pick<Clock, 'sleep' | 'nowMs'>
  log?: Pick<Log, 'warn'> | undefined
}

/** Changes of so long are told at once; half of what a reader notices. Milliseconds. */
const GATHER_MS = 80
/** Of each round: what is newest is asked for as a page, the rest one by one. */
const NEWEST = 200
const MAX_SINGLE = 40
/** Tasks that changed and were not asked for yet. More: they happen faster than they can be told, and the list is read anew. */
const MAX_DIRTY = 5000
/** Rounds that are kept for those who come back. */
const MAX_KEPT = 2000
/** Ids of tasks that are somebody else's, so that they are asked for once. */
const MAX_FOREIGN = 20_000
const MAX_WATCHERS = 500
/** A watcher that takes nothing for so many rounds is told to read anew. */
const MAX_WAITING = 200
const IDLE_AFTER_MS = 15_000
const RETRY_MS = 1000

interface Kept {
  seq: number
  task: TaskSummary
}

/**
 * The tasks of a tenant as they come and change, for as many as watch them: what the events name is asked for once, however many watch. Events
 * themselves say nothing of tenants, so that nobody is told of a task that its own list does not have.
 */
export class TaskFeed implements Component {
  readonly name = 'task feed'
  readonly #deps: TaskFeedDeps
  readonly #tenants = new Map<string, TenantFeed>()
  readonly #limit = new WatcherLimit('tasks', MAX_WATCHERS)

  constructor(deps: TaskFeedDeps) {
    this.#deps = deps
  }

  stop(): void {
    for (const feed of this.#tenants.values()) feed.stop()
    this.#tenants.clear()
  }

  /**
   * @param afterSeq where the watcher was, as an item said; undefined: from now on
   * @throws MurmurError OVERLOADED when too many watch
   */
  async *watch(
    tenant: string,
    afterSeq: number | undefined,
    signal: AbortSignal,
  ): AsyncGenerator<TaskFeedItem> {
    const leave = this.#limit.enter()
    const feed = this.#tenants.get(tenant) ?? new TenantFeed(tenant, this.#deps)
    this.#tenants.set(tenant, feed)
    try {
      yield* feed.watch(afterSeq, signal)
    } finally {
      leave()
      if (feed.isUnwatched && this.#tenants.get(tenant) === feed) {
        this.#tenants.delete(tenant)
        feed.stop()
      }
    }
  }
}

interface Watcher {
  waiting: TaskFeedItem[]
  wake: () => void
}

class TenantFeed {
  readonly #tenant: string
  readonly #deps: TaskFeedDeps
  readonly #watchers = new Set<Watcher>()
  readonly #stopping = new AbortController()
  readonly #dirty = new Set<string>()
  readonly #foreign = new Set<string>()
  #kept: Kept[] = []
  /** What came before this is not known. Of each feed another one, so that a place in one is none in another. */
  #firstSeq: number
  #seq: number
  #isBehind = false
  #running: Promise<void> | undefined
  readonly #end: () => void

  constructor(tenant: string, deps: TaskFeedDeps) {
    this.#tenant = tenant
    this.#deps = deps
    this.#firstSeq = deps.clock.nowMs() * 1000
    this.#seq = this.#firstSeq
    this.#end = deps.hub.watchAll((taskId) => this.#note(taskId))
  }

  get isUnwatched(): boolean {
    return this.#watchers.size === 0
  }

  stop(): void {
    this.#end()
    this.#stopping.abort()
    for (const { wake } of this.#watchers) wake()
  }

  async *watch(afterSeq: number | undefined, signal: AbortSignal): AsyncGenerator<TaskFeedItem> {
    const watcher: Watcher = { waiting: [this.#since(afterSeq)], wake: () => {} }
    this.#watchers.add(watcher)
    const ended = AbortSignal.any([signal, this.#stopping.signal])
    const onEnd = () => watcher.wake()
    ended.addEventListener('abort', onEnd, { once: true })
    try {
      while (!ended.aborted) {
        const item = watcher.waiting.shift()
        yield item ?? { kind: 'idle' }
        if (watcher.waiting.length === 0) await nextOf(watcher)
      }
    } finally {
      ended.removeEventListener('abort', onEnd)
      this.#watchers.delete(watcher)
    }
  }

  #since(afterSeq: number | undefined): TaskFeedItem {
    const seq = this.#seq
    if (afterSeq === undefined) return { kind: 'tasks', seq, tasks: [] }
    const isKnown = afterSeq >= this.#firstSeq && afterSeq <= seq
    if (!isKnown) return { kind: 'reset', seq }
    const tasks = new Map(this.#kept.filter((kept) => kept.seq > afterSeq).map(({ task }) => [task.id, task]))
    return { kind: 'tasks', seq, tasks: [...tasks.values()] }
  }

  #note(taskId: string): void {
    if (this.#foreign.has(taskId)) return
    if (this.#dirty.size >= MAX_DIRTY) this.#isBehind = true
    else this.#dirty.add(taskId)
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined
    })
  }

  async #run(): Promise<void> {
    while (this.#dirty.size > 0 && !this.#stopping.signal.aborted) {
      await this.#deps.clock.sleep(GATHER_MS, this.#stopping.signal)
      if (this.#stopping.signal.aborted) return
      const asked = [...this.#dirty]
      try {
        if (this.#isBehind) this.#reset()
        else await this.#ask(asked)
      } catch (error) {
        // Nobody can say how they are: they stay asked for.
        this.#deps.log?.warn(
          { error: messageOf(error), tenant: this.#tenant },
          'changed tasks can not be read',
        )
        for (const id of asked) this.#dirty.add(id)
        await this.#deps.clock.sleep(RETRY_MS, this.#stopping.signal)
      }
    }
  }

  #reset(): void {
    this.#isBehind = false
    this.#dirty.clear()
    this.#kept = []
    this.#firstSeq = ++this.#seq
    this.#tell({ kind: 'reset', seq: this.#seq })
  }

  async #ask(asked: readonly string[]): Promise<void> {
    // What happens while they are asked for makes them asked for again.
    for (const id of asked) this.#dirty.delete(id)
    const { gateway } = this.#deps
    const newest = await gateway.list(this.#tenant, {
      limit: Math.min(NEWEST, Math.max(20, asked.length * 2)),
    })
    const found = new Map(newest.tasks.map((task) => [task.id, task]))
    const rest = asked.filter((id) => !found.has(id))
    for (const id of rest.slice(MAX_SINGLE)) this.#dirty.add(id)
    const singles = await Promise.all(
      rest.slice(0, MAX_SINGLE).map((id) =>
        gateway.get(this.#tenant, id).then(
          (task) => ({ id, task: summaryOf(task) }),
          (error: unknown) => ({ id, error }),
        ),
      ),
    )
    const tasks: TaskSummary[] = asked.flatMap((id) => found.get(id) ?? [])
    for (const single of singles) {
      if ('task' in single) tasks.push(single.task)
      else if (single.error instanceof MurmurError && single.error.code === 'TASK_NOT_FOUND')
        this.#setForeign(single.id)
      else this.#dirty.add(single.id)
    }
    if (tasks.length > 0) this.#publish(tasks)
  }

  #setForeign(taskId: string): void {
    this.#foreign.add(taskId)
    if (this.#foreign.size > MAX_FOREIGN) this.#foreign.delete(this.#foreign.values().next().value!)
  }

  #publish(tasks: readonly TaskSummary[]): void {
    const seq = ++this.#seq
    this.#kept.push(...tasks.map((task) => ({ seq, task })))
    if (this.#kept.length > MAX_KEPT) {
      const gone = this.#kept.splice(0, this.#kept.length - MAX_KEPT)
      this.#firstSeq = gone.at(-1)!.seq
    }
    this.#tell({ kind: 'tasks', seq, tasks })
  }

  #tell(item: TaskFeedItem): void {
    for (const watcher of this.#watchers) {
      if (watcher.waiting.length >= MAX_WAITING) watcher.waiting = [{ kind: 'reset', seq: this.#seq }]
      else watcher.waiting.push(item)
      watcher.wake()
    }
  }
}

/** Resolves when there is something for it, or it has waited for long. */
function nextOf(watcher: Watcher): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, IDLE_AFTER_MS)
    watcher.wake = () => {
      clearTimeout(timer)
      resolve()
    }
  })
}

import type { Clock } from '#platform/clock/clock.ts'
import { readMessage } from '#platform/json/read-message.ts'
import type { Component } from '#platform/lifecycle/lifecycle.ts'
import type { Bus } from '#platform/nats/bus.ts'
import type { ServiceLevels } from '#schemas/system-status.ts'
import { type TaskEvent, taskEventSchema } from '#schemas/task-event.ts'
import { parseTaskEventSubject, SUBJECTS } from '#subjects/subjects.ts'
import { ChunkHub } from './chunk-hub.ts'
import { ServiceLevelWindow } from './service-levels.ts'

export type OnTaskEvent = (event: TaskEvent) => void

interface RecentEvent {
  taskId: string
  /** Its own text: bytes are a view of everything that came with them, and would keep all of it. */
  json: string
}

/** Bytes of events that are kept for those who come back: minutes of a busy system, hours of a quiet one. */
const MAX_RECENT_BYTES = 32 * 1024 * 1024
/** An entry costs more than its bytes. */
const ENTRY_BYTES = 300
const decoder = new TextDecoder()

/**
 * The live events of all tasks over one subscription: handed to those who watch, and kept for a while, so that a watcher who was
 * cut off is told what happened meanwhile. Nothing is parsed that nobody wants to know.
 */
export class EventHub implements Component {
  readonly name = 'event hub'
  /** What steps emit: kept by those who run them. */
  readonly chunks: ChunkHub
  readonly #bus: Pick<Bus, 'subscribe' | 'requestBytes'>
  readonly #clock: Pick<Clock, 'monotonicMs'>
  readonly #levels: ServiceLevelWindow
  readonly #maxBytes: number
  readonly #watchers = new Map<string, Set<OnTaskEvent>>()
  readonly #watchersOfAll = new Set<(taskId: string) => void>()
  /** By task, oldest first; and all of them in the order in which they came. */
  readonly #byTask = new Map<string, RecentEvent[]>()
  #order: RecentEvent[] = []
  #first = 0
  #bytes = 0
  #end: () => void = () => {}

  constructor(
    bus: Pick<Bus, 'subscribe' | 'requestBytes'>,
    clock: Pick<Clock, 'monotonicMs'>,
    maxBytes: number = MAX_RECENT_BYTES,
  ) {
    this.#bus = bus
    this.chunks = new ChunkHub(bus)
    this.#clock = clock
    this.#levels = new ServiceLevelWindow(clock.monotonicMs())
    this.#maxBytes = maxBytes
  }

  start(): void {
    this.#end = this.#bus.subscribe(SUBJECTS.eventsAll, ({ subject, data }) => {
      const address = parseTaskEventSubject(subject)
      if (!address) return
      const json = decoder.decode(data)
      this.#count(address.kind, json)
      this.#receive({ taskId: address.taskId, json })
      if (address.kind !== 'progress') for (const onTask of this.#watchersOfAll) onTask(address.taskId)
    })
  }

  stop(): void {
    this.#end()
  }

  /** What the system gave to all tenants over the last minutes. */
  serviceLevels(): ServiceLevels {
    return this.#levels.read(this.#clock.monotonicMs())
  }

  /** Events of one task from now on. @returns a function that ends it */
  watch(taskId: string, onEvent: OnTaskEvent): () => void {
    const watchers = this.#watchers.get(taskId) ?? new Set()
    this.#watchers.set(taskId, watchers.add(onEvent))
    return () => {
      watchers.delete(onEvent)
      if (watchers.size === 0 && this.#watchers.get(taskId) === watchers) this.#watchers.delete(taskId)
    }
  }

  /** Which tasks something happens to, of all tenants; of progress nothing is told. @returns a function that ends it */
  watchAll(onTask: (taskId: string) => void): () => void {
    this.#watchersOfAll.add(onTask)
    return () => void this.#watchersOfAll.delete(onTask)
  }

  /** The kept events of a task that changed it after revision `rev`, up to `lastRev`; undefined when one of them is not kept. */
  since(taskId: string, rev: number, lastRev: number): TaskEvent[] | undefined {
    // By what they tell: an event may come twice, and one change may be told by two of them.
    const events = new Map<string, TaskEvent>()
    const revs = new Set<number>()
    for (const { json } of this.#byTask.get(taskId) ?? []) {
      const event = readMessage(json, taskEventSchema)
      if (event?.rev === undefined || event.rev <= rev || event.rev > lastRev) continue
      events.set(`${event.rev} ${event.kind} ${event.stepId ?? ''}`, event)
      revs.add(event.rev)
    }
    if (revs.size !== lastRev - rev) return undefined
    return [...events.values()].toSorted((a, b) => a.rev! - b.rev!)
  }

  #count(kind: string | undefined, json: string): void {
    if (kind !== 'accepted' && kind !== 'completed' && kind !== 'failed' && kind !== 'cancelled') return
    const latencyMs = kind === 'completed' ? readMessage(json, taskEventSchema)?.durationMs : undefined
    this.#levels.record(kind, this.#clock.monotonicMs(), latencyMs)
  }

  #receive(recent: RecentEvent): void {
    this.#remember(recent)
    const watchers = this.#watchers.get(recent.taskId)
    if (!watchers) return
    const event = readMessage(recent.json, taskEventSchema)
    // Anybody may publish there.
    if (event?.taskId !== recent.taskId) return
    for (const onEvent of watchers) onEvent(event)
  }

  #remember(recent: RecentEvent): void {
    const ofTask = this.#byTask.get(recent.taskId)
    if (ofTask) ofTask.push(recent)
    else this.#byTask.set(recent.taskId, [recent])
    this.#order.push(recent)
    this.#bytes += recent.json.length + ENTRY_BYTES
    while (this.#bytes > this.#maxBytes) this.#forgetFirst()
    if (this.#first > 1024 && this.#first > this.#order.length / 2) {
      this.#order = this.#order.slice(this.#first)
      this.#first = 0
    }
  }

  #forgetFirst(): void {
    const oldest = this.#order[this.#first++]!
    this.#bytes -= oldest.json.length + ENTRY_BYTES
    // The oldest of all is the oldest of its task.
    const ofTask = this.#byTask.get(oldest.taskId)!
    ofTask.shift()
    if (ofTask.length === 0) this.#byTask.delete(oldest.taskId)
  }
}

import type { Clock } from '#platform/clock/clock.ts'
import type { Publishing } from '#platform/nats/bus.ts'
import type { TimerFired } from '#schemas/log-event.ts'
import { MESSAGE_IDS, SUBJECTS } from '#subjects/subjects.ts'
import type { PartitionStore } from './partition-store.ts'

/** Timers fired by one poll. */
const BATCH = 500
/** After firing, and after a fault, before the next poll. Milliseconds. */
const POLL_INTERVAL_MS = 250
/** The broker's clock may be set while an alarm waits: it looks at the time again. */
const MAX_WAIT_MS = 1000

export interface PartitionTimersDeps {
  partition: number
  store: PartitionStore
  bus: Publishing
  /** The broker's: a timer goes off when its time has come there, whatever this machine's clock says. */
  clock: Clock
  onTrouble: (error: unknown) => void
}

/**
 * The alarm clock of a partition. A due timer is fired by publishing an event to the log, and acted on when it is read
 * back: so it has its position in the order of events, and survives the process that fired it.
 */
export class PartitionTimers {
  readonly #deps: PartitionTimersDeps
  #alarm: NodeJS.Timeout | undefined
  #alarmAtMs = Number.POSITIVE_INFINITY
  #running = false

  constructor(deps: PartitionTimersDeps) {
    this.#deps = deps
  }

  start(): void {
    this.#running = true
    void this.#poll()
  }

  stop(): void {
    this.#running = false
    clearTimeout(this.#alarm)
  }

  /** Something is due at `dueMs`; Infinity: nothing new. */
  arm(dueMs: number): void {
    if (!this.#running || dueMs >= this.#alarmAtMs) return
    this.#alarmAtMs = dueMs
    this.#wait()
  }

  #wait(): void {
    clearTimeout(this.#alarm)
    const waitMs = this.#alarmAtMs - this.#deps.clock.nowMs()
    if (waitMs <= MAX_WAIT_MS) this.#alarm = setTimeout(() => void this.#poll(), Math.max(0, waitMs))
    else this.#alarm = setTimeout(() => this.#wait(), MAX_WAIT_MS)
  }

  async #poll(): Promise<void> {
    const { partition, store, clock, onTrouble } = this.#deps
    this.#alarmAtMs = Number.POSITIVE_INFINITY
    try {
      const nowMs = clock.nowMs()
      const due = await store.dueTimers(partition, nowMs, BATCH)
      await Promise.all(due.map((timer) => this.#fire(timer)))
      const nextMs = await store.nextTimerMs(partition)
      // What was fired stays in the store until its event is folded: no earlier than a moment from now.
      if (nextMs !== undefined) this.arm(nextMs <= nowMs ? clock.nowMs() + POLL_INTERVAL_MS : nextMs)
    } catch (error) {
      onTrouble(error)
      this.arm(clock.nowMs() + POLL_INTERVAL_MS)
    }
  }

  async #fire({ taskId, dueMs }: { taskId: string; dueMs: number }): Promise<void> {
    const body: TimerFired = { v: 1, taskId, dueMs }
    await this.#deps.bus.publisher.publish(
      SUBJECTS.log(this.#deps.partition, 'timer'),
      JSON.stringify(body),
      {
        msgId: MESSAGE_IDS.timer(taskId, dueMs, this.#deps.clock.nowMs()),
      },
    )
  }
}

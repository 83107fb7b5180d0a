import type { Clock } from '#platform/clock/clock.ts'
import { MurmurError, messageOf } from '#platform/errors/murmur-error.ts'
import type { Bus } from '#platform/nats/bus.ts'
import type { Log } from '#platform/telemetry/logger.ts'
import type { Alert } from '#schemas/alert.ts'
import { isTerminal } from '#schemas/task.ts'
import { carryOut, type IncidentDeps, tell } from './change-incident.ts'
import { afterMonitor, afterSnooze, afterWait, type IncidentStep } from './next-incident.ts'

export interface KeeperDeps extends IncidentDeps {
  bus: Pick<Bus, 'call'>
  clock: Clock
  log: Log
  /** Whether an alert of this camera and rule would be hidden now. */
  isSnoozed(alert: Alert): Promise<boolean>
  intervals?: KeeperIntervals | undefined
}

export interface KeeperIntervals {
  /** How soon an incident is closed when its time has come. Milliseconds. */
  dueMs: number
  /** How soon it is noticed that a monitor has ended without a word, that a snooze is over, or that something was not told. */
  lookMs: number
}

const INTERVALS: KeeperIntervals = { dueMs: 500, lookMs: 5000 }
/** Incidents that are looked at side by side: of a switch that fails, a hundred cameras are away. */
const CONCURRENCY = 16
const UNTOLD_MS = 5000
const TASK_TIMEOUT_MS = 3000
/** Kinds of rules whose incidents are about a monitor that has ended: they stay when it has. */
const OUTLIVE_MONITOR: ReadonlySet<string> = new Set(['monitor-ended'])

/**
 * Sees to incidents by the clock, in every instance: what any of them does, the others find done. It closes what has been over
 * for long enough, and what nobody looks after any more; it tells what an instance that died has not told.
 */
export class IncidentKeeper {
  readonly #deps: KeeperDeps
  readonly #stopping = new AbortController()
  #running: Promise<void> = Promise.resolve()

  constructor(deps: KeeperDeps) {
    this.#deps = deps
  }

  start(): void {
    this.#running = this.#run()
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#running
  }

  async #run(): Promise<void> {
    const { clock, log } = this.#deps
    const { signal } = this.#stopping
    const { dueMs, lookMs } = this.#deps.intervals ?? INTERVALS
    let lookedAtMs = Number.NEGATIVE_INFINITY
    while (!signal.aborted) {
      try {
        await this.closeDue()
        const nowMs = clock.monotonicMs()
        if (nowMs - lookedAtMs >= lookMs) {
          lookedAtMs = nowMs
          await this.poll()
        }
      } catch (error) {
        // Redis or NATS is away: the next look does it.
        log.debug({ reason: messageOf(error) }, 'incidents have to wait')
      }
      await clock.sleep(dueMs, signal)
    }
  }

  /** Closes incidents that have been over for long enough. */
  async closeDue(): Promise<void> {
    const { incidents, clock, limits } = this.#deps
    const nowMs = clock.nowMs()
    for (const { alert } of await incidents.read(await incidents.due(nowMs)))
      await this.#take(alert, afterWait(alert, nowMs, limits))
  }

  /** Closes incidents of monitors that have ended, and those that a clock which was set back left open; ends snoozes, tells what was not told. */
  async poll(): Promise<void> {
    const { incidents, clock } = this.#deps
    const left = await incidents.untold(clock.nowMs() - UNTOLD_MS)
    for (const stored of await incidents.read(left)) await tell(stored, this.#deps)
    const ids = await incidents.open()
    for (let at = 0; at < ids.length && !this.#stopping.signal.aborted; at += CONCURRENCY) {
      const some = await incidents.read(ids.slice(at, at + CONCURRENCY))
      await Promise.all(some.map(({ alert }) => this.#pollOne(alert)))
    }
  }

  async #pollOne(alert: Alert): Promise<void> {
    const { clock, limits } = this.#deps
    const step = afterWait(alert, clock.nowMs(), limits)
    if (step.kind !== 'none') return this.#take(alert, step)
    if (alert.snoozed && !(await this.#deps.isSnoozed(alert))) await this.#take(alert, afterSnooze(alert))
    if (OUTLIVE_MONITOR.has(alert.rule.kind)) return
    const reason = await this.#endOf(alert)
    if (reason !== undefined) await this.#take(alert, afterMonitor(alert, reason, clock.nowMs()))
  }

  /** Closes the incidents of a monitor that ends in order. */
  async monitorEnds(monitor: string, reason: string): Promise<void> {
    const { incidents, clock } = this.#deps
    for (const { alert } of await incidents.read(await incidents.open()))
      if (alert.incident?.monitor === monitor && !OUTLIVE_MONITOR.has(alert.rule.kind))
        await this.#take(alert, afterMonitor(alert, reason, clock.nowMs()))
  }

  async #take(alert: Alert, step: IncidentStep): Promise<void> {
    if (step.kind === 'none') return
    const changed = await carryOut(alert, step, this.#deps)
    if (!changed) return
    const { id, camera, rule, incident } = changed
    const about = { alert: id, camera, rule: rule.id, times: incident?.times, reason: incident?.reason }
    this.#deps.log.info(about, `an incident was ${changed.status === 'resolved' ? 'closed' : 'told again'}`)
  }

  /** Why nobody looks after an incident any more; undefined while its monitor runs, or nobody knows. */
  async #endOf({ tenant, incident }: Alert): Promise<string | undefined> {
    const taskId = incident!.monitor
    try {
      const { task } = await this.#deps.bus.call(
        'getTask',
        { taskId },
        { tenant, timeoutMs: TASK_TIMEOUT_MS },
      )
      return isTerminal(task.status) ? `Its monitor has ended: ${task.status}` : undefined
    } catch (error) {
      const isGone = error instanceof MurmurError && error.code === 'TASK_NOT_FOUND'
      return isGone ? 'Its monitor is not known any more' : undefined
    }
  }
}

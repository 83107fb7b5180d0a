import type { Clock } from '#platform/clock/clock.ts'
import { messageOf } from '#platform/errors/murmur-error.ts'
import { readMessage } from '#platform/json/read-message.ts'
import type { Component } from '#platform/lifecycle/lifecycle.ts'
import type { Serving } from '#platform/nats/bus.ts'
import type { Redis } from '#platform/redis/redis.ts'
import type { Log } from '#platform/telemetry/logger.ts'
import type { Metrics } from '#platform/telemetry/metrics.ts'
import {
  type HeldLoad,
  NAMED_TENANTS,
  type QueueLoad,
  type QueueLoadReport,
  type QueueLoads as QueueLoadsAnswer,
  queueLoadReportSchema,
} from '#schemas/queue-load.ts'
import type { Queues } from '#schemas/system-status.ts'
import { heldLoads, type LoadedStep, mergedLoad } from '../dispatch/held-loads.ts'

export interface QueueLoadsDeps {
  bus: Serving
  redis: Pick<Redis, 'hgetall' | 'hset' | 'hdel'>
  /** The broker's. */
  clock: Clock
  instance: string
  /** Steps of the partitions that are owned here: those that wait for their turn, and those that are out. */
  steps: () => Iterable<LoadedStep>
  /** What is on the queues of all agents. */
  queues: () => Promise<Pick<Queues, 'steps'>>
  metrics: Metrics
  log: Log
}

const KEY = 'murmur:reports:queues'
const REPORT_INTERVAL_MS = 2000
/** All steps are counted for it: a hundredth of the time at most. */
const LEAST_PAUSE_FACTOR = 100
/** Two reports and a half. An orchestrator that is gone counts no more after this. */
const OUTDATED_AFTER_MS = 5000
const FORGOTTEN_AFTER_MS = 60_000

/**
 * Whose the steps are that wait, and for how long. Each orchestrator knows it of its own partitions, and writes it down every two seconds
 * while there is something; whoever is asked puts it together.
 */
export class QueueLoads implements Component {
  readonly name = 'loads of queues'
  readonly #deps: QueueLoadsDeps
  readonly #stopping = new AbortController()
  /** Types that have figures. */
  readonly #measured = new Set<string>()
  #done: Promise<void> = Promise.resolve()
  #end: () => void = () => {}
  #isReported = false
  /** What was counted for the last report: scrapes show it, and count nothing. */
  #counted: readonly HeldLoad[] = []

  constructor(deps: QueueLoadsDeps) {
    this.#deps = deps
  }

  start(): void {
    const { bus, metrics } = this.#deps
    this.#end = bus.serve('listQueueLoads', () => this.list())
    metrics.onScrape(() => this.#refreshGauges())
    this.#done = this.#report()
  }

  quiesce(): void {
    this.#end()
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#done
    if (this.#isReported) await this.#deps.redis.hdel(KEY, [this.#deps.instance]).catch(ignore)
  }

  /** By agent type: those that live, and those that something waits for. @throws MurmurError UNAVAILABLE */
  async list(): Promise<QueueLoadsAnswer> {
    const { clock } = this.#deps
    const [{ steps }, others] = await Promise.all([this.#deps.queues(), this.#reportsOfOthers()])
    const nowMs = clock.nowMs()
    const held = Map.groupBy([...this.#own(), ...others.flatMap(({ loads }) => loads)], ({ agent }) => agent)
    const queued = Map.groupBy(steps, ({ agent }) => agent)
    const agents = [...new Set([...queued.keys(), ...held.keys()])].sort()
    return {
      atMs: nowMs,
      queues: agents.map((agent) => loadOf(agent, queued.get(agent) ?? [], held.get(agent) ?? [], nowMs)),
    }
  }

  #own(): HeldLoad[] {
    return heldLoads(this.#deps.steps())
  }

  /** Where they can't be read, what is known here is told all the same. */
  async #reportsOfOthers(): Promise<QueueLoadReport[]> {
    const { redis, clock, instance, log } = this.#deps
    try {
      const entries = Object.entries(await redis.hgetall(KEY)).flatMap(([field, json]) => {
        const report = readMessage(json, queueLoadReportSchema)
        return field === instance || !report ? [] : [{ field, report }]
      })
      const isOlder = (ms: number) => (entry: (typeof entries)[number]) =>
        clock.nowMs() - entry.report.atMs > ms
      const gone = entries.filter(isOlder(FORGOTTEN_AFTER_MS)).map(({ field }) => field)
      if (gone.length > 0) await redis.hdel(KEY, gone)
      const isOutdated = isOlder(OUTDATED_AFTER_MS)
      return entries.filter((entry) => !isOutdated(entry)).map(({ report }) => report)
    } catch (error) {
      log.warn({ reason: messageOf(error) }, 'what waits with other orchestrators could not be read')
      return []
    }
  }

  async #report(): Promise<void> {
    const { clock, redis, instance, log } = this.#deps
    const { signal } = this.#stopping
    while (!signal.aborted) {
      const startedMs = clock.monotonicMs()
      const loads = this.#own()
      this.#counted = loads
      const tookMs = clock.monotonicMs() - startedMs
      try {
        const report: QueueLoadReport = { v: 1, atMs: clock.nowMs(), loads }
        if (loads.length > 0) await redis.hset(KEY, instance, JSON.stringify(report))
        else if (this.#isReported) await redis.hdel(KEY, [instance])
        this.#isReported = loads.length > 0
      } catch (error) {
        // The next one comes in two seconds; users of Redis of an earlier version may not write it.
        log.debug({ reason: messageOf(error) }, 'what waits here could not be told to others')
      }
      await clock.sleep(Math.max(REPORT_INTERVAL_MS, LEAST_PAUSE_FACTOR * tookMs), signal)
    }
  }

  #refreshGauges(): void {
    const { metrics, clock } = this.#deps
    const gauge = metrics.gauge('murmur_steps_parked_oldest_age_seconds')
    // Of a type for which nothing waits any more the last figure must not stand.
    for (const agent of this.#measured) gauge.labels(agent).set(0)
    for (const { agent, oldestSinceMs } of this.#counted) {
      this.#measured.add(agent)
      if (oldestSinceMs !== undefined)
        gauge.labels(agent).set(Math.max(0, clock.nowMs() - oldestSinceMs) / 1000)
    }
  }
}

/** Pure. */
function loadOf(agent: string, queued: Queues['steps'], held: readonly HeldLoad[], nowMs: number): QueueLoad {
  const { oldestSinceMs, out: _out, ...load } = mergedLoad(held, NAMED_TENANTS)
  const ages = [
    ...(oldestSinceMs === undefined ? [] : [Math.max(0, nowMs - oldestSinceMs)]),
    ...queued.flatMap(({ oldestAgeMs }) => oldestAgeMs ?? []),
  ]
  return {
    agent,
    ...load,
    queued: queued.reduce((sum, { waiting }) => sum + waiting, 0),
    inWork: queued.reduce((sum, { inWork }) => sum + inWork, 0),
    ...(ages.length > 0 && { oldestAgeMs: Math.max(...ages) }),
  }
}

function ignore(): void {}

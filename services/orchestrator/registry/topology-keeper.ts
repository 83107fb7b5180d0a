import type { Clock } from '#platform/clock/clock.ts'
import { messageOf } from '#platform/errors/murmur-error.ts'
import type { Component } from '#platform/lifecycle/lifecycle.ts'
import type { Bus } from '#platform/nats/bus.ts'
import type { Log } from '#platform/telemetry/logger.ts'
import { BLOB_BUCKET, INTAKE_CONSUMER } from '#subjects/streams.ts'
import { type ProvisionPlan, provisionAll, REPLICATED } from './provision-all.ts'

export interface TopologyKeeperDeps {
  bus: Bus
  clock: Clock
  log: Log
  plan: ProvisionPlan
}

const POLL_INTERVAL_MS = 5000
const RETRY_AFTER_MS = 1000

/**
 * A NATS that comes back empty has no streams: they are made again, as at the start, and everything goes on with what there
 * is then. Checked after each reconnect and, because a stream can be deleted at any time, every few seconds.
 */
export class TopologyKeeper implements Component {
  readonly name = 'topology keeper'
  readonly #deps: TopologyKeeperDeps
  readonly #stopping = new AbortController()
  #end: () => void = () => {}
  #nudge: () => void = () => {}
  #done: Promise<void> = Promise.resolve()

  constructor(deps: TopologyKeeperDeps) {
    this.#deps = deps
  }

  start(): void {
    this.#end = this.#deps.bus.onReconnect(() => this.#nudge())
    this.#done = this.#run()
  }

  async stop(): Promise<void> {
    this.#end()
    this.#stopping.abort()
    await this.#done
  }

  async #run(): Promise<void> {
    const { bus, clock, log } = this.#deps
    const { signal } = this.#stopping
    let waitMs = POLL_INTERVAL_MS
    while (!signal.aborted) {
      const nudged = new AbortController()
      this.#nudge = () => nudged.abort()
      await clock.sleep(waitMs, AbortSignal.any([signal, nudged.signal]))
      if (signal.aborted) return
      waitMs = POLL_INTERVAL_MS
      if (!bus.connected) continue
      try {
        await this.#poll()
      } catch (error) {
        log.warn({ reason: messageOf(error) }, 'the streams could not be checked')
        waitMs = RETRY_AFTER_MS
      }
    }
  }

  async #poll(): Promise<void> {
    const { bus, log, plan } = this.#deps
    const missing = await bus.streams.missing(REPLICATED)
    if (missing.length === 0 && (await bus.consumers.depth(INTAKE_CONSUMER.stream, INTAKE_CONSUMER.name)))
      return
    log.error({ missing }, 'streams are missing in NATS, they are created again')
    const { partitions } = plan
    const { partitions: found } = await provisionAll(bus, plan, log)
    if (found !== partitions)
      log.error({ partitions, found }, 'the log has another number of partitions now: start anew')
    log.warn({ bucket: BLOB_BUCKET.name }, 'the streams are there again')
  }
}

import type { Clock } from '#platform/clock/clock.ts'
import { SOFTWARE_VERSION } from '#platform/config/software-version.ts'
import { MurmurError, messageOf } from '#platform/errors/murmur-error.ts'
import { readMessage } from '#platform/json/read-message.ts'
import type { Component } from '#platform/lifecycle/lifecycle.ts'
import type { Bus } from '#platform/nats/bus.ts'
import type { Log } from '#platform/telemetry/logger.ts'
import type { Metrics } from '#platform/telemetry/metrics.ts'
import { provideQueueRequestSchema } from '#schemas/agent.ts'
import type { SiteHeartbeat } from '#schemas/site.ts'
import { SERVICES } from '#subjects/operations.ts'
import { SITE_STREAMS, TO_CENTRE_CONSUMER } from '#subjects/site-streams.ts'
import { SUBJECTS } from '#subjects/subjects.ts'
import type { EventForwarder } from './event-forwarder.ts'

export interface SiteKeeperDeps {
  site: string
  instance: string
  bus: Bus
  clock: Clock
  log: Log
  metrics: Metrics
  forwarder: Pick<EventForwarder, 'start' | 'stop' | 'lost'>
}

const HEARTBEAT_INTERVAL_MS = 1000
const QUEUE = 'site-keepers'

/**
 * Looks after a site: makes its streams, gives its detectors the queue of frames that an orchestrator gives those of the centre, sends
 * on what is for the centre, and says every second that it is there. It knows nothing of the link: the centre does, as it
 * hears it or not.
 */
export class SiteKeeper implements Component {
  readonly name = 'site keeper'
  readonly #deps: SiteKeeperDeps
  readonly #startedAtMs: number
  readonly #stopping = new AbortController()
  #ends: (() => void)[] = []
  #beating: Promise<void> = Promise.resolve()

  constructor(deps: SiteKeeperDeps) {
    this.#deps = deps
    this.#startedAtMs = deps.clock.nowMs()
  }

  async start(): Promise<void> {
    const { bus, forwarder } = this.#deps
    await this.#provision()
    const { stream, name } = TO_CENTRE_CONSUMER
    const depth = await bus.consumers.depth(stream, name)
    forwarder.start(depth?.deliveredSeq ?? 0)
    this.#ends = [
      bus.serveSubject(SERVICES.provideQueue, ({ data }) => this.#provide(data), {
        queue: QUEUE,
        always: true,
      }),
      // The server may have come back without its disk.
      bus.onReconnect(() => {
        this.#provision().catch((error: unknown) => {
          this.#deps.log.warn({ reason: messageOf(error) }, 'the streams of the site could not be looked at')
        })
      }),
    ]
    this.#beating = this.#beat()
  }

  quiesce(): void {
    this.#stopping.abort()
    for (const end of this.#ends) end()
  }

  async stop(): Promise<void> {
    this.quiesce()
    await this.#deps.forwarder.stop()
    await this.#beating
  }

  async #provision(): Promise<void> {
    const { bus } = this.#deps
    await Promise.all(Object.values(SITE_STREAMS).map((spec) => bus.streams.provide(spec)))
    await bus.consumers.provision(TO_CENTRE_CONSUMER)
  }

  async #provide(data: Uint8Array): Promise<{ ok: true; brokerNowMs: number }> {
    const { bus, site } = this.#deps
    const request = readMessage(data, provideQueueRequestSchema)
    if (request?.queue !== 'frames')
      throw new MurmurError('INVALID_REQUEST', `site ${site} has no other queue than that of frames`)
    await bus.frames.provision(request.model)
    return { ok: true, brokerNowMs: bus.brokerClock.nowMs() }
  }

  async #beat(): Promise<void> {
    const { clock, log } = this.#deps
    const { signal } = this.#stopping
    while (!signal.aborted) {
      await this.#beatOnce().catch((error: unknown) => {
        // Its own server is away: nothing of this site is heard then.
        log.debug({ reason: messageOf(error) }, 'no heartbeat of the site')
      })
      await clock.sleep(HEARTBEAT_INTERVAL_MS, signal)
    }
  }

  async #beatOnce(): Promise<void> {
    const { bus, site, instance, forwarder, metrics } = this.#deps
    const { waiting, oldestAtMs } = await this.#kept()
    metrics.gauge('murmur_site_events_waiting').labels().set(waiting)
    const beat: SiteHeartbeat = {
      ...{ site, instance, version: SOFTWARE_VERSION, startedAtMs: this.#startedAtMs },
      waiting,
      ...(oldestAtMs !== undefined && { oldestAtMs }),
      lost: forwarder.lost,
    }
    bus.publishCore(SUBJECTS.siteHeartbeat(site), JSON.stringify(beat))
  }

  /** What the centre does not have yet. */
  async #kept(): Promise<Pick<SiteHeartbeat, 'waiting' | 'oldestAtMs'>> {
    const { bus } = this.#deps
    const { stream, name } = TO_CENTRE_CONSUMER
    const depth = await bus.consumers.depth(stream, name)
    const waiting = depth ? depth.waiting + depth.inWork : 0
    if (!depth || waiting === 0) return { waiting }
    const oldest = await bus.streams.placeFrom(stream, depth.settledSeq + 1)
    return { waiting, ...(oldest && { oldestAtMs: oldest.storedAtMs }) }
  }
}

import type { Clock } from '#platform/clock/clock.ts'
import { MurmurError, messageOf } from '#platform/errors/murmur-error.ts'
import { parseBoundedJson } from '#platform/json/parse-json.ts'
import type { Component } from '#platform/lifecycle/lifecycle.ts'
import type { BusMessage, Subscribing } from '#platform/nats/bus.ts'
import type { Redis } from '#platform/redis/redis.ts'
import type { Log } from '#platform/telemetry/logger.ts'
import type { Metrics } from '#platform/telemetry/metrics.ts'
import { type SiteHeartbeat, type SiteView, siteHeartbeatSchema } from '#schemas/site.ts'
import { SUBJECTS } from '#subjects/subjects.ts'

export interface SiteRegistryDeps {
  bus: Subscribing
  redis: Pick<Redis, 'hgetall' | 'hmget' | 'hset' | 'hdel'>
  /** The broker's. */
  clock: Pick<Clock, 'nowMs'>
  log: Log
  metrics: Metrics
  /** Whether this orchestrator tells the figures of sites: one of all does. */
  isReporter?: () => boolean
}

const KEY = 'murmur:sites'
const QUEUE = 'orchestrators'
/** Three heartbeats. */
const SILENT_MS = 3000
/** A site that is not heard for so long is no site any more. */
const FORGOTTEN_MS = 30 * 24 * 3600 * 1000
const MAX_BEAT_BYTES = 4096

/** What is kept of a site, in Redis: an orchestrator that starts while a link is cut knows since when. */
type Kept = Pick<SiteHeartbeat, 'site' | 'waiting' | 'lost'> & { upSinceMs: number; lastSeenMs: number }

/** Which sites there are, and whether their links are up, by the heartbeats of their keepers. */
export class SiteRegistry implements Component {
  readonly name = 'site registry'
  readonly #deps: SiteRegistryDeps
  /** As told in the log last, by site. */
  readonly #told = new Map<string, SiteView['link']>()
  #end: () => void = () => {}

  constructor(deps: SiteRegistryDeps) {
    this.#deps = deps
  }

  start(): void {
    const { bus, metrics } = this.#deps
    this.#end = bus.subscribe(SUBJECTS.siteHeartbeatAll, (message) => void this.#hear(message), {
      queue: QUEUE,
      whileServing: true,
    })
    metrics.onScrape(() => this.#refreshGauge())
  }

  quiesce(): void {
    this.#end()
  }

  /** By name. @throws what Redis throws */
  async list(): Promise<SiteView[]> {
    const { clock, log, redis } = this.#deps
    const nowMs = clock.nowMs()
    const all = Object.values(await redis.hgetall(KEY)).map((json) => JSON.parse(json) as Kept)
    const [sites, gone] = [[] as Kept[], [] as string[]]
    for (const kept of all)
      if (nowMs - kept.lastSeenMs > FORGOTTEN_MS) gone.push(kept.site)
      else sites.push(kept)
    if (gone.length > 0) await redis.hdel(KEY, gone)
    const views = sites.map((kept) => viewOf(kept, nowMs)).sort((a, b) => a.site.localeCompare(b.site))
    for (const { site, link, sinceMs } of views) {
      if (this.#told.get(site) === link) continue
      if (link === 'down') log.warn({ site, sinceMs }, 'the link to a site is cut')
      else if (this.#told.has(site)) log.info({ site }, 'the link to a site is back')
      this.#told.set(site, link)
    }
    return views
  }

  async #hear({ subject, data }: BusMessage): Promise<void> {
    const { clock, log, redis } = this.#deps
    try {
      const beat = siteHeartbeatSchema.parse(parseBoundedJson(data, { maxBytes: MAX_BEAT_BYTES }))
      // The server checks who may publish on a subject, and nobody else checks what stands in the body.
      if (subject !== SUBJECTS.siteHeartbeat(beat.site))
        throw new MurmurError('INVALID_REQUEST', 'a heartbeat that names another site than its subject')
      const nowMs = clock.nowMs()
      const [json] = await redis.hmget(KEY, beat.site)
      const before = json ? (JSON.parse(json) as Kept) : undefined
      const isGap = before === undefined || nowMs - before.lastSeenMs > SILENT_MS
      const { site, waiting, lost } = beat
      const kept: Kept = {
        site,
        waiting,
        lost,
        upSinceMs: isGap ? nowMs : before.upSinceMs,
        lastSeenMs: nowMs,
      }
      await redis.hset(KEY, site, JSON.stringify(kept))
    } catch (error) {
      // The next one comes in a second.
      log.debug({ reason: messageOf(error), subject }, 'a heartbeat of a site was not kept')
    }
  }

  async #refreshGauge(): Promise<void> {
    const gauge = this.#deps.metrics.gauge('murmur_site_up')
    if (this.#deps.isReporter?.() === false) {
      gauge.clear()
      return
    }
    for (const { site, link } of await this.list()) gauge.labels(site).set(link === 'up' ? 1 : 0)
  }
}

function viewOf({ site, waiting, lost, upSinceMs, lastSeenMs }: Kept, nowMs: number): SiteView {
  const isUp = nowMs - lastSeenMs <= SILENT_MS
  return {
    site,
    link: isUp ? 'up' : 'down',
    sinceMs: isUp ? upSinceMs : lastSeenMs,
    ...{ lastSeenMs, waiting, lost },
  }
}

import { type Redis, readScript } from '#platform/redis/redis.ts'
import type { Alert } from '#schemas/alert.ts'
import { REVIEW_LIMITS, type Review, type ReviewMark } from '#schemas/review.ts'
import { SEVERITIES } from '#schemas/watch-rule.ts'
import { STREAMS } from '#subjects/streams.ts'
import { ALERT_KEYS } from '../history/alert-keys.ts'
import { HISTORY_LIMITS, type HistoryLimits } from '../history/history-limits.ts'

const ASSIGN = readScript('murmurAssignReview', new URL('./assign-review.lua', import.meta.url))
const EXTEND = readScript('murmurExtendReview', new URL('./extend-review.lua', import.meta.url))
const MARK = readScript('murmurMarkReview', new URL('./mark-review.lua', import.meta.url))

/** Review items and who has looked at them: a projection of the stream of alerts. All methods throw when Redis can't be reached. */
export class ReviewStore {
  readonly #redis: Redis
  readonly #limits: HistoryLimits

  constructor(redis: Redis, limits: HistoryLimits = HISTORY_LIMITS) {
    this.#redis = redis
    this.#limits = limits
  }

  /** The item of an alert: that which it has, that which it overlaps, or a new one. Again, it gives the same. */
  async assign(alert: Alert): Promise<string> {
    const { tenant, camera, incident } = alert
    const keys = [
      ALERT_KEYS.lastReview(tenant, camera),
      ALERT_KEYS.reviews(tenant),
      ALERT_KEYS.incidents,
      ALERT_KEYS.reviewOf(alert.id),
    ]
    const args = [
      alert.id,
      `r${alert.id}`,
      alert.review ?? '',
      incident ? Math.min(incident.sinceMs, alert.atMs) : alert.atMs,
      Math.max(alert.lastSeenAtMs, incident?.endedAtMs ?? 0),
      SEVERITIES.indexOf(alert.severity),
      alert.raisedAtMs,
      tenant,
      camera,
      incident && incident.phase !== 'over' ? '1' : '0',
      REVIEW_LIMITS.gapMs,
      REVIEW_LIMITS.longestMs,
      REVIEW_LIMITS.alerts,
      this.#limits.keepMs,
      this.#limits.keep,
      ALERT_KEYS.reviewPrefix,
      ALERT_KEYS.reviewAlertsPrefix,
      STREAMS.cameraEvents.maxAgeMs,
    ]
    return (await this.#redis.script(ASSIGN, keys, args)) as string
  }

  /** What an item is about has gone on until then. */
  async extend(id: string, untilMs: number): Promise<void> {
    await this.#redis.script(EXTEND, [ALERT_KEYS.review(id)], [untilMs])
  }

  async mark({ id, by, atMs, reviewed }: ReviewMark): Promise<'missing' | 'full' | 'done'> {
    const keys = [ALERT_KEYS.review(id), ALERT_KEYS.reviewMarks(id)]
    const args = [by, Math.round(atMs), reviewed ? '1' : '0', REVIEW_LIMITS.persons, this.#limits.keepMs]
    return (await this.#redis.script(MARK, keys, args)) as 'missing' | 'full' | 'done'
  }

  /** Items of a tenant, newest first; of the same time, the larger id first. */
  async newest(
    tenant: string,
    page: { max: number | '+inf'; start: number; count: number },
  ): Promise<string[]> {
    return (await this.#redis.zrevrangeByScore(ALERT_KEYS.reviews(tenant), page)).map(([id]) => id)
  }

  async read(ids: readonly string[], nowMs: number): Promise<(Review | undefined)[]> {
    return Promise.all(ids.map((id) => this.#readOne(id, nowMs)))
  }

  async #readOne(id: string, nowMs: number): Promise<Review | undefined> {
    const [item, alerts, marks] = await Promise.all([
      this.#redis.hgetall(ALERT_KEYS.review(id)),
      this.#redis.zrevrange(ALERT_KEYS.reviewAlerts(id), 0, REVIEW_LIMITS.alerts - 1),
      this.#redis.hgetall(ALERT_KEYS.reviewMarks(id)),
    ])
    const { tenant, camera, incident } = item
    if (tenant === undefined || camera === undefined) return undefined
    const closesAtMs =
      incident === undefined ? undefined : await this.#redis.zscore(ALERT_KEYS.incidents, incident)
    // Without an end that is known.
    const goesOn = closesAtMs !== undefined && !Number.isFinite(closesAtMs)
    const lastMs = Number(item.endedAtMs)
    const reviewedBy = Object.entries(marks)
      .map(([by, at]) => ({ by, atMs: Number(at) }))
      .filter(({ atMs }) => atMs > 0)
      .sort((a, b) => b.atMs - a.atMs)
    return {
      ...{ id, tenant, camera },
      severity: SEVERITIES[Number(item.severity)] ?? 'low',
      beganAtMs: Number(item.beganAtMs),
      endedAtMs: goesOn ? Math.max(lastMs, nowMs) : lastMs,
      isOngoing: goesOn || nowMs - lastMs < REVIEW_LIMITS.gapMs,
      raisedAtMs: Number(item.raisedAtMs),
      alerts: alerts.reverse(),
      reviewedBy,
    }
  }
}

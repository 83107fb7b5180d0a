import { type Redis, readScript } from '#platform/redis/redis.ts'
import { ServerMark } from '#platform/redis/server-mark.ts'
import { ALERT_STATUSES, type Alert } from '#schemas/alert.ts'
import type { CameraEvent } from '#schemas/camera-event.ts'
import { STREAMS } from '#subjects/streams.ts'
import { cooldownKeyOf, eventKeyOf } from '../alert-from-event.ts'
import { restoreIncident } from '../incidents/incident-store.ts'
import { ALERT_KEYS } from './alert-keys.ts'
import type {
  AlertIndex,
  AlertStore,
  RaiseResult,
  StatusChange,
  StatusChangeResult,
  StoredAlert,
} from './alert-store.ts'
import { HISTORY_LIMITS, type HistoryLimits } from './history-limits.ts'
import { fieldsOf, NO_SNAPSHOT, storedAlert } from './stored-alert.ts'

export { ALERT_KEYS } from './alert-keys.ts'
export { HISTORY_LIMITS, type HistoryLimits } from './history-limits.ts'

const RAISE = readScript('murmurRaiseAlert', new URL('./raise.lua', import.meta.url))
const CHANGE = readScript('murmurChangeAlert', new URL('./change.lua', import.meta.url))
const UPDATE = readScript('murmurUpdateAlert', new URL('./update.lua', import.meta.url))
const TRIM = readScript('murmurTrimAlerts', new URL('./trim.lua', import.meta.url))
const RESTORE = readScript('murmurRestoreAlert', new URL('./restore.lua', import.meta.url))

/** A counted event that comes again later than this counts twice: seconds are usual, and only a count is wrong. */
const COUNTED_EVENT_MS = 3_600_000

/** The history in Redis: every decision is one script call. */
export class RedisAlertStore implements AlertStore {
  readonly server: ServerMark
  readonly #redis: Redis
  readonly #limits: HistoryLimits

  constructor(redis: Redis, limits: HistoryLimits = HISTORY_LIMITS) {
    this.#redis = redis
    this.server = new ServerMark(redis, ALERT_KEYS.server)
    this.#limits = limits
  }

  async isReady(): Promise<boolean> {
    return (await this.#redis.hmget(ALERT_KEYS.marker, 'complete'))[0] != null
  }

  async markReady(): Promise<void> {
    await this.#redis.hset(ALERT_KEYS.marker, 'complete', '1')
  }

  async raise(event: CameraEvent, alert: Alert): Promise<RaiseResult> {
    const keys = [
      ALERT_KEYS.marker,
      ALERT_KEYS.alert(alert.id),
      ALERT_KEYS.cooldown(cooldownKeyOf(event)),
      ALERT_KEYS.event(eventKeyOf(event.id)),
      ALERT_KEYS.byTime,
      ALERT_KEYS.status('open'),
      ALERT_KEYS.monitor(event.monitor),
      ALERT_KEYS.monitorEvents(event.monitor),
    ]
    const { keep, keepMs } = this.#limits
    const args = [
      alert.id,
      JSON.stringify(alert),
      alert.raisedAtMs,
      event.atMs,
      event.rule.cooldownMs,
      event.rule.kind,
      keep,
      keepMs,
      COUNTED_EVENT_MS,
      ALERT_KEYS.alertPrefix,
      STREAMS.cameraEvents.maxAgeMs,
      ALERT_KEYS.reviewPrefix,
      event.group ? (event.group.id === event.id ? 'first' : 'member') : '',
      event.group?.subjects ?? 0,
    ]
    const [kind, id = ''] = (await this.#redis.script(RAISE, keys, args)) as [string, string?]
    if (kind === 'raised') await this.trim(alert.raisedAtMs)
    if (kind === 'again') return this.#repeated(id)
    if (kind === 'counted' || kind === 'known')
      return { kind: 'counted', alertId: id, first: kind === 'counted' }
    return { kind: kind as 'raised' | 'unready' }
  }

  async trim(nowMs: number): Promise<void> {
    const { keep, keepMs } = this.#limits
    const keys = [ALERT_KEYS.byTime, ALERT_KEYS.incidents, ...ALERT_STATUSES.map(ALERT_KEYS.status)]
    await this.#redis.script(TRIM, keys, [keep, nowMs - keepMs, ALERT_KEYS.alertPrefix])
  }

  async settle(id: string, { review, snoozed }: Pick<Alert, 'review' | 'snoozed'>): Promise<void> {
    await this.#update(id, {
      ...(review !== undefined && { review }),
      ...(snoozed && { snoozed: JSON.stringify(snoozed) }),
    })
  }

  async noteSlack(id: string, slack: NonNullable<Alert['slack']>): Promise<void> {
    await this.#update(id, { slack: JSON.stringify(slack) })
  }

  async markPublished(id: string): Promise<void> {
    await this.#update(id, { published: '1' })
  }

  async settleSnapshot(id: string, snapshot: Alert['snapshot']): Promise<void> {
    await this.#update(id, { snapshot: snapshot ? JSON.stringify(snapshot) : NO_SNAPSHOT })
  }

  async change({ id, status, by = '', note = '', atMs }: StatusChange): Promise<StatusChangeResult> {
    const keys = [ALERT_KEYS.marker, ALERT_KEYS.alert(id), ...ALERT_STATUSES.map(ALERT_KEYS.status)]
    const answer = (await this.#redis.script(CHANGE, keys, [id, status, atMs, by, note])) as [string, string?]
    const [kind, was] = answer
    if (kind === 'unready' || kind === 'missing') return { kind }
    if (kind === 'conflict') return { kind, status: was as Alert['status'] }
    const [stored] = await this.read([id])
    return stored ? { kind: 'changed', alert: stored.alert } : { kind: 'missing' }
  }

  async markChangePublished(id: string, status: Alert['status']): Promise<void> {
    await this.#update(id, { told: status })
  }

  async restore(alert: Alert): Promise<void> {
    const keys = [
      ALERT_KEYS.alert(alert.id),
      ALERT_KEYS.cooldown(cooldownKeyOf(alert)),
      ALERT_KEYS.byTime,
      ALERT_KEYS.status(alert.status),
      ALERT_KEYS.monitor(alert.monitor),
      ...ALERT_STATUSES.map(ALERT_KEYS.status),
    ]
    const { keepMs } = this.#limits
    const cooldownMs = alert.rule.cooldownMs + STREAMS.cameraEvents.maxAgeMs
    const args = [
      alert.id,
      alert.raisedAtMs,
      alert.atMs,
      keepMs,
      cooldownMs,
      alert.status,
      alert.revision ?? 0,
      ...Object.entries(fieldsOf(alert)).flat(),
    ]
    await this.#redis.script(RESTORE, keys, args)
    if (alert.incident) await restoreIncident(this.#redis, alert, keepMs)
  }

  async read(ids: readonly string[]): Promise<(StoredAlert | undefined)[]> {
    const hashes = await Promise.all(ids.map((id) => this.#redis.hgetall(ALERT_KEYS.alert(id))))
    return hashes.map(storedAlert)
  }

  async newest(index: AlertIndex, start: number, count: number, untilMs?: number): Promise<string[]> {
    const key = indexKey(index)
    if (untilMs === undefined) return this.#redis.zrevrange(key, start, start + count - 1)
    return (await this.#redis.zrevrangeByScore(key, { max: untilMs, start, count })).map(([id]) => id)
  }

  async eventsOf(monitor: string): Promise<ReadonlyMap<string, number>> {
    const counts = await this.#redis.hgetall(ALERT_KEYS.monitorEvents(monitor))
    return new Map(Object.entries(counts).map(([kind, count]) => [kind, Number(count)]))
  }

  async #repeated(id: string): Promise<RaiseResult> {
    const [stored] = await this.read([id])
    // It was there a moment ago: gone now means that Redis was emptied in between.
    return stored ? { kind: 'again', stored } : { kind: 'unready' }
  }

  async #update(id: string, fields: Record<string, string>): Promise<void> {
    await this.#redis.script(UPDATE, [ALERT_KEYS.alert(id)], Object.entries(fields).flat())
  }
}

function indexKey(index: AlertIndex): string {
  if (index === 'all') return ALERT_KEYS.byTime
  return 'status' in index ? ALERT_KEYS.status(index.status) : ALERT_KEYS.monitor(index.monitor)
}

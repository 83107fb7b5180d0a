import { type Redis, readScript } from '#platform/redis/redis.ts'
import { ServerMark } from '#platform/redis/server-mark.ts'
import { ALERT_STATUSES, type Alert, alertSchema } from '#schemas/alert.ts'
import type { CameraEvent } from '#schemas/camera-event.ts'
import { STREAMS } from '#subjects/streams.ts'
import { cooldownKeyOf, eventKeyOf } from '../alert-from-event.ts'
import type {
  AlertIndex,
  AlertStore,
  RaiseResult,
  StatusChange,
  StatusChangeResult,
  StoredAlert,
} from './alert-store.ts'

const RAISE = readScript('murmurRaiseAlert', new URL('./raise.lua', import.meta.url))
const CHANGE = readScript('murmurChangeAlert', new URL('./change.lua', import.meta.url))
const UPDATE = readScript('murmurUpdateAlert', new URL('./update.lua', import.meta.url))
const RESTORE = readScript('murmurRestoreAlert', new URL('./restore.lua', import.meta.url))

/** All keys share a hash tag: one script writes an alert, its cooldown and the indexes, on one node of a cluster. */
const ROOT = 'murmur:{alerts}'
export const ALERT_KEYS = {
  marker: `${ROOT}:complete`,
  server: `${ROOT}:server`,
  alertPrefix: `${ROOT}:alert:`,
  alert: (id: string) => `${ROOT}:alert:${id}`,
  cooldown: (subject: string) => `${ROOT}:cooldown:${subject}`,
  event: (event: string) => `${ROOT}:event:${event}`,
  byTime: `${ROOT}:by-time`,
  statusPrefix: `${ROOT}:status:`,
  status: (status: string) => `${ROOT}:status:${status}`,
  falsePositive: (tenant: string, id: string) => `${ROOT}:false-positive:${tenant}:${id}`,
  monitor: (monitor: string) => `${ROOT}:monitor:${monitor}`,
  monitorEvents: (monitor: string) => `${ROOT}:monitor-events:${monitor}`,
} as const

export interface HistoryLimits {
  /** Alerts kept; the oldest go first. */
  keep: number
  keepMs: number
}

export const HISTORY_LIMITS: HistoryLimits = { keep: 10_000, keepMs: STREAMS.alerts.maxAgeMs }

/** A counted event that comes again later than this counts twice: seconds are usual, and only a count is wrong. */
const COUNTED_EVENT_MS = 3_600_000
/** Instead of a reference, where there will never be a snapshot. */
const NO_SNAPSHOT = 'none'

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
      ALERT_KEYS.statusPrefix,
      STREAMS.cameraEvents.maxAgeMs,
      event.group ? (event.group.id === event.id ? 'first' : 'member') : '',
      event.group?.subjects ?? 0,
    ]
    const [kind, id = ''] = (await this.#redis.script(RAISE, keys, args)) as [string, string?]
    if (kind === 'again') return this.#repeated(id)
    if (kind === 'counted' || kind === 'known')
      return { kind: 'counted', alertId: id, first: kind === 'counted' }
    return { kind: kind as 'raised' | 'unready' }
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
    const fields = {
      alert: JSON.stringify(alert),
      status: alert.status,
      occurrences: String(alert.occurrences),
      lastSeenAtMs: String(alert.lastSeenAtMs),
      ...(alert.subjects !== undefined && { subjects: String(alert.subjects) }),
      published: '1',
      told: alert.status,
      snapshot: alert.snapshot ? JSON.stringify(alert.snapshot) : NO_SNAPSHOT,
      ...(alert.changedBy !== undefined && { changedBy: alert.changedBy }),
      ...(alert.changedAtMs !== undefined && { changedAtMs: String(alert.changedAtMs) }),
      ...(alert.note !== undefined && { note: alert.note }),
    }
    const { keepMs } = this.#limits
    const cooldownMs = alert.rule.cooldownMs + STREAMS.cameraEvents.maxAgeMs
    const args = [
      alert.id,
      alert.raisedAtMs,
      alert.atMs,
      keepMs,
      cooldownMs,
      alert.status,
      ...Object.entries(fields).flat(),
    ]
    await this.#redis.script(RESTORE, keys, args)
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

/** The alert as it was raised, with what changed since. */
function storedAlert(fields: Record<string, string>): StoredAlert | undefined {
  const { alert, status, occurrences, subjects, lastSeenAtMs, snapshot, changedBy, changedAtMs, note } =
    fields
  if (alert === undefined) return undefined
  const now = alertSchema.safeParse({
    ...JSON.parse(alert),
    status,
    occurrences: Number(occurrences),
    lastSeenAtMs: Number(lastSeenAtMs),
    ...(subjects !== undefined && Number(subjects) > 0 && { subjects: Number(subjects) }),
    ...(snapshot !== undefined && snapshot !== NO_SNAPSHOT && { snapshot: JSON.parse(snapshot) }),
    ...(changedBy !== undefined && { changedBy }),
    ...(changedAtMs !== undefined && { changedAtMs: Number(changedAtMs) }),
    ...(note !== undefined && { note }),
  })
  // Written by a release that knew other fields: nothing can be done with it here.
  if (!now.success) return undefined
  return { alert: now.data, published: fields.published === '1', snapshotSettled: snapshot !== undefined }
}

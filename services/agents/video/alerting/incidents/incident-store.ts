import { createHash } from 'node:crypto'
import { type Redis, readScript } from '#platform/redis/redis.ts'
import { ALERT_STATUSES, type Alert, type AlertChange } from '#schemas/alert.ts'
import type { CameraEvent } from '#schemas/camera-event.ts'
import { STREAMS } from '#subjects/streams.ts'
import { ALERT_KEYS } from '../history/alert-keys.ts'
import type { StoredAlert } from '../history/alert-store.ts'
import { changingFields, NO_SNAPSHOT, storedAlert } from '../history/stored-alert.ts'
import type { StateEvent } from './next-incident.ts'

const FIND = readScript('murmurFindIncident', new URL('../history/find-incident.lua', import.meta.url))
const WRITE = readScript('murmurWriteIncident', new URL('../history/write-incident.lua', import.meta.url))
const SETTLE = readScript('murmurSettleIncident', new URL('../history/settle-incident.lua', import.meta.url))
const RESTORE = readScript(
  'murmurRestoreIncident',
  new URL('../history/restore-incident.lua', import.meta.url),
)

/** What was written and has to be told: that there is an alert, or what became of it. */
export type Untold = 'raised' | AlertChange

/** An alert of an incident, with what nobody was told about it yet. */
export interface StoredIncident extends StoredAlert {
  untold?: Untold
}

/** What is known of a state of a camera. */
export interface FoundState {
  known?: StoredIncident
  /** The last end that was heard of, before now. Unix milliseconds. */
  endedAtMs?: number
}

/**
 * The incidents of the history: which alert a state of a camera has, and which of them are not closed. Like the history it is
 * made again from the stream of alerts. All methods throw when the store can't be reached.
 */
export interface IncidentStore {
  /** What the state of an event has so far; an end is remembered, for a begin that comes after it. */
  find(event: StateEvent): Promise<FoundState | 'unready'>
  /** Writes what an alert becomes, unless it has become something else since it was found. */
  write(
    known: Alert | undefined,
    next: { alert: Alert; untold: Untold; atMs: number },
  ): Promise<'unready' | 'stale' | 'written'>
  /** What was written has been told. */
  told(alert: Alert): Promise<void>
  read(ids: readonly string[]): Promise<StoredIncident[]>
  /** Alerts of incidents that are to be closed by now. */
  due(nowMs: number): Promise<string[]>
  /** Alerts of all incidents that are not closed. */
  open(): Promise<string[]>
  /** Alerts of which something was written before this and not told. */
  untold(beforeMs: number): Promise<string[]>
}

/** Looked at in one go: of a thousand cameras that go at once, the others come with the next. */
const PAGE = 500
/** More cameras than anybody has here. */
const MAX_OPEN = 10_000
/** Fields that a change may take away. */
const REMOVABLE = ['changedBy', 'changedAtMs', 'note', 'snoozed'] as const

export class RedisIncidentStore implements IncidentStore {
  readonly #redis: Redis
  readonly #keepMs: number

  /** @param keepMs how long a closed incident is kept, as alerts are */
  constructor(redis: Redis, keepMs: number = STREAMS.alerts.maxAgeMs) {
    this.#redis = redis
    this.#keepMs = keepMs
  }

  async find(event: StateEvent): Promise<FoundState | 'unready'> {
    const endedMs = event.state.phase === 'end' ? event.state.sinceMs : ''
    const keys = [ALERT_KEYS.marker, ALERT_KEYS.incident(stateKeyOf(event))]
    const args = [ALERT_KEYS.alertPrefix, endedMs, STREAMS.cameraEvents.maxAgeMs]
    const [kind, endedAtMs, , ...fields] = (await this.#redis.script(FIND, keys, args)) as string[]
    if (kind === 'unready') return 'unready'
    const known = storedIncident(pairs(fields))
    return { ...(known && { known }), ...(endedAtMs && { endedAtMs: Number(endedAtMs) }) }
  }

  async write(
    known: Alert | undefined,
    { alert, untold, atMs }: { alert: Alert; untold: Untold; atMs: number },
  ): Promise<'unready' | 'stale' | 'written'> {
    const isNew = untold === 'raised'
    const last = isNew ? known : undefined
    const keys = [
      ALERT_KEYS.marker,
      ALERT_KEYS.incident(stateKeyOf(alert)),
      ALERT_KEYS.alert(alert.id),
      ALERT_KEYS.byTime,
      ALERT_KEYS.monitor(alert.monitor),
      ALERT_KEYS.incidents,
      ALERT_KEYS.untold,
      ...ALERT_STATUSES.map(ALERT_KEYS.status),
    ]
    const changing = changingFields(alert)
    const gone = Object.fromEntries(REMOVABLE.filter((name) => !(name in changing)).map((name) => [name, '']))
    const fields = {
      ...changing,
      ...gone,
      pending: untold,
      told: alert.status,
      ...(isNew && { alert: JSON.stringify(alert) }),
      // There is no frame that could be asked for.
      ...(isNew && !alert.frame && { snapshot: NO_SNAPSHOT }),
    }
    const args = [
      alert.id,
      (isNew ? last?.id : known?.id) ?? '',
      String(known?.revision ?? 0),
      known?.status ?? '',
      alert.status,
      alert.raisedAtMs,
      closesAt(alert),
      atMs,
      this.#keepMs,
      ...Object.entries(fields).flat(),
    ]
    return (await this.#redis.script(WRITE, keys, args)) as 'unready' | 'stale' | 'written'
  }

  async told(alert: Alert): Promise<void> {
    const keys = [ALERT_KEYS.alert(alert.id), ALERT_KEYS.untold]
    await this.#redis.script(SETTLE, keys, [alert.id, String(alert.revision ?? 0)])
  }

  async read(ids: readonly string[]): Promise<StoredIncident[]> {
    const hashes = await Promise.all(ids.map((id) => this.#redis.hgetall(ALERT_KEYS.alert(id))))
    return hashes.flatMap((fields) => storedIncident(fields) ?? [])
  }

  async due(nowMs: number): Promise<string[]> {
    return idsOf(await this.#redis.zrangeByScore(ALERT_KEYS.incidents, nowMs, PAGE))
  }

  async open(): Promise<string[]> {
    return idsOf(await this.#redis.zrangeByScore(ALERT_KEYS.incidents, '+inf', MAX_OPEN))
  }

  async untold(beforeMs: number): Promise<string[]> {
    return idsOf(await this.#redis.zrangeByScore(ALERT_KEYS.untold, beforeMs, PAGE))
  }
}

/** Puts back what an alert of the stream says of the state of its camera; it has to be in the history already. */
export async function restoreIncident(redis: Redis, alert: Alert, keepMs: number): Promise<void> {
  const keys = [ALERT_KEYS.incident(stateKeyOf(alert)), ALERT_KEYS.alert(alert.id), ALERT_KEYS.incidents]
  const revision = String(alert.revision ?? 0)
  const args = [alert.id, alert.raisedAtMs, revision, closesAt(alert), ALERT_KEYS.alertPrefix, keepMs]
  await redis.script(RESTORE, keys, args)
}

/**
 * The key of a state: the camera, the rule and its subject. Not the monitor: the one that comes after it sees the same camera.
 * Pure.
 */
export function stateKeyOf({
  tenant,
  camera,
  rule,
  subject,
}: Pick<CameraEvent, 'tenant' | 'camera' | 'rule' | 'subject'>): string {
  const names = JSON.stringify([tenant, camera, rule.id, subject])
  return createHash('sha256').update(names).digest('hex').slice(0, 32)
}

/** When an incident will be closed, as the score of its index; empty when it is. */
function closesAt({ incident }: Alert): number | '+inf' | '' {
  if (!incident || incident.phase === 'over') return ''
  return incident.phase === 'ongoing' ? '+inf' : (incident.closesAtMs ?? 0)
}

function storedIncident(fields: Record<string, string>): StoredIncident | undefined {
  const stored = storedAlert(fields)
  if (!stored?.alert.incident) return undefined
  const untold = fields.pending as Untold | undefined
  return { ...stored, ...(untold && { untold }) }
}

function idsOf(scored: readonly (readonly [id: string, score: number])[]): string[] {
  return scored.map(([id]) => id)
}

function pairs(flat: readonly string[]): Record<string, string> {
  const fields: Record<string, string> = {}
  for (let i = 0; i + 1 < flat.length; i += 2) fields[flat[i]!] = flat[i + 1]!
  return fields
}

import type { Clock } from '#platform/clock/clock.ts'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import type { Serving } from '#platform/nats/bus.ts'
import { decodeCursor, encodeCursor, isBehind, type PageEnd } from '#platform/requests/cursor.ts'
import type { Alert, ChangeAlertRequest, ListAlertsRequest, ListAlertsResponse } from '#schemas/alert.ts'
import type { AlertPublisher } from './alert-publisher.ts'
import { changeAlerts } from './change-alerts.ts'
import type { AlertIndex, AlertStore } from './history/alert-store.ts'

export interface AlertApiDeps {
  bus: Serving
  store: AlertStore
  publisher: AlertPublisher
  clock: Pick<Clock, 'nowMs'>
  ensureHistory(): Promise<void>
}

const PAGE = 200
/** A message takes a megabyte: a list of long alerts ends before that. Bytes. */
const MAX_LIST_BYTES = 768 * 1024

/** Answers `murmur.alerts.list`, `get` and `change`. @returns what ends that */
export function serveAlerts(deps: AlertApiDeps): () => void {
  const { bus, store, ensureHistory } = deps
  const ends = [
    bus.serve('listAlerts', (request, { tenant }) => listAlerts(tenant, request, deps).catch(toUnavailable)),
    bus.serve('getAlert', async ({ id }, { tenant }) => {
      await ensureHistory().catch(toUnavailable)
      return { alert: await findAlert(tenant, id, store).catch(toUnavailable) }
    }),
    bus.serve('changeAlert', (request, { tenant }) =>
      changeAlert(tenant, request, deps).catch(toUnavailable),
    ),
    bus.serve('changeAlerts', (request, { tenant }) =>
      changeAlerts(request, {
        list: (page) => listAlerts(tenant, page, deps),
        find: (id) => findAlert(tenant, id, store),
        change: (order) => changeAlert(tenant, order, deps),
      }).catch(toUnavailable),
    ),
  ]
  return () => {
    for (const end of ends) end()
  }
}

/**
 * Newest first; a page ends early when it would not fit into a message. Pages are stable: what is raised meanwhile is before
 * the first one.
 * @throws MurmurError INVALID_REQUEST for a cursor that is none
 */
async function listAlerts(
  tenant: string,
  request: ListAlertsRequest,
  { store, ensureHistory }: AlertApiDeps,
): Promise<ListAlertsResponse> {
  const after = request.cursor === undefined ? undefined : decodeCursor(request.cursor)
  await ensureHistory()
  const index = indexFor(request)
  const alerts: Alert[] = []
  const page = () => {
    const last = alerts.at(-1)
    return { alerts, ...(last && { nextCursor: encodeCursor(endOf(last)) }) }
  }
  let bytes = 0
  for (let start = 0; ; start += PAGE) {
    const ids = await store.newest(index, start, PAGE, after?.atMs)
    for (const stored of await store.read(ids)) {
      if (!stored || stored.alert.tenant !== tenant || (after && !isBehind(endOf(stored.alert), after)))
        continue
      if (stored.alert.raisedAtMs < (request.sinceMs ?? 0)) return { alerts }
      if (!isWanted(stored.alert, request)) continue
      if (alerts.length === request.limit) return page()
      bytes += Buffer.byteLength(JSON.stringify(stored.alert)) + 1
      if (bytes > MAX_LIST_BYTES) return page()
      alerts.push(stored.alert)
    }
    if (ids.length < PAGE) return { alerts }
  }
}

function endOf({ raisedAtMs, id }: Alert): PageEnd {
  return { atMs: raisedAtMs, id }
}

/** The index that leaves the fewest alerts to filter. */
function indexFor({ monitor, status }: ListAlertsRequest): AlertIndex {
  if (monitor !== undefined) return { monitor }
  return status === undefined ? 'all' : { status }
}

function isWanted(alert: Alert, { severity, status, camera, monitor }: ListAlertsRequest): boolean {
  return (
    (severity === undefined || alert.severity === severity) &&
    (status === undefined || alert.status === status) &&
    (camera === undefined || alert.camera === camera) &&
    (monitor === undefined || alert.monitor === monitor)
  )
}

/**
 * @throws MurmurError ALERT_NOT_FOUND; ALERT_STATE_CONFLICT when it is in that state already, or resolved; UNAVAILABLE when
 * it could not be published: a retry resumes where it was
 */
export async function changeAlert(
  tenant: string,
  request: ChangeAlertRequest,
  { store, publisher, clock, ensureHistory }: AlertApiDeps,
): Promise<{ alert: Alert }> {
  await ensureHistory()
  const { id, status } = request
  // Whose it is never changes.
  await findAlert(tenant, id, store)
  const atMs = clock.nowMs()
  const changed = await store.change({ ...request, atMs })
  switch (changed.kind) {
    case 'unready':
      throw new MurmurError('UNAVAILABLE', 'the history of alerts is being made again')
    case 'missing':
      throw new MurmurError('ALERT_NOT_FOUND', `there is no alert "${id}"`)
    case 'conflict':
      throw new MurmurError('ALERT_STATE_CONFLICT', `alert "${id}" is ${changed.status} already`)
    case 'changed':
      await publisher.changed(changed.alert, status, changed.alert.changedAtMs ?? atMs)
      await store.markChangePublished(id, status)
      return { alert: changed.alert }
  }
}

/** An alert of another tenant is not found. @throws MurmurError ALERT_NOT_FOUND */
export async function findAlert(tenant: string, id: string, store: AlertStore): Promise<Alert> {
  const [stored] = await store.read([id])
  if (stored?.alert.tenant !== tenant) throw new MurmurError('ALERT_NOT_FOUND', `there is no alert "${id}"`)
  return stored.alert
}

/** What Redis throws means that it could not be reached. */
export function toUnavailable(cause: unknown): never {
  if (cause instanceof MurmurError) throw cause
  throw new MurmurError('UNAVAILABLE', "the history of alerts can't be reached", { cause })
}

import type { z } from 'zod'
import type { Clock } from '#platform/clock/clock.ts'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import { parseBoundedJson } from '#platform/json/parse-json.ts'
import type { Bus, BusMessage } from '#platform/nats/bus.ts'
import {
  type Alert,
  type ChangeAlertRequest,
  changeAlertRequestSchema,
  type ListAlertsRequest,
  listAlertsRequestSchema,
} from '#schemas/alert.ts'
import { SERVICES, TENANT_SERVICES } from '#subjects/subjects.ts'
import type { Announcer } from './announcer.ts'
import type { AlertIndex, AlertStore } from './history/alert-store.ts'

export interface AlertApiDeps {
  bus: Pick<Bus, 'serve'>
  store: AlertStore
  announcer: Announcer
  clock: Pick<Clock, 'nowMs'>
  ensureHistory(): Promise<void>
}

const QUEUE = 'alerting'
const PAGE = 200
/** A message takes a megabyte: a list of long alerts ends before that. Bytes. */
const MAX_LIST_BYTES = 768 * 1024

/** Answers `murmur.alerts.list` and `murmur.alerts.change`. @returns what ends that */
export function serveAlerts(deps: AlertApiDeps): () => void {
  const answer = (service: string, handle: (message: BusMessage, tenant: string) => Promise<unknown>) =>
    [service, TENANT_SERVICES.all(service)].map((subject) =>
      deps.bus.serve(subject, (m) => handle(m, TENANT_SERVICES.tenantOf(m.subject)).catch(refuse), {
        queue: QUEUE,
      }),
    )
  const ends = [
    ...answer(SERVICES.listAlerts, async (m, tenant) =>
      listAlerts(tenant, read(m, listAlertsRequestSchema), deps),
    ),
    ...answer(SERVICES.changeAlert, async (m, tenant) =>
      changeAlert(tenant, read(m, changeAlertRequestSchema), deps),
    ),
  ]
  return () => {
    for (const end of ends) end()
  }
}

/** Newest first; fewer than asked for when there are no more, or when they would not fit into a message. */
async function listAlerts(
  tenant: string,
  request: ListAlertsRequest,
  { store, ensureHistory }: AlertApiDeps,
): Promise<{ alerts: Alert[] }> {
  await ensureHistory()
  const index = indexFor(request)
  const alerts: Alert[] = []
  let bytes = 0
  for (let start = 0; ; start += PAGE) {
    const ids = await store.newest(index, start, PAGE)
    for (const stored of await store.read(ids)) {
      if (!stored || stored.alert.tenant !== tenant || !isWanted(stored.alert, request)) continue
      bytes += Buffer.byteLength(JSON.stringify(stored.alert)) + 1
      if (bytes > MAX_LIST_BYTES) return { alerts }
      alerts.push(stored.alert)
      if (alerts.length === request.limit) return { alerts }
    }
    if (ids.length < PAGE) return { alerts }
  }
}

/** The index that leaves the least to be looked through. */
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
 * it could not be told to others: asked again, it goes on where it was
 */
async function changeAlert(
  tenant: string,
  request: ChangeAlertRequest,
  { store, announcer, clock, ensureHistory }: AlertApiDeps,
): Promise<{ alert: Alert }> {
  await ensureHistory()
  const { id, status } = request
  // Somebody else's alert is not there; whose it is never changes.
  const [stored] = await store.read([id])
  if (stored && stored.alert.tenant !== tenant)
    throw new MurmurError('ALERT_NOT_FOUND', `there is no alert "${id}"`)
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
      await announcer.changed(changed.alert, status, changed.alert.changedAtMs ?? atMs)
      await store.markTold(id, status)
      return { alert: changed.alert }
  }
}

/** What Redis throws means that it could not be asked. */
function refuse(cause: unknown): never {
  if (cause instanceof MurmurError) throw cause
  throw new MurmurError('UNAVAILABLE', "the history of alerts can't be reached", { cause })
}

function read<Schema extends z.ZodType>(message: BusMessage, schema: Schema): z.infer<Schema> {
  const parsed = schema.safeParse(message.data.length === 0 ? {} : parseBoundedJson(message.data))
  if (parsed.success) return parsed.data
  const issues = parsed.error.issues.map(({ path, message }) => ({ path: path.join('.'), message }))
  const [first] = issues
  throw new MurmurError(
    'INVALID_REQUEST',
    `the request is not valid: ${[first?.path, first?.message].filter(Boolean).join(' ')}`,
    { issues },
  )
}

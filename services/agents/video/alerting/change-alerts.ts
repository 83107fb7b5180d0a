import { MurmurError, toProblem } from '#platform/errors/murmur-error.ts'
import type { Alert, ChangeAlertRequest, ListAlertsRequest, ListAlertsResponse } from '#schemas/alert.ts'
import type { ChangeAlertsRequest, ChangeAlertsResponse, ChangedAlert } from '#schemas/alert-changes.ts'

/** What is done with single alerts of one tenant. */
export interface ChangeAlertsDeps {
  list(request: ListAlertsRequest): Promise<ListAlertsResponse>
  /** @throws MurmurError ALERT_NOT_FOUND */
  find(id: string): Promise<Alert>
  /** @throws MurmurError ALERT_NOT_FOUND, ALERT_STATE_CONFLICT, UNAVAILABLE */
  change(request: ChangeAlertRequest): Promise<{ alert: Alert }>
}

/** Changes under way at the same time. */
const CONCURRENCY = 16

/**
 * Acknowledges or resolves many alerts: those that are named, or a page of those that a filter finds, each with what became of it.
 * What can't be changed fails by itself. A dry run changes nothing.
 * @throws MurmurError INVALID_REQUEST for a cursor that is none; UNAVAILABLE when the history can't be read
 */
export async function changeAlerts(
  request: ChangeAlertsRequest,
  deps: ChangeAlertsDeps,
): Promise<ChangeAlertsResponse> {
  const { status, by, note, dryRun } = request
  const { wanted, nextCursor } = await wantedAlerts(request, deps)
  const order = { status, ...(by !== undefined && { by }), ...(note !== undefined && { note }) }
  const results: ChangedAlert[] = []
  for (let at = 0; at < wanted.length; at += CONCURRENCY) {
    const some = wanted.slice(at, at + CONCURRENCY)
    results.push(...(await Promise.all(some.map((id) => changeOne(id, { ...order, dryRun }, deps)))))
  }
  return { results, ...(nextCursor !== undefined && { nextCursor }) }
}

async function wantedAlerts(
  { ids, filter, status, limit, cursor }: ChangeAlertsRequest,
  { list }: ChangeAlertsDeps,
): Promise<{ wanted: string[]; nextCursor?: string | undefined }> {
  if (ids) return { wanted: [...new Set(ids)] }
  const { rule, beforeMs, ...same } = filter ?? {}
  const page = await list({ ...same, limit, ...(cursor !== undefined && { cursor }) })
  // What is that already, or can't become it, is not what a filter is for.
  const isWanted = (alert: Alert) =>
    alert.status !== 'resolved' &&
    alert.status !== status &&
    (rule === undefined || alert.rule.id === rule) &&
    (beforeMs === undefined || alert.raisedAtMs < beforeMs)
  return { wanted: page.alerts.filter(isWanted).map(({ id }) => id), nextCursor: page.nextCursor }
}

async function changeOne(
  id: string,
  { dryRun, ...order }: Omit<ChangeAlertRequest, 'id'> & { dryRun: boolean },
  { find, change }: ChangeAlertsDeps,
): Promise<ChangedAlert> {
  let known: Alert | undefined
  try {
    known = await find(id)
    if (!dryRun) return { ...factsOf((await change({ id, ...order })).alert), outcome: 'done' }
    if (known.status === 'resolved' || known.status === order.status)
      throw new MurmurError('ALERT_STATE_CONFLICT', `alert "${id}" is ${known.status} already`)
    return { ...factsOf(known), outcome: 'planned' }
  } catch (error) {
    return { id, ...(known && factsOf(known)), outcome: 'failed', problem: toProblem(error) }
  }
}

function factsOf({ id, camera, severity, status, message }: Alert): Omit<ChangedAlert, 'outcome'> {
  return { id, camera, severity, status, message }
}

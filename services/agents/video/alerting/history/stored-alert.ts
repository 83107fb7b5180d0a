import { type Alert, alertSchema } from '#schemas/alert.ts'
import type { StoredAlert } from './alert-store.ts'

/** Instead of a reference, where there will never be a snapshot. */
export const NO_SNAPSHOT = 'none'

/** Fields of the hash of an alert that hold JSON of a part of it. */
const JSON_PARTS = ['incident', 'snoozed', 'slack'] as const

/** All fields of an alert that is in the stream, as it was read from there. Pure. */
export function fieldsOf(alert: Alert): Record<string, string> {
  return {
    alert: JSON.stringify(alert),
    ...changingFields(alert),
    published: '1',
    told: alert.status,
    snapshot: alert.snapshot ? JSON.stringify(alert.snapshot) : NO_SNAPSHOT,
  }
}

/** What changes of an alert while it is there, as fields; what it does not have is left out. Pure. */
export function changingFields(alert: Alert): Record<string, string> {
  const { status, occurrences, lastSeenAtMs, changedBy, changedAtMs, note, revision, review, message } = alert
  const { subjects } = alert
  const fields: Record<string, string> = {
    ...{ status, message },
    occurrences: String(occurrences),
    lastSeenAtMs: String(lastSeenAtMs),
    ...(subjects !== undefined && { subjects: String(subjects) }),
    ...(changedBy !== undefined && { changedBy }),
    ...(changedAtMs !== undefined && { changedAtMs: String(changedAtMs) }),
    ...(note !== undefined && { note }),
    ...(revision !== undefined && { revision: String(revision) }),
    ...(review !== undefined && { review }),
  }
  for (const part of JSON_PARTS) if (alert[part]) fields[part] = JSON.stringify(alert[part])
  return fields
}

/** The alert as it was raised, with what changed since; undefined for what is none. Pure. */
export function storedAlert(fields: Record<string, string>): StoredAlert | undefined {
  const { alert, status, occurrences, lastSeenAtMs, snapshot, changedBy, changedAtMs, note } = fields
  if (alert === undefined) return undefined
  const { revision, review, message, subjects } = fields
  // What is gone since must not come back with the alert as it was raised.
  const { changedBy: _by, changedAtMs: _at, snoozed: _snoozed, ...raised } = JSON.parse(alert)
  const now = alertSchema.safeParse({
    ...raised,
    status,
    occurrences: Number(occurrences),
    lastSeenAtMs: Number(lastSeenAtMs),
    ...(subjects !== undefined && Number(subjects) > 0 && { subjects: Number(subjects) }),
    ...(snapshot !== undefined && snapshot !== NO_SNAPSHOT && { snapshot: JSON.parse(snapshot) }),
    ...(changedBy !== undefined && { changedBy }),
    ...(changedAtMs !== undefined && { changedAtMs: Number(changedAtMs) }),
    ...(note !== undefined && { note }),
    ...(revision !== undefined && { revision: Number(revision) }),
    ...(review !== undefined && { review }),
    ...(message !== undefined && { message }),
    ...Object.fromEntries(
      JSON_PARTS.flatMap((part) => (fields[part] === undefined ? [] : [[part, JSON.parse(fields[part])]])),
    ),
  })
  // Written by a release that knew other fields: nothing can be done with it here.
  if (!now.success) return undefined
  return { alert: now.data, published: fields.published === '1', snapshotSettled: snapshot !== undefined }
}

import type { JsonValue } from '#schemas/json.ts'

/** A date (its beginning in UTC), or date and time with a zone: without one, it would be another moment on another machine. */
const ISO_8601 =
  /^(\d{4})-(\d{2})-(\d{2})(?:T([01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:\d{2}))?$/

/**
 * A moment as plans name it: Unix milliseconds, or ISO 8601 text with a zone. Unix ms; undefined when it is none. Pure: the same
 * on every machine.
 */
export function parseMoment(value: JsonValue): number | undefined {
  // What a Date can hold, so that the moment can be shown.
  if (typeof value === 'number') return Math.abs(value) <= 8.64e15 ? value : undefined
  const found = typeof value === 'string' && ISO_8601.exec(value)
  if (!found) return undefined
  const [, year, month, day] = found.map(Number)
  // Some days are taken for those of the next month otherwise.
  if (day! > new Date(Date.UTC(year!, month!, 0)).getUTCDate()) return undefined
  const atMs = Date.parse(value)
  return Number.isNaN(atMs) ? undefined : atMs
}

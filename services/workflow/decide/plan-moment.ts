import { parseMoment } from '#platform/clock/parse-moment.ts'
import type { JsonValue } from '#schemas/json.ts'

/** What a Date can hold, so that the moment can be shown. Unix milliseconds. */
const LATEST_MS = 8.64e15

/**
 * A moment as plans name it: Unix milliseconds, or ISO 8601 text with a zone; a date alone is its beginning in UTC. Unix ms; undefined
 * when it is none. Pure: the same on every machine.
 */
export function planMoment(value: JsonValue): number | undefined {
  if (typeof value === 'number') return Math.abs(value) <= LATEST_MS ? value : undefined
  return typeof value === 'string' ? parseMoment(value) : undefined
}

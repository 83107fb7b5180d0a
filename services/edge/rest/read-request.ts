import { parseMoment } from '#platform/clock/parse-moment.ts'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import { parseBoundedJson } from '#platform/json/parse-json.ts'
import type { JsonObject } from '#schemas/json.ts'

/**
 * The body of a request as a JSON object; an empty one for no body.
 * @throws MurmurError PAYLOAD_TOO_LARGE, MALFORMED_JSON, JSON_TOO_DEEP, INVALID_REQUEST
 */
export function readJsonObject(body: unknown): JsonObject {
  if (!(body instanceof Uint8Array) || body.length === 0) return {}
  const json = parseBoundedJson(body)
  if (typeof json === 'object' && json !== null && !Array.isArray(json)) return json
  throw invalid('(body)', 'must be a JSON object')
}

/** The same where nothing would be a change too: what was forgotten is not taken for what is empty. @throws also for no body */
export function readRequiredObject(body: unknown): JsonObject {
  if (!(body instanceof Uint8Array) || body.length === 0) throw invalid('(body)', 'must be a JSON object')
  return readJsonObject(body)
}

/** One field that is wrong. */
export function invalid(path: string, message: string): MurmurError {
  return new MurmurError('INVALID_REQUEST', `the request is not valid: ${path} ${message}`, {
    issues: [{ path, message }],
  })
}

/**
 * The parameters of a query, each once.
 * @throws MurmurError INVALID_REQUEST for one that is not known, or comes twice though it is not among `lists`
 */
export function readQuery(
  search: string,
  known: readonly string[],
  lists: readonly string[] = [],
): { single: Record<string, string>; lists: Record<string, string[]> } {
  const single: Record<string, string> = {}
  const found: Record<string, string[]> = {}
  for (const [name, value] of new URLSearchParams(search)) {
    if (lists.includes(name)) {
      found[name] = [...(found[name] ?? []), value]
      continue
    }
    if (!known.includes(name))
      throw invalid(name, `is not a parameter here; ${[...known, ...lists].join(', ')} are`)
    if (Object.hasOwn(single, name)) throw invalid(name, 'was given twice')
    single[name] = value
  }
  return { single, lists: found }
}

/** The query of a URL, without its question mark. */
export function searchOf({ url }: { url: string }): string {
  const at = url.indexOf('?')
  return at < 0 ? '' : url.slice(at + 1)
}

/** A whole number of a query; what is none is left for the schema to refuse. */
export function numberOf(text: string | undefined): number | string | undefined {
  return text !== undefined && /^-?\d{1,16}$/.test(text) ? Number(text) : text
}

/** `true` or `false`, or nothing. @throws MurmurError INVALID_REQUEST for anything else */
export function flagOf(name: string, text: string | undefined): boolean | undefined {
  if (text === undefined) return undefined
  if (text === 'true' || text === 'false') return text === 'true'
  throw invalid(name, 'must be true or false')
}

/**
 * Unix milliseconds, a date, or a date and time as RFC 3339 has it; a date alone is midnight UTC.
 * @throws MurmurError INVALID_REQUEST for what is none of them, as 30 February
 */
export function timeOf(name: string, text: string): number {
  const atMs = /^\d{1,16}$/.test(text) ? Number(text) : parseMoment(text)
  if (atMs !== undefined && atMs >= 0) return atMs
  throw invalid(name, 'must be Unix milliseconds, or a date as 2026-11-01 or 2026-11-01T08:30:00Z')
}

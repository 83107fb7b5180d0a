import { maskUserinfo } from '../config/read-config.ts'

const REDACTED = '[redacted]'
const MAX_DEPTH = 8
const MAX_ENTRIES = 200

/**
 * A copy of a log record without secrets: values under telling names at any depth, credentials inside URLs and
 * `Bearer …` inside any text. Errors become plain objects with their cause; cycles and great depth are cut.
 */
export function redact(record: object): Record<string, unknown> {
  const copy = copyValue(record, 0, new Set())
  return copy !== null && typeof copy === 'object' ? (copy as Record<string, unknown>) : { value: copy }
}

/** A text without credentials of URLs and without bearer tokens. */
export function redactText(text: string): string {
  if (!text.includes('://') && !/bearer|basic/i.test(text)) return text
  return maskUserinfo(text).replace(/\b(bearer|basic)\s+[\w.~+/=-]{8,}/gi, `$1 ${REDACTED}`)
}

/** Whether what stands under this name is nobody's business: `authorization`, `x-api-key`, `accessToken`, `clientSecret` … */
export function isSecretName(name: string): boolean {
  const plain = name.toLowerCase().replace(/[^a-z0-9]/g, '')
  return (
    /authorization|cookie|password|passwd|passphrase|secret|apikey|privatekey|credential/.test(plain) ||
    plain.endsWith('token')
  )
}

function copyValue(value: unknown, depth: number, above: Set<object>): unknown {
  if (typeof value === 'string') return redactText(value)
  if (typeof value === 'bigint') return String(value)
  if (typeof value === 'function' || typeof value === 'symbol') return `[${typeof value}]`
  if (value === null || typeof value !== 'object') return value
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString()
  if (value instanceof URL) return redactText(value.href)
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`
  if (above.has(value)) return '[circular]'
  if (depth >= MAX_DEPTH) return '[too deep]'
  above.add(value)
  const copy = copyObject(value, depth, above)
  above.delete(value)
  return copy
}

function copyObject(value: object, depth: number, above: Set<object>): unknown {
  if (Array.isArray(value)) {
    return value.slice(0, MAX_ENTRIES).map((item) => copyValue(item, depth + 1, above))
  }
  if (value instanceof Map) return copyEntries(value.entries(), depth, above)
  if (value instanceof Set) return copyObject([...value], depth, above)
  if (value instanceof Error) return copyEntries(errorEntries(value), depth, above)
  return copyEntries(Object.entries(value), depth, above)
}

function copyEntries(
  entries: Iterable<[unknown, unknown]>,
  depth: number,
  above: Set<object>,
): Record<string, unknown> {
  const copies: [string, unknown][] = []
  for (const [name, item] of entries) {
    if (copies.length >= MAX_ENTRIES) break
    const key = String(name)
    copies.push([key, isSecretName(key) && item != null ? REDACTED : copyValue(item, depth + 1, above)])
  }
  // Defines properties instead of assigning them: a key named __proto__ is then a key like any other.
  return Object.fromEntries(copies)
}

/** Message, stack and cause are not enumerable, so an error says nothing unless asked. */
function* errorEntries(error: Error): Generator<[string, unknown]> {
  yield ['type', error.name]
  yield ['message', error.message]
  yield ['stack', error.stack]
  if (error.cause !== undefined) yield ['cause', error.cause]
  for (const entry of Object.entries(error)) if (entry[0] !== 'name') yield entry
}

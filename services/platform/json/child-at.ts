import type { JsonValue } from '#schemas/json.ts'

/** As a list's places are written: `1e0`, `01` and `-0` name none. */
const INDEX = /^(?:0|[1-9]\d*)$/

/** One step down a path: a list's entry by its index, an object's own value by its key; undefined when there is none. */
export function childAt(value: JsonValue, key: string): JsonValue | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  if (Array.isArray(value)) return INDEX.test(key) ? value[Number(key)] : undefined
  return Object.hasOwn(value, key) ? value[key] : undefined
}

import type { JsonValue } from '#schemas/json.ts'

/** One step down a path: a list's entry by its index, an object's own value by its key; undefined when there is none. */
export function childAt(value: JsonValue, key: string): JsonValue | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  if (Array.isArray(value)) return value[Number(key)]
  return Object.hasOwn(value, key) ? value[key] : undefined
}

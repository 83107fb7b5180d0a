import type { JsonValue } from '#schemas/json.ts'

/** The part of a value that a JSON pointer (RFC 6901) names; undefined when it is not there. Pure. */
export function readJsonPointer(value: JsonValue, pointer: string): JsonValue | undefined {
  let part: JsonValue | undefined = value
  for (const token of pointer.split('/').slice(1)) {
    const key = token.replaceAll('~1', '/').replaceAll('~0', '~')
    if (Array.isArray(part)) part = /^(0|[1-9]\d{0,9})$/.test(key) ? part[Number(key)] : undefined
    else if (typeof part === 'object' && part !== null && Object.hasOwn(part, key)) part = part[key]
    else return undefined
  }
  return part
}

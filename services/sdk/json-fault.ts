import { LIMITS } from '#schemas/limits.ts'

/** Values within one output, at most: every one takes two bytes of JSON at least, and an object of the store has a size. */
const MAX_VALUES = LIMITS.bufferedBlobBytes / 2

interface Walk {
  /** Names and places on the way to where the walk is. */
  readonly path: (string | number)[]
  /** The objects on that way. */
  readonly above: object[]
  values: number
}

/**
 * What keeps a value from being the same after it has travelled as JSON, said with the place where it is: "rows[3].total is a
 * BigInt …". JSON.stringify throws at some of it, leaves some out in silence, and makes `{}` of some.
 * @returns undefined when nothing does
 * @throws what a getter or a `toJSON` of the value throws
 */
export function jsonFault(value: unknown): string | undefined {
  return faultIn(value, { path: [], above: [], values: 0 })
}

function faultIn(value: unknown, walk: Walk): string | undefined {
  if (++walk.values > MAX_VALUES) return `the output has more than ${MAX_VALUES} values`
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return undefined
    case 'number':
      return Number.isFinite(value)
        ? undefined
        : `${placeOf(walk)} is ${value}, which JSON does not have: use null, or leave it out`
    case 'bigint':
      return `${placeOf(walk)} is a BigInt, which JSON does not have: make it a number or a text`
    case 'undefined':
      return `${placeOf(walk)} is undefined, which JSON does not have: use null`
    case 'object':
      return value === null ? undefined : faultOfObject(value, walk)
    default:
      return `${placeOf(walk)} is a ${typeof value}, which JSON does not have: leave it out`
  }
}

function faultOfObject(value: object, walk: Walk): string | undefined {
  if (walk.above.includes(value))
    return `${placeOf(walk)} refers back to something that it is a part of: JSON has no cycles`
  if (walk.above.length >= LIMITS.jsonDepth)
    return `${placeOf(walk)} is nested more than ${LIMITS.jsonDepth} levels deep: flatten the output`
  walk.above.push(value)
  const fault = Array.isArray(value) ? faultOfItems(value, walk) : faultOfFields(value, walk)
  walk.above.pop()
  return fault
}

function faultOfItems(items: readonly unknown[], walk: Walk): string | undefined {
  for (let index = 0; index < items.length; index++) {
    const item = items[index]
    if (typeof item === 'string' || item === null) continue
    walk.path.push(index)
    const fault = faultIn(item, walk)
    if (fault) return fault
    walk.path.pop()
  }
  return undefined
}

function faultOfFields(value: object, walk: Walk): string | undefined {
  const isBytes = ArrayBuffer.isView(value) || value instanceof ArrayBuffer
  if (!isBytes && 'toJSON' in value && typeof value.toJSON === 'function')
    return faultIn(value.toJSON(), walk)
  const container = isBytes ? BYTES : containerOf(value)
  if (container)
    return `${placeOf(walk)} is a ${container.name}, of which JSON keeps nothing: ${container.fix}`
  for (const [key, field] of Object.entries(value)) {
    // JSON leaves out what is undefined, which is what optional fields mean.
    if (typeof field === 'string' || field === undefined) continue
    walk.path.push(key)
    const fault = faultIn(field, walk)
    if (fault) return fault
    walk.path.pop()
  }
  return undefined
}

const BYTES = {
  name: 'block of bytes',
  fix: 'store it with ctx.blobs.put(…) and return the reference',
} as const

/** What has its contents elsewhere than in its fields. */
function containerOf(value: object): { name: string; fix: string } | undefined {
  if (value instanceof Map) return { name: 'Map', fix: 'use Object.fromEntries(map)' }
  if (value instanceof Set) return { name: 'Set', fix: 'use [...set]' }
  if (value instanceof Promise) return { name: 'Promise', fix: 'await it' }
  if (value instanceof Error) return { name: 'Error', fix: 'use its message' }
  if (value instanceof RegExp) return { name: 'RegExp', fix: 'use its source' }
  if (value instanceof WeakMap || value instanceof WeakSet || value instanceof WeakRef)
    return { name: 'weak collection', fix: 'leave it out' }
  return undefined
}

function placeOf({ path }: Walk): string {
  if (path.length === 0) return 'the output'
  return path.reduce<string>(
    (text, key) => (typeof key === 'number' ? `${text}[${key}]` : `${text}.${key.slice(0, 64)}`),
    'output',
  )
}

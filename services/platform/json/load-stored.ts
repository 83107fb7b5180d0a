import { MurmurError, messageOf } from '#platform/errors/murmur-error.ts'
import { type BlobRef, type JsonBlob, jsonBlobSchema } from '#schemas/blob.ts'
import type { JsonObject, JsonValue } from '#schemas/json.ts'
import { LIMITS } from '#schemas/limits.ts'
import { parseBoundedJson } from './parse-json.ts'

export interface StoredLoading {
  /** The bytes of an object, at most so many. @throws MurmurError when there are more, or none */
  load(ref: BlobRef, maxBytes: number): Promise<Uint8Array>
  /** For all of them together. */
  maxBytes: number
}

export interface Loaded {
  value: JsonValue
  /** What did not fit, and stands in the value as it was. */
  left: JsonBlob[]
}

/** A value may be put together from many stored ones; more are left where they are. */
const MAX_OBJECTS = 1000
/** Stored values may refer to stored values; a chain of them would be nested deeper than anybody reads. */
const MAX_NESTED = 8
/** Templates put values together that may have the allowed depth each. */
const MAX_DEPTH = 4 * LIMITS.jsonDepth

/**
 * A JSON value with everything in it that had become too big and lies in the object store as `{ "$json": … }`, also within
 * what is loaded; one after the other, as long as they fit.
 * @throws what `load` throws; MurmurError BROKEN_FILE for an object that is no JSON
 */
export async function loadStored(root: JsonValue, { load, maxBytes }: StoredLoading): Promise<Loaded> {
  let bytesLeft = maxBytes
  let objectsLeft = MAX_OBJECTS
  const left: JsonBlob[] = []
  const fill = async (value: JsonValue, nested: number): Promise<JsonValue> => {
    if (typeof value !== 'object' || value === null) return value
    if (Array.isArray(value)) {
      const items: JsonValue[] = []
      for (const item of value) items.push(await fill(item, nested))
      return items
    }
    const stored = Object.hasOwn(value, '$json') ? jsonBlobSchema.safeParse(value).data : undefined
    if (stored) return fetched(stored, value, nested)
    const entries: [string, JsonValue][] = []
    for (const [key, item] of Object.entries(value)) entries.push([key, await fill(item, nested)])
    return Object.fromEntries(entries)
  }
  const fetched = async (stored: JsonBlob, asItWas: JsonObject, nested: number): Promise<JsonValue> => {
    if (stored.$json.size > bytesLeft || objectsLeft === 0 || nested === MAX_NESTED) {
      left.push(stored)
      return asItWas
    }
    const bytes = await load(stored.$json, bytesLeft)
    bytesLeft -= bytes.length
    objectsLeft--
    const value = storedPart(stored, parseStored(bytes, stored.$json))
    return stored.verbatim ? value : fill(value, nested + 1)
  }
  return { value: await fill(root, 0), left }
}

/** What lies in the object store as JSON. @throws MurmurError BROKEN_FILE */
export function parseStored(bytes: Uint8Array, { blob }: BlobRef): JsonValue {
  try {
    return parseBoundedJson(bytes, { maxBytes: bytes.length, maxDepth: MAX_DEPTH, numbers: 'nearest' })
  } catch (cause) {
    throw new MurmurError('BROKEN_FILE', `object "${blob}" is not read as JSON: ${messageOf(cause)}`, {
      cause,
    })
  }
}

/** The part that a reference means; what is not there is null, as in a plan's references. */
export function storedPart({ path = [] }: JsonBlob, root: JsonValue): JsonValue {
  let value = root
  for (const key of path) {
    const next = childAt(value, key)
    if (next === undefined) return null
    value = next
  }
  return value
}

/** As a list's places are written: `1e0`, `01` and `-0` name none. */
const INDEX = /^(?:0|[1-9]\d*)$/

/** One step down a path: a list's entry by its index, an object's own value by its key; undefined when there is none. */
export function childAt(value: JsonValue, key: string): JsonValue | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  if (Array.isArray(value)) return INDEX.test(key) ? value[Number(key)] : undefined
  return Object.hasOwn(value, key) ? value[key] : undefined
}

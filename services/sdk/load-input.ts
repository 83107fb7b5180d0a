import { getHeapStatistics } from 'node:v8'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import { parseStored, storedPart } from '#platform/json/load-stored.ts'
import { type JsonBlob, jsonBlobSchema } from '#schemas/blob.ts'
import type { JsonObject, JsonValue } from '#schemas/json.ts'
import type { AgentBlobs } from './define-agent.ts'

type Blobs = Pick<AgentBlobs, 'get'>

/** Objects that are asked for at the same time; how many bytes of them is up to the object store's budget. */
const AT_ONCE = 16
/** Stored values may refer to stored values; a chain of them would be nested deeper than anybody reads. */
const MAX_NESTED = 8
const MAX_OBJECTS = 20_000
/** A step's stored input, when it is loaded as a whole, has half of what the process may use. Bytes of JSON. */
const MAX_BYTES = Math.floor(getHeapStatistics().heap_size_limit / 2)

/** Where a stored value stands, to put what it is in its place. */
interface Place {
  stored: JsonBlob
  nested: number
  set: (value: JsonValue) => void
}

/**
 * An input with everything loaded that had been moved to the object store, a few objects at a time. What is referred to more than
 * once is loaded once, and is the same value in all places.
 * @throws MurmurError LIMIT_EXCEEDED when it is more than the process can hold; what `blobs` throws; BROKEN_FILE
 */
export async function loadInput(
  input: JsonValue,
  blobs: Blobs,
  maxBytes: number = MAX_BYTES,
): Promise<JsonValue> {
  const loading = new InputLoading(blobs, maxBytes)
  const whole = loading.find(input, 0)
  await loading.all()
  return whole()
}

/**
 * One stored value, as a lazily loaded input has them; whatever is none is given back. Stored values within it stay as they are.
 * @throws MurmurError what `blobs` throws; BROKEN_FILE
 */
export async function loadHandle(value: JsonValue | JsonBlob, blobs: Blobs): Promise<JsonValue> {
  const stored = storedIn(value)
  if (!stored) return value as JsonValue
  return storedPart(stored, parseStored(await blobs.get(stored.$json), stored.$json))
}

/** Most objects are none, which is cheaper to see than to check. */
function storedIn(value: unknown): JsonBlob | undefined {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, '$json')) return undefined
  return jsonBlobSchema.safeParse(value).data
}

class InputLoading {
  readonly #blobs: Blobs
  readonly #maxBytes: number
  readonly #open: Place[] = []
  readonly #roots = new Map<string, Promise<JsonValue>>()
  readonly #seen = new Set<string>()
  #bytes = 0

  constructor(blobs: Blobs, maxBytes: number) {
    this.#blobs = blobs
    this.#maxBytes = maxBytes
  }

  /** Notes what is stored in a value. @returns what the value is once all of it is loaded */
  find(value: JsonValue, nested: number): () => JsonValue {
    let whole = value
    this.#walk(value, nested, (loaded) => {
      whole = loaded
    })
    return () => whole
  }

  /** @throws MurmurError as `loadInput` does */
  async all(): Promise<void> {
    const work = async () => {
      try {
        for (let place = this.#open.pop(); place; place = this.#open.pop()) await this.#load(place)
      } catch (error) {
        this.#open.length = 0
        throw error
      }
    }
    // What one of them finds, those that have ended already don't see.
    while (this.#open.length > 0) await Promise.all(Array.from({ length: AT_ONCE }, work))
  }

  /** Notes what is to be loaded: later `set` is called, or what is in the value is changed. */
  #walk(value: JsonValue, nested: number, set: Place['set']): void {
    if (typeof value !== 'object' || value === null) return
    const stored = storedIn(value)
    if (stored) {
      this.#open.push({ stored, nested, set })
      return
    }
    const parent = value as JsonObject
    for (const key of Object.keys(parent))
      this.#walk(parent[key]!, nested, (loaded) => {
        Object.defineProperty(parent, key, {
          value: loaded,
          enumerable: true,
          writable: true,
          configurable: true,
        })
      })
  }

  async #load({ stored, nested, set }: Place): Promise<void> {
    const { $json } = stored
    if (nested >= MAX_NESTED) throw tooMuch(`stored values refer to stored values ${MAX_NESTED} times over`)
    const root = this.#roots.get($json.blob) ?? this.#read(stored)
    this.#roots.set($json.blob, root)
    const value = storedPart(stored, await root)
    set(value)
    if (stored.verbatim) return
    const name = [$json.blob, ...(stored.path ?? [])].join('\0')
    // The same value in many places is looked through once; only a reference has to be put into each.
    if (this.#seen.has(name) && !storedIn(value)) return
    this.#seen.add(name)
    this.#walk(value, nested + 1, set)
  }

  async #read({ $json }: JsonBlob): Promise<JsonValue> {
    if (this.#roots.size >= MAX_OBJECTS) throw tooMuch(`more than ${MAX_OBJECTS} objects`)
    const bytes = await this.#blobs.get($json)
    this.#bytes += bytes.length
    if (this.#bytes > this.#maxBytes) throw tooMuch(`more than ${this.#maxBytes} bytes`)
    return parseStored(bytes, $json)
  }
}

function tooMuch(what: string): MurmurError {
  return new MurmurError(
    'LIMIT_EXCEEDED',
    `the input of the step is too large to be loaded as a whole: ${what}; an agent with inputLoading "lazy" reads it one by one`,
  )
}

import { MurmurError } from '#platform/errors/murmur-error.ts'
import { parseStored, storedPart } from '#platform/json/load-stored.ts'
import type { BlobStore } from '#platform/nats/blob-store.ts'
import { type JsonBlob, jsonBlobSchema } from '#schemas/blob.ts'
import type { JsonValue } from '#schemas/json.ts'

/** A list of 10,000 items of some kilobytes each; what is larger holds up everything else in this process. Bytes of JSON. */
export const MAX_STORED_BYTES = 32 * 1024 * 1024
/** Lists whose items are being dispatched, in memory. Bytes of JSON, all together. */
const CACHE_BYTES = 64 * 1024 * 1024

/** Values in the object store that plans are decided on or that lists are dispatched from. The last ones are kept, bounded. */
export class StoredValues {
  readonly #blobs: Pick<BlobStore, 'get'>
  readonly #kept = new Map<string, { bytes: number; value: Promise<JsonValue> }>()
  #bytes = 0

  constructor(blobs: Pick<BlobStore, 'get'>) {
    this.#blobs = blobs
  }

  /**
   * The value that a reference means; anything else is given back as it is. What lies within it in the object store stays there.
   * @throws MurmurError LIMIT_EXCEEDED above MAX_STORED_BYTES, BLOB_NOT_FOUND, BLOB_CORRUPT, BROKEN_FILE; UNAVAILABLE
   */
  async load(value: JsonValue | undefined): Promise<JsonValue> {
    const stored = storedIn(value)
    if (!stored) return value ?? null
    return storedPart(stored, await this.#root(stored))
  }

  #root({ $json }: JsonBlob): Promise<JsonValue> {
    const { blob, size } = $json
    const known = this.#kept.get(blob)
    if (known) {
      this.#kept.delete(blob)
      this.#kept.set(blob, known)
      return known.value
    }
    if (size > MAX_STORED_BYTES)
      throw new MurmurError(
        'LIMIT_EXCEEDED',
        `a value that a plan decides on has ${size} bytes, at most ${MAX_STORED_BYTES} are read`,
      )
    const value = this.#blobs
      .get($json, { maxBytes: MAX_STORED_BYTES })
      .then((bytes) => parseStored(bytes, $json))
    this.#keep(blob, size, value)
    // What failed is asked for again.
    value.catch(() => this.#forget(blob))
    return value
  }

  #keep(blob: string, bytes: number, value: Promise<JsonValue>): void {
    this.#kept.set(blob, { bytes, value })
    this.#bytes += bytes
    for (const oldest of this.#kept.keys()) {
      if (this.#bytes <= CACHE_BYTES || oldest === blob) return
      this.#forget(oldest)
    }
  }

  #forget(blob: string): void {
    const known = this.#kept.get(blob)
    if (!known) return
    this.#kept.delete(blob)
    this.#bytes -= known.bytes
  }
}

/** The reference that a value is; undefined when it is none. */
export function storedIn(value: unknown): JsonBlob | undefined {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, '$json')) return undefined
  return jsonBlobSchema.safeParse(value).data
}

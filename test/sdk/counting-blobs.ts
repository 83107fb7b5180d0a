import type { BlobRef } from '#schemas/blob.ts'
import type { JsonObject, JsonValue } from '#schemas/json.ts'
import { createMemoryBlobs } from '../../services/sdk/testing.ts'

/** An object store that counts. */
export function openBlobs() {
  const memory = createMemoryBlobs()
  const counts = { gets: 0, atOnce: 0, most: 0 }
  return {
    counts,
    put: (_folder: string, bytes: Uint8Array, about: { contentType: string }) => memory.put(bytes, about),
    async get(ref: BlobRef) {
      counts.gets++
      counts.most = Math.max(counts.most, ++counts.atOnce)
      await new Promise((resolve) => setImmediate(resolve))
      counts.atOnce--
      return memory.get(ref)
    },
    keep: async (value: JsonValue, more: object = {}) =>
      ({
        $json: await memory.put(Buffer.from(JSON.stringify(value)), { contentType: 'application/json' }),
        ...more,
      }) as unknown as JsonObject,
  }
}

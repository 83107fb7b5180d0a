import type { BlobStore } from '#platform/nats/blob-store.ts'
import { type JsonBlob, jsonBlobSchema } from '#schemas/blob.ts'
import type { JsonValue } from '#schemas/json.ts'

/**
 * An output with everything in it that had become too big for the task's state and lies in the object store as
 * `{ "$json": … }`. What is larger than `maxBytes` stays a reference.
 * @throws MurmurError BLOB_NOT_FOUND, BLOB_CORRUPT
 */
export async function loadOutput(
  output: JsonValue,
  blobs: () => Promise<BlobStore>,
  maxBytes: number,
): Promise<JsonValue> {
  if (typeof output !== 'object' || output === null) return output
  if (Array.isArray(output)) return Promise.all(output.map((item) => loadOutput(item, blobs, maxBytes)))
  const stored = jsonBlobSchema.safeParse(output)
  if (stored.success) {
    if (stored.data.$json.size > maxBytes) return output
    const value = partOf(stored.data, parse(await (await blobs()).get(stored.data.$json, { maxBytes })))
    return loadOutput(value, blobs, maxBytes)
  }
  const entries = Object.entries(output).map(
    async ([key, value]) => [key, await loadOutput(value, blobs, maxBytes)] as const,
  )
  return Object.fromEntries(await Promise.all(entries))
}

function parse(bytes: Uint8Array): JsonValue {
  return JSON.parse(Buffer.from(bytes).toString('utf8')) as JsonValue
}

function partOf({ path = [] }: JsonBlob, root: JsonValue): JsonValue {
  let value = root
  for (const key of path) {
    if (typeof value !== 'object' || value === null) return null
    value = Object.getOwnPropertyDescriptor(value, key)?.value ?? null
  }
  return value
}

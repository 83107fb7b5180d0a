import { type JsonBlob, jsonBlobSchema } from '#schemas/blob.ts'
import type { JsonValue } from '#schemas/json.ts'
import type { MurmurClient } from './murmur-client.ts'

/**
 * An output with everything in it that had become too big for the task's state and lies in the object store as
 * `{ "$json": … }`. What is larger than `maxBytes` stays a reference.
 * @throws MurmurError BLOB_NOT_FOUND, BLOB_CORRUPT
 */
export async function loadOutput(
  output: JsonValue,
  client: Pick<MurmurClient, 'download'>,
  maxBytes: number,
): Promise<JsonValue> {
  if (typeof output !== 'object' || output === null) return output
  if (Array.isArray(output)) return Promise.all(output.map((item) => loadOutput(item, client, maxBytes)))
  const stored = jsonBlobSchema.safeParse(output)
  if (stored.success) {
    if (stored.data.$json.size > maxBytes) return output
    const value = partOf(stored.data, parse(await client.download(stored.data.$json, { maxBytes })))
    return loadOutput(value, client, maxBytes)
  }
  const entries = Object.entries(output).map(
    async ([key, value]) => [key, await loadOutput(value, client, maxBytes)] as const,
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

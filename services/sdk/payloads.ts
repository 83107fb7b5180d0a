import { MurmurError } from '#platform/errors/murmur-error.ts'
import { childAt } from '#platform/json/child-at.ts'
import type { BlobStore } from '#platform/nats/blob-store.ts'
import { type JsonBlob, jsonBlobSchema } from '#schemas/blob.ts'
import type { JsonObject, JsonValue } from '#schemas/json.ts'
import { LIMITS } from '#schemas/limits.ts'
import type { StepMessage } from '#schemas/step-message.ts'

const decoder = new TextDecoder()

/** An input with everything loaded that had been moved to the object store; all of it at the same time. */
export async function loadInput(input: JsonValue, blobs: BlobStore): Promise<JsonValue> {
  if (typeof input !== 'object' || input === null) return input
  if (Array.isArray(input)) return Promise.all(input.map((item) => loadInput(item, blobs)))
  const stored = jsonBlobSchema.safeParse(input)
  if (stored.success) return loadJson(stored.data, blobs)
  const entries = await Promise.all(
    Object.entries(input).map(async ([key, value]) => [key, await loadInput(value, blobs)] as const),
  )
  return Object.fromEntries(entries)
}

/** An output as it travels: itself, or a reference when it is large. */
export async function storeOutput(
  output: JsonValue,
  step: StepMessage,
  blobs: BlobStore,
): Promise<JsonValue> {
  const json = JSON.stringify(output ?? null)
  if (json.length * 3 <= LIMITS.inlineOutputBytes || Buffer.byteLength(json) <= LIMITS.inlineOutputBytes)
    return output ?? null
  const bytes = Buffer.from(json)
  if (bytes.length > LIMITS.blobBytes) {
    throw new MurmurError(
      'OUTPUT_TOO_LARGE',
      `the output has ${bytes.length} bytes, at most ${LIMITS.blobBytes} are stored`,
    )
  }
  const ref = await blobs.put(`tasks/${step.taskId}/${step.stepId}`, bytes, {
    contentType: 'application/json',
  })
  return { $json: { ...ref } as unknown as JsonObject }
}

async function loadJson({ $json, path }: JsonBlob, blobs: BlobStore): Promise<JsonValue> {
  let value = JSON.parse(decoder.decode(await blobs.get($json))) as JsonValue
  for (const key of path ?? []) {
    const next = childAt(value, key)
    if (next === undefined) return null
    value = next
  }
  // What was stored may itself hold references, where outputs were put together from others.
  return path?.length || typeof value === 'object' ? loadInput(value, blobs) : value
}

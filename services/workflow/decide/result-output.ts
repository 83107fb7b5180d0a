import type { BlobStore } from '#platform/nats/blob-store.ts'
import type { JsonObject, JsonValue } from '#schemas/json.ts'
import { LIMITS } from '#schemas/limits.ts'
import type { TaskError } from '#schemas/problem.ts'

const MAX_MESSAGE_CHARACTERS = 2000

/** An error as a result may carry it. Pure. */
export function resultError(code: string, message: string): TaskError {
  return { code, message: message.slice(0, MAX_MESSAGE_CHARACTERS) }
}

/** A value as an output: itself, or where it is large a reference to it in the object store, named by its content. */
export async function asOutput(
  value: JsonValue,
  { folder, tenant }: { folder: string; tenant: string },
  blobs: Pick<BlobStore, 'keep'>,
): Promise<JsonValue> {
  const text = JSON.stringify(value)
  const { inlineOutputBytes } = LIMITS
  // A character takes three bytes at most, so most outputs need no counting.
  if (text.length * 3 <= inlineOutputBytes) return value
  const bytes = Buffer.from(text)
  if (bytes.length <= inlineOutputBytes) return value
  const ref = await blobs.keep(folder, bytes, { contentType: 'application/json', tenant })
  return { $json: ref as unknown as JsonObject }
}

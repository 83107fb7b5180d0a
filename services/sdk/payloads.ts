import { MurmurError, messageOf } from '#platform/errors/murmur-error.ts'
import type { BlobStore } from '#platform/nats/blob-store.ts'
import { jsonBlobSchema } from '#schemas/blob.ts'
import type { JsonObject, JsonValue } from '#schemas/json.ts'
import { LIMITS } from '#schemas/limits.ts'
import type { StepMessage } from '#schemas/step-message.ts'

/**
 * An output as it travels: itself, or a reference when it is large. What a handler returns is data: where something in it looks
 * like a reference of ours and is none, all of it is stored, and read as it stands there.
 * @throws MurmurError INVALID_OUTCOME for what JSON can't hold; OUTPUT_TOO_LARGE; UNAVAILABLE
 */
export async function storeOutput(
  output: JsonValue,
  step: Pick<StepMessage, 'taskId' | 'stepId' | 'input' | 'inlineOutputBytes'>,
  blobs: Pick<BlobStore, 'put'>,
): Promise<JsonValue> {
  const json = jsonOf(output ?? null)
  const verbatim = json.includes('"$json"') && hasOwnReference(output, step)
  if (!verbatim && isWithin(json, step.inlineOutputBytes ?? LIMITS.inlineOutputBytes)) return output ?? null
  const bytes = Buffer.from(json)
  if (bytes.length > LIMITS.bufferedBlobBytes) {
    throw new MurmurError(
      'OUTPUT_TOO_LARGE',
      `the output has ${bytes.length} bytes, at most ${LIMITS.bufferedBlobBytes} are stored`,
    )
  }
  const ref = await blobs.put(`tasks/${step.taskId}/${step.stepId}`, bytes, {
    contentType: 'application/json',
  })
  return { $json: { ...ref } as unknown as JsonObject, ...(verbatim && { verbatim }) }
}

/** A character takes three bytes at most, so most outputs need no counting. */
function isWithin(json: string, maxBytes: number): boolean {
  return json.length * 3 <= maxBytes || Buffer.byteLength(json) <= maxBytes
}

function jsonOf(output: JsonValue): string {
  let json: string | undefined
  try {
    json = JSON.stringify(output)
  } catch (cause) {
    throw new MurmurError('INVALID_OUTCOME', `the output can't be written as JSON: ${messageOf(cause)}`, {
      cause,
    })
  }
  if (json === undefined)
    throw new MurmurError('INVALID_OUTCOME', `the output is a ${typeof output}, which JSON does not have`)
  // JSON has null in the place of numbers that it does not know.
  const place = json.includes('null') ? placeOfNoNumber(output) : undefined
  if (place !== undefined)
    throw new MurmurError('INVALID_OUTCOME', `the output has a number at ${place} that is not finite`)
  return json
}

function placeOfNoNumber(root: JsonValue): string | undefined {
  const open: [value: JsonValue, path: string][] = [[root, 'output']]
  for (let next = open.pop(); next; next = open.pop()) {
    const [value, path] = next
    if (typeof value === 'number' && !Number.isFinite(value)) return path
    if (typeof value !== 'object' || value === null) continue
    for (const [key, item] of Object.entries(value)) open.push([item, `${path}.${key}`])
  }
  return undefined
}

/** Whether something has the form of a reference and is neither of this task nor came with the step's input. */
function hasOwnReference(
  output: JsonValue,
  { taskId, input }: Pick<StepMessage, 'taskId' | 'input'>,
): boolean {
  const found = keysOfReferences(output)
  if (found.length === 0) return false
  const given = new Set(keysOfReferences(input))
  return found.some((key) => !key.startsWith(`tasks/${taskId}/`) && !given.has(key))
}

function keysOfReferences(root: JsonValue): string[] {
  const keys: string[] = []
  const open: JsonValue[] = [root]
  for (let value = open.pop(); value !== undefined; value = open.pop()) {
    if (typeof value !== 'object' || value === null) continue
    const stored = Object.hasOwn(value, '$json') ? jsonBlobSchema.safeParse(value).data : undefined
    if (stored) keys.push(stored.$json.blob)
    else for (const item of Object.values(value)) open.push(item)
  }
  return keys
}

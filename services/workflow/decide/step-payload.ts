import { MurmurError, messageOf } from '#platform/errors/murmur-error.ts'
import type { BlobStore } from '#platform/nats/blob-store.ts'
import type { JsonValue } from '#schemas/json.ts'
import { LIMITS } from '#schemas/limits.ts'
import type { ErrorCode } from '#schemas/problem.ts'
import type { StepMessage, StepOutcome } from '#schemas/step-message.ts'
import { resultError } from './result-output.ts'

/** What references bring into an input is bounded at admission; what grew past that is not even written down. Characters. */
const MAX_INPUT_CHARACTERS = 32 * 1024 * 1024
/** Beside the payload, in a message: subject and headers. */
const ENVELOPE_BYTES = 2048

/** Where an input that was moved to the object store is noted, so that trying again stores it once. */
export interface StoredInput {
  input?: unknown
}

/**
 * The message of a step as it travels, with its input inside; undefined when that is too large for it.
 * @param maxPayloadBytes what the server takes
 * @throws MurmurError LIMIT_EXCEEDED
 */
export function inlinePayload(message: StepMessage, maxPayloadBytes: number): string | undefined {
  if (isLonger(message.input, MAX_INPUT_CHARACTERS))
    throw new MurmurError(
      'LIMIT_EXCEEDED',
      `the input of step "${message.stepId}" has more than ${MAX_INPUT_CHARACTERS} characters with what its references bring into it`,
    )
  const payload = JSON.stringify(message)
  const inlineBytes = Math.min(LIMITS.inlineInputBytes, maxPayloadBytes - ENVELOPE_BYTES)
  // A character takes three bytes at most, so most messages need no counting.
  return payload.length * 3 <= inlineBytes || Buffer.byteLength(payload) <= inlineBytes ? payload : undefined
}

/**
 * The same with its input in the object store, which it is put into unless it is there already.
 * @throws MurmurError LIMIT_EXCEEDED, PAYLOAD_TOO_LARGE; OVERLOADED when the store is full; UNAVAILABLE
 */
export async function offloadedPayload(
  message: StepMessage,
  stored: StoredInput,
  blobs: Pick<BlobStore, 'put'>,
): Promise<string> {
  if (stored.input === undefined) {
    const bytes = Buffer.from(JSON.stringify(message.input))
    const folder = `tasks/${message.taskId}/${message.stepId}`
    const { tenant } = message
    stored.input = { $json: await blobs.put(folder, bytes, { contentType: 'application/json', tenant }) }
  }
  return JSON.stringify({ ...message, input: stored.input as JsonValue })
}

/** Codes that say more than that it could not be handed over. */
const SPECIFIC_CODES: readonly ErrorCode[] = [
  'LIMIT_EXCEEDED',
  'PAYLOAD_TOO_LARGE',
  'EXPANSION_TOO_LARGE',
  'BLOB_NOT_FOUND',
]

/** What an attempt ends with that can't be handed over to any agent. Pure. */
export function undispatchedOutcome(error: unknown): StepOutcome {
  const code =
    error instanceof MurmurError && SPECIFIC_CODES.includes(error.code) ? error.code : 'DISPATCH_FAILED'
  return { kind: 'fail', error: resultError(code, messageOf(error)) }
}

/** Whether a step that failed with this code may never have been with an agent: `undispatchedOutcome` gives such. Pure. */
export function isUndispatchedCode(code: string): boolean {
  return code === 'DISPATCH_FAILED' || (SPECIFIC_CODES as readonly string[]).includes(code)
}

/** Whether it has more characters as JSON, about: it is not written down for that. One value may be in it many times. */
function isLonger(value: JsonValue, max: number): boolean {
  let left = max
  const open: JsonValue[] = [value]
  while (open.length > 0 && left >= 0) {
    const next = open.pop()
    if (typeof next === 'string') left -= next.length
    else if (Array.isArray(next)) {
      left -= next.length
      if (left >= 0) for (const item of next) open.push(item)
    } else if (typeof next === 'object' && next !== null)
      for (const key in next) {
        left -= key.length + 1
        open.push(next[key]!)
      }
    else left -= 1
  }
  return left < 0
}

import { parseBoundedJson } from '#platform/json/parse-json.ts'
import { readMessage } from '#platform/json/read-message.ts'
import type { StoredMessage } from '#platform/nats/bus.ts'
import { type DeadLetter, type DeadLetterFilter, deadLetterMarkSchema } from '#schemas/dead-letter.ts'
import type { JsonValue } from '#schemas/json.ts'
import { stepMessageSchema } from '#schemas/step-message.ts'
import { DEAD_CODE_HEADER, DEAD_REASON_HEADER, lastToken, SUBJECTS } from '#subjects/subjects.ts'

/** Of a message that is no JSON. */
const MAX_TEXT = 4000
const LETTERS = SUBJECTS.deadAll.replace('*', '')
const decoder = new TextDecoder()

/** Whether a message of the stream is a letter: marks lie beside them. Pure. */
export function isLetter({ subject }: Pick<StoredMessage, 'subject'>): boolean {
  return subject.startsWith(LETTERS)
}

/** What is known of a letter without who looks at it having to read it. Pure. */
export function describeLetter(message: StoredMessage): DeadLetter {
  const { seq, subject, data, storedAtMs } = message
  const step = stepMessageSchema.partial().safeParse(contentOf(data)).data
  const reason = message.header(DEAD_REASON_HEADER)
  const code = message.header(DEAD_CODE_HEADER)
  const known = {
    reason,
    code,
    tenant: step?.tenant,
    taskType: step?.taskType,
    taskId: step?.taskId,
    stepId: step?.stepId,
    attempt: step?.attempt,
  }
  const present = Object.entries(known).filter(([, value]) => value !== undefined)
  return {
    seq,
    agent: lastToken(subject),
    atMs: storedAtMs,
    bytes: data.length,
    ...Object.fromEntries(present),
  }
}

/** The same with what it became, where that is known. Pure. */
export function withMark(letter: DeadLetter, mark: StoredMessage | undefined): DeadLetter {
  const said = mark && readMessage(mark.data, deadLetterMarkSchema)
  if (!said || said.storedAtMs !== letter.atMs) return letter
  return { ...letter, replayed: { taskId: said.taskId, atMs: mark.storedAtMs } }
}

/** Whatever an agent sent may stand there: text where it is no JSON that anybody could read. Pure. */
export function contentOf(data: Uint8Array): JsonValue {
  try {
    return parseBoundedJson(data, { maxBytes: data.length })
  } catch {
    return decoder.decode(data.subarray(0, MAX_TEXT))
  }
}

/** Whether all that a filter says is true of a letter. Pure. */
export function isMatch(
  letter: DeadLetter,
  filter: DeadLetterFilter & { tenant?: string | undefined },
): boolean {
  const { createdFromMs = 0, createdBeforeMs = Number.POSITIVE_INFINITY, ...same } = filter
  if (letter.atMs < createdFromMs || letter.atMs >= createdBeforeMs) return false
  return (['agent', 'tenant', 'taskType', 'code'] as const).every(
    (field) => same[field] === undefined || same[field] === letter[field],
  )
}

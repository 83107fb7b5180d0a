import { createHash } from 'node:crypto'
import { type Redis, readScript } from '#platform/redis/redis.ts'
import type { Problem } from '#schemas/problem.ts'
import { type SubmissionOutcome, submissionOutcomeSchema } from '#schemas/submission.ts'

const NOTE = readScript('murmurNoteSubmission', new URL('./note-submission.lua', import.meta.url))

/** How a submission in the durable queue is known: by its message id, or by its place there. */
export interface SubmissionName {
  messageId?: string | undefined
  seq?: number | undefined
}

/** How long notes are kept, and how many of one tenant; the oldest go first. */
export const NOTE_LIMITS = { keepMs: 3_600_000, keep: 10_000 }
/** So that notes of long faults stay small. */
const MAX_TEXT = 1000
const MAX_ISSUES = 5

/**
 * What became of submissions that came through the durable queue, as far as it can't be told from the task itself: those that
 * were refused, and those whose task has another name than its message.
 */
export class SubmissionNotes {
  readonly #redis: Pick<Redis, 'script' | 'hmget'>

  constructor(redis: Pick<Redis, 'script' | 'hmget'>) {
    this.#redis = redis
  }

  async note(tenant: string, name: SubmissionName, outcome: SubmissionOutcome, nowMs: number): Promise<void> {
    const value = JSON.stringify(
      outcome.status === 'rejected' ? { ...outcome, error: short(outcome.error) } : outcome,
    )
    const fields = fieldsOf(name)
    if (fields.length === 0) return
    await this.#redis.script(
      NOTE,
      [keyOf(tenant, 'entries'), keyOf(tenant, 'order')],
      [nowMs, NOTE_LIMITS.keepMs, NOTE_LIMITS.keep, ...fields.flatMap((field) => [field, value])],
    )
  }

  /** What was noted under this name, or undefined. */
  async find(tenant: string, name: SubmissionName): Promise<SubmissionOutcome | undefined> {
    const [field] = fieldsOf(name)
    const [json] = field === undefined ? [] : await this.#redis.hmget(keyOf(tenant, 'entries'), field)
    return json ? submissionOutcomeSchema.safeParse(JSON.parse(json)).data : undefined
  }
}

/** Both share a hash tag, so that one script may write them. */
function keyOf(tenant: string, part: 'entries' | 'order'): string {
  return `murmur:{submissions:${tenant}}:${part}`
}

/** Message ids are anybody's text: hashed, they are short. */
function fieldsOf({ messageId, seq }: SubmissionName): string[] {
  return [
    ...(messageId === undefined ? [] : [`id:${createHash('sha256').update(messageId).digest('base64url')}`]),
    ...(seq === undefined ? [] : [`seq:${seq}`]),
  ]
}

function short(problem: Problem): Problem {
  const issues = problem.issues?.slice(0, MAX_ISSUES).map(({ path, message }) => ({
    path: path.slice(0, MAX_TEXT),
    message: message.slice(0, MAX_TEXT),
  }))
  return { ...problem, message: problem.message.slice(0, MAX_TEXT), ...(issues && { issues }) }
}

import { hash } from 'node:crypto'
import { type Redis, readScript } from '#platform/redis/redis.ts'
import type { PayloadCodec } from '#platform/secrets/payload-codec.ts'
import type { Problem } from '#schemas/problem.ts'
import { type SubmissionOutcome, submissionOutcomeSchema } from '#schemas/submission.ts'
import { openText, sealText } from '../partition/state-sealing.ts'

const RECORD = readScript('murmurRecordOutcome', new URL('./record-outcome.lua', import.meta.url))

/** How a submission in the durable queue is known: by its message id, or by its sequence number there. */
export interface SubmissionIdentity {
  messageId?: string | undefined
  seq?: number | undefined
}

/** How long outcomes are kept, and how many of one tenant; the oldest go first. */
export const OUTCOME_LIMITS = { keepMs: 3_600_000, keep: 10_000 }
/** So that outcomes of long faults stay small. */
const MAX_TEXT = 1000
const MAX_ISSUES = 5

/**
 * What became of submissions that came through the durable queue, as far as the task itself does not show it: those that
 * were refused, and those whose task has another name than its message.
 */
export class SubmissionOutcomes {
  readonly #redis: Pick<Redis, 'script' | 'hmget'>
  readonly #limits: typeof OUTCOME_LIMITS
  readonly #codec: PayloadCodec | undefined

  /** @param codec encrypts them: what was refused may quote what was sent */
  constructor(
    redis: Pick<Redis, 'script' | 'hmget'>,
    limits: typeof OUTCOME_LIMITS = OUTCOME_LIMITS,
    codec?: PayloadCodec,
  ) {
    this.#redis = redis
    this.#codec = codec
    this.#limits = limits
  }

  async record(
    tenant: string,
    name: SubmissionIdentity,
    outcome: SubmissionOutcome,
    nowMs: number,
  ): Promise<void> {
    const value = JSON.stringify(
      outcome.status === 'rejected' ? { ...outcome, error: short(outcome.error) } : outcome,
    )
    const fields = fieldsOf(name)
    if (fields.length === 0) return
    await this.#redis.script(
      RECORD,
      [keyOf(tenant, 'entries'), keyOf(tenant, 'order')],
      [
        nowMs,
        this.#limits.keepMs,
        this.#limits.keep,
        ...fields.flatMap((field) => [field, sealText(this.#codec, tenant, placeOf(tenant, field), value)]),
      ],
    )
  }

  /** What was recorded under this name, or undefined. */
  async find(tenant: string, name: SubmissionIdentity): Promise<SubmissionOutcome | undefined> {
    const [field] = fieldsOf(name)
    const [json] = field === undefined ? [] : await this.#redis.hmget(keyOf(tenant, 'entries'), field)
    if (!json || field === undefined) return undefined
    const text = openText(this.#codec, placeOf(tenant, field), json)
    return submissionOutcomeSchema.safeParse(JSON.parse(text)).data
  }
}

function placeOf(tenant: string, field: string): string {
  return `outcome\n${tenant}\n${field}`
}

/** Both share a hash tag, so that one script may write them. */
function keyOf(tenant: string, part: 'entries' | 'order'): string {
  return `murmur:{submissions:${tenant}}:${part}`
}

/** Message ids are anybody's text: hashed, they are short. */
function fieldsOf({ messageId, seq }: SubmissionIdentity): string[] {
  return [
    ...(messageId === undefined ? [] : [`id:${hash('sha256', messageId, 'base64url')}`]),
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

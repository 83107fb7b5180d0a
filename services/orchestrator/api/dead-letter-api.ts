import { MurmurError, toProblem } from '#platform/errors/murmur-error.ts'
import { readMessage } from '#platform/json/read-message.ts'
import type { Component } from '#platform/lifecycle/lifecycle.ts'
import type { Serving } from '#platform/nats/bus.ts'
import type { PayloadCodec } from '#platform/secrets/payload-codec.ts'
import { openStep } from '#platform/secrets/step-sealing.ts'
import type { Log } from '#platform/telemetry/logger.ts'
import type {
  ChangeDeadLettersResponse,
  DeadLetterResult,
  GetDeadLetterResponse,
  ListDeadLettersRequest,
  ListDeadLettersResponse,
  PurgeDeadLettersRequest,
  ReplayDeadLettersRequest,
} from '#schemas/dead-letter.ts'
import { stepMessageSchema } from '#schemas/step-message.ts'
import type { Submission, SubmissionReceipt } from '#schemas/submission.ts'
import { type DeadLetterBus, DeadLetterLog, type KeptLetter } from './dead-letter-log.ts'
import { contentOf } from './dead-letter-view.ts'
import { type ReplayOrder, replaySubmission } from './replay-submission.ts'

export interface DeadLetterApiDeps {
  bus: Serving & DeadLetterBus
  log: Log
  /** Opens what was encrypted. */
  codec?: PayloadCodec | undefined
  /** Takes a submission in as if its tenant had sent it. @throws MurmurError what it is refused for */
  accept: (tenant: string, submission: Submission) => Promise<SubmissionReceipt>
  /**
   * What a letter is to become instead of its step alone, where more is known: its plan from that step on, with the results of those that
   * had finished. Undefined where nothing is.
   */
  replayOf?: (
    kept: KeptLetter,
    order: ReplayOrder,
  ) => Promise<{ tenant: string; submission: Submission } | undefined>
}

/** Letters of one request that are worked on at the same time. */
const CONCURRENT_CHANGES = 10

type Selection = Pick<ReplayDeadLettersRequest, 'tenant' | 'seqs' | 'filter' | 'limit' | 'cursor' | 'dryRun'>

/** What was given up: shown, replayed, purged. */
export class DeadLetterApi implements Component {
  readonly name = 'dead letter services'
  readonly #deps: DeadLetterApiDeps
  readonly #letters: DeadLetterLog
  #ends: (() => void)[] = []

  constructor(deps: DeadLetterApiDeps) {
    this.#deps = deps
    this.#letters = new DeadLetterLog(deps.bus)
  }

  start(): void {
    const { bus } = this.#deps
    this.#ends = [
      bus.serve('listDeadLetters', (request) => this.#list(request)),
      bus.serve('getDeadLetter', (request) => this.#get(request)),
      bus.serve('replayDeadLetters', (request) => this.#replay(request)),
      bus.serve('purgeDeadLetters', (request) => this.#purge(request)),
    ]
  }

  quiesce(): void {
    for (const end of this.#ends) end()
  }

  async #list(request: ListDeadLettersRequest): Promise<ListDeadLettersResponse> {
    const { letters, nextCursor } = await this.#letters.page(request)
    return {
      deadLetters: letters.map(({ letter }) => letter),
      ...(nextCursor !== undefined && { nextCursor }),
    }
  }

  async #get({ seq, tenant }: { seq: number; tenant?: string | undefined }): Promise<GetDeadLetterResponse> {
    const { letter, message } = await this.#letters.get(seq, tenant)
    return { deadLetter: letter, content: contentOf(this.#opened(message.data)) }
  }

  #replay(request: ReplayDeadLettersRequest): Promise<ChangeDeadLettersResponse> {
    const { requestId, input } = request
    return this.#change(request, async (kept) => {
      const order = { requestId, input }
      const { tenant, submission } =
        (await this.#deps.replayOf?.(kept, order)) ?? replaySubmission(this.#openedLetter(kept), order)
      if (request.dryRun) return {}
      const { taskId, duplicate } = await this.#deps.accept(tenant, submission)
      const { seq, atMs: storedAtMs } = kept.letter
      await this.#letters.mark({ v: 1, seq, storedAtMs, taskId, requestId })
      return { taskId, duplicate }
    })
  }

  #purge(request: PurgeDeadLettersRequest): Promise<ChangeDeadLettersResponse> {
    return this.#change(request, async (kept) => {
      if (request.dryRun) return {}
      const { letter } = kept
      // Before, not after: what is gone without a word is worse than a word about what is still there.
      this.#deps.log.info(
        { audit: { operation: 'purgeDeadLetters', reason: request.reason, letter } },
        'audit',
      )
      await this.#letters.remove(kept)
      return {}
    })
  }

  #openedLetter({ message, letter }: KeptLetter): KeptLetter {
    return { message: { ...message, data: this.#opened(message.data) }, letter }
  }

  /** A step with its input as it was. @throws MurmurError PAYLOAD_KEY_MISSING, PAYLOAD_UNREADABLE */
  #opened(data: Uint8Array): Uint8Array {
    const step = readMessage(data, stepMessageSchema)
    return step?.sealed ? Buffer.from(JSON.stringify(openStep(this.#deps.codec, step))) : data
  }

  /** Each letter for itself: what one is refused for stops no other. */
  async #change(
    selection: Selection,
    change: (kept: KeptLetter) => Promise<Pick<DeadLetterResult, 'taskId' | 'duplicate'>>,
  ): Promise<ChangeDeadLettersResponse> {
    const { open, nextCursor } = await this.#select(selection)
    const results: DeadLetterResult[] = []
    const attempt = async ({ seq, find }: OpenLetter): Promise<DeadLetterResult> => {
      let kept: KeptLetter | undefined
      try {
        kept = await find()
        const done = await change(kept)
        return { seq, outcome: selection.dryRun ? 'planned' : 'done', deadLetter: kept.letter, ...done }
      } catch (error) {
        if (!(error instanceof MurmurError))
          this.#deps.log.error({ err: error, seq }, 'a dead letter was not changed')
        return { seq, outcome: 'failed', ...(kept && { deadLetter: kept.letter }), problem: toProblem(error) }
      }
    }
    for (let at = 0; at < open.length; at += CONCURRENT_CHANGES)
      results.push(...(await Promise.all(open.slice(at, at + CONCURRENT_CHANGES).map(attempt))))
    return { results, ...(nextCursor !== undefined && { nextCursor }) }
  }

  async #select({
    tenant,
    seqs,
    filter,
    limit,
    cursor,
  }: Selection): Promise<{ open: OpenLetter[]; nextCursor?: string }> {
    if (seqs) {
      const open = [...new Set(seqs)].map((seq) => ({ seq, find: () => this.#letters.get(seq, tenant) }))
      return { open }
    }
    const { letters, ...more } = await this.#letters.page({ ...filter, tenant, limit, cursor })
    return { open: letters.map((kept) => ({ seq: kept.letter.seq, find: async () => kept })), ...more }
  }
}

interface OpenLetter {
  seq: number
  find: () => Promise<KeptLetter>
}

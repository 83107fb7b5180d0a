import { MurmurError } from '#platform/errors/murmur-error.ts'
import { parseBoundedJson } from '#platform/json/parse-json.ts'
import type { Component } from '#platform/lifecycle/lifecycle.ts'
import type { Serving, StoredMessage } from '#platform/nats/bus.ts'
import type { Streams } from '#platform/nats/streams.ts'
import type {
  DeadLetter,
  GetDeadLetterResponse,
  ListDeadLettersRequest,
  ListDeadLettersResponse,
} from '#schemas/dead-letter.ts'
import type { JsonValue } from '#schemas/json.ts'
import { stepMessageSchema } from '#schemas/step-message.ts'
import { STREAMS } from '#subjects/streams.ts'
import { DEAD_REASON_HEADER, lastToken, SUBJECTS } from '#subjects/subjects.ts'

/** Messages that are asked for at the same time. */
const CONCURRENT_READS = 50
/** Messages that one request scans: few may be of the agent that is asked for, and a request has to end. */
const MAX_SCANNED = 1000
/** Of a message that is no JSON. */
const MAX_TEXT = 4000
const decoder = new TextDecoder()

type DeadLetterBus = Serving & { streams: Pick<Streams, 'lastSeq' | 'messageAt'> }

/** Shows what was given up: the stream DEAD, for operators. */
export class DeadLetterApi implements Component {
  readonly name = 'dead letter services'
  readonly #bus: DeadLetterBus
  #ends: (() => void)[] = []

  constructor(bus: DeadLetterBus) {
    this.#bus = bus
  }

  start(): void {
    this.#ends = [
      this.#bus.serve('listDeadLetters', (request) => this.#list(request)),
      this.#bus.serve('getDeadLetter', (request) => this.#get(request)),
    ]
  }

  quiesce(): void {
    for (const end of this.#ends) end()
  }

  async #list({ agent, limit, cursor }: ListDeadLettersRequest): Promise<ListDeadLettersResponse> {
    const deadLetters: DeadLetter[] = []
    const newest = await this.#bus.streams.lastSeq(STREAMS.dead.name, SUBJECTS.deadAll)
    const from = cursor === undefined ? newest : Math.min(newest, Number(cursor) - 1)
    let seq = from
    while (seq > 0 && deadLetters.length < limit && from - seq < MAX_SCANNED) {
      const messages = await this.#before(seq)
      for (const message of messages) {
        if (deadLetters.length === limit) break
        if (message && (agent === undefined || lastToken(message.subject) === agent))
          deadLetters.push(describe(message))
        seq--
      }
    }
    // Below the oldest that is kept there is nothing, however far down numbers go.
    const older = seq > 0 && (await this.#hasOlder(seq))
    return { deadLetters, ...(older && { nextCursor: String(seq + 1) }) }
  }

  /** Those at `seq` and below, newest first; undefined for those that are gone. */
  #before(seq: number): Promise<(StoredMessage | undefined)[]> {
    const count = Math.min(CONCURRENT_READS, seq)
    return Promise.all(
      Array.from({ length: count }, (_, i) => this.#bus.streams.messageAt(STREAMS.dead.name, seq - i)),
    )
  }

  async #hasOlder(seq: number): Promise<boolean> {
    return (await this.#before(seq)).some((message) => message !== undefined)
  }

  async #get({ seq }: { seq: number }): Promise<GetDeadLetterResponse> {
    const message = await this.#bus.streams.messageAt(STREAMS.dead.name, seq)
    if (!message) throw new MurmurError('DEAD_LETTER_NOT_FOUND', `no message ${seq} is kept`)
    return { deadLetter: describe(message), content: contentOf(message.data) }
  }
}

function describe(message: StoredMessage): DeadLetter {
  const { seq, subject, data, storedAtMs } = message
  const step = stepMessageSchema.partial().safeParse(contentOf(data)).data
  const reason = message.header(DEAD_REASON_HEADER)
  return {
    seq,
    agent: lastToken(subject),
    atMs: storedAtMs,
    bytes: data.length,
    ...(reason !== undefined && { reason }),
    ...(step?.taskId !== undefined && { taskId: step.taskId }),
    ...(step?.stepId !== undefined && { stepId: step.stepId }),
    ...(step?.attempt !== undefined && { attempt: step.attempt }),
  }
}

/** Whatever an agent sent may stand there: text where it is no JSON that anybody could read. */
function contentOf(data: Uint8Array): JsonValue {
  try {
    return parseBoundedJson(data, { maxBytes: data.length })
  } catch {
    return decoder.decode(data.subarray(0, MAX_TEXT))
  }
}

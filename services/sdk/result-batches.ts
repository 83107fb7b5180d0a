import { MurmurError } from '#platform/errors/murmur-error.ts'
import {
  encodeResultBatch,
  RESULT_BATCH_FRAME_BYTES,
  RESULT_BATCH_SEPARATOR_BYTES,
} from '#platform/json/result-batch.ts'
import { type Publisher, StreamRefusal } from '#platform/nats/publisher.ts'
import { LIMITS } from '#schemas/limits.ts'
import type { StepMessage } from '#schemas/step-message.ts'
import { MESSAGE_IDS } from '#subjects/subjects.ts'
import { type EncodedResult, encodeResult, publishResult, type RanStep } from './publish-result.ts'

interface Waiting {
  step: StepMessage
  ran: RanStep
  encoded: EncodedResult
  resolve: () => void
  reject: (error: unknown) => void
}

interface Batch {
  results: Waiting[]
  tasks: Set<string>
  bytes: number
}

/**
 * Results that are ready in the same turn of the event loop, for the same partition and agent type, go out as one message: dozens of results
 * a turn under load, one when there is little to do. Nothing waits for others to come.
 */
export class ResultBatches {
  readonly #publisher: Pick<Publisher, 'publish'>
  /** By the subject that their results go to. */
  readonly #open = new Map<string, Batch>()

  constructor(publisher: Pick<Publisher, 'publish'>) {
    this.#publisher = publisher
  }

  /**
   * Resolves when the log has the result, as `publishResult` does.
   * @param options `isAlone`: in a message of its own, as the result of a step that came again: the log may have one of it
   * @throws MurmurError UNAVAILABLE when the stream refuses it for good, or the connection is closed
   */
  publish(step: StepMessage, ran: RanStep, { isAlone }: { isAlone: boolean }): Promise<void> {
    const encoded = encodeResult(step, ran)
    if (step.resultBatches !== true || isAlone) return publishResult(this.#publisher, step, ran, encoded)
    const bytes = Buffer.byteLength(encoded.text) + RESULT_BATCH_SEPARATOR_BYTES
    if (bytes + RESULT_BATCH_FRAME_BYTES > LIMITS.resultBatchBytes)
      return publishResult(this.#publisher, step, ran, encoded)
    return new Promise((resolve, reject) => this.#add({ step, ran, encoded, resolve, reject }, bytes))
  }

  #add(waiting: Waiting, bytes: number): void {
    const { subject } = waiting.encoded
    const { taskId } = waiting.step
    if (this.#open.size === 0) setImmediate(() => this.#sendAll())
    let batch = this.#open.get(subject)
    if (batch && !hasRoom(batch, taskId, bytes)) {
      void this.#send(batch)
      batch = undefined
    }
    if (!batch) {
      batch = { results: [], tasks: new Set(), bytes: RESULT_BATCH_FRAME_BYTES }
      this.#open.set(subject, batch)
    }
    batch.results.push(waiting)
    batch.tasks.add(taskId)
    batch.bytes += bytes
  }

  #sendAll(): void {
    const batches = [...this.#open.values()]
    this.#open.clear()
    for (const batch of batches) void this.#send(batch)
  }

  /** Never rejects: each result is told by itself. */
  async #send({ results }: Batch): Promise<void> {
    const [first] = results
    if (results.length === 1) return this.#sendAlone(first!)
    const msgId = MESSAGE_IDS.results(first!.encoded.msgId, results.length)
    const text = encodeResultBatch(results.map(({ encoded }) => encoded.text))
    try {
      await this.#publisher.publish(first!.encoded.subject, text, { msgId })
      for (const { resolve } of results) resolve()
    } catch (error) {
      // What does not take all of them may take each: none is stored yet.
      if (isRefusedForGood(error)) await Promise.all(results.map((one) => this.#sendAlone(one)))
      else for (const { reject } of results) reject(error)
    }
  }

  #sendAlone({ step, ran, encoded, resolve, reject }: Waiting): Promise<void> {
    return publishResult(this.#publisher, step, ran, encoded).then(resolve, reject)
  }
}

/** All results of a message have one place in the log, and a task passes over what is not behind its state: so it has one of them at most. */
function hasRoom({ results, tasks, bytes }: Batch, taskId: string, more: number): boolean {
  const fits = results.length < LIMITS.resultBatchCount && bytes + more <= LIMITS.resultBatchBytes
  return fits && !tasks.has(taskId)
}

function isRefusedForGood(error: unknown): boolean {
  return (
    error instanceof StreamRefusal || (error instanceof MurmurError && error.code === 'PAYLOAD_TOO_LARGE')
  )
}

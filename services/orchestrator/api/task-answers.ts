import type { BlobStore } from '#platform/nats/blob-store.ts'
import type { BlobRef } from '#schemas/blob.ts'
import type { JsonObject, JsonValue } from '#schemas/json.ts'
import { LIMITS } from '#schemas/limits.ts'
import type { StepState, TaskState } from '#schemas/task.ts'

export interface TaskAnswersDeps {
  blobs: Pick<BlobStore, 'keep'>
  /** What one message may hold. */
  maxMessageBytes: () => number
}

/** For the rest of the answer, and of whatever message it is passed on in. Bytes. */
const ENVELOPE_BYTES = 16 * 1024
/** What is no larger than its reference stays. Bytes. */
const WORTH_MOVING_BYTES = 1024
const SHORT_MESSAGE_CHARS = 300

interface Part {
  value: JsonValue
  bytes: number
  set(reference: JsonObject): void
}

/**
 * Tasks as they are answered: whatever they hold, a message, and so every transport, takes them. Of one that is too large, the largest
 * values are put into the object store and stand as references, as large outputs do anyway.
 */
export class TaskAnswers {
  readonly #deps: TaskAnswersDeps

  constructor(deps: TaskAnswersDeps) {
    this.#deps = deps
  }

  /** `{ "task": … }` as JSON. @throws MurmurError UNAVAILABLE when a part has to be moved and the object store is away */
  async encode(task: TaskState): Promise<Uint8Array> {
    const maxBytes = Math.min(LIMITS.answerBytes, this.#deps.maxMessageBytes() - ENVELOPE_BYTES)
    const whole = encoded(task)
    if (whole.length <= maxBytes) return whole
    const moved = encoded(await this.#withoutLargest(task, whole.length - maxBytes))
    return moved.length <= maxBytes ? moved : encoded(withShortErrors(JSON.parse(moved.toString()).task))
  }

  async #withoutLargest(task: TaskState, tooMuch: number): Promise<TaskState> {
    const answer: TaskState = { ...task, steps: { ...task.steps } }
    let left = tooMuch
    for (const part of partsOf(answer)) {
      if (left <= 0 || part.bytes < WORTH_MOVING_BYTES) break
      const reference = { $json: (await this.#keep(task, part.value)) as unknown as JsonObject }
      part.set(reference)
      left -= part.bytes - bytesOf(reference)
    }
    return answer
  }

  /** Named by its content: however often it is asked for, it is stored once. */
  #keep({ id, tenant }: TaskState, value: JsonValue): Promise<BlobRef> {
    const bytes = Buffer.from(JSON.stringify(value))
    return this.#deps.blobs.keep(`tasks/${id}/answers`, bytes, {
      contentType: 'application/json',
      tenant,
    })
  }
}

/** The values of a task that may be moved, the largest first. */
function partsOf(answer: TaskState): Part[] {
  const parts: Part[] = []
  const add = (value: JsonValue | undefined, set: Part['set']) => {
    if (value !== undefined) parts.push({ value, bytes: bytesOf(value), set })
  }
  add(answer.output, (reference) => {
    answer.output = reference
  })
  add(answer.input, (reference) => {
    answer.input = reference
  })
  for (const [id, step] of Object.entries(answer.steps))
    add(step.output, (reference) => {
      answer.steps[id] = { ...step, output: reference }
    })
  return parts.toSorted((a, b) => b.bytes - a.bytes)
}

/** Of hundreds of steps that failed with a long story each. */
function withShortErrors(task: TaskState): TaskState {
  const short = (step: StepState): StepState => {
    const { error } = step
    if (!error || error.message.length <= SHORT_MESSAGE_CHARS) return step
    const cut = error.message.length - SHORT_MESSAGE_CHARS
    const message = `${error.message.slice(0, SHORT_MESSAGE_CHARS)} … (${cut} more characters: too much for an answer)`
    return { ...step, error: { ...error, message } }
  }
  return {
    ...task,
    steps: Object.fromEntries(Object.entries(task.steps).map(([id, step]) => [id, short(step)])),
  }
}

function encoded(task: TaskState): Buffer {
  return Buffer.from(JSON.stringify({ task }))
}

function bytesOf(value: JsonValue): number {
  return Buffer.byteLength(JSON.stringify(value))
}

import type { StepChunks, WatchedChunks } from '#schemas/step-chunks.ts'

/** A message of chunks, from wherever it comes. */
export type ChunkMessage = Pick<StepChunks, 'stepId' | 'attempt' | 'delivery' | 'atMs' | 'from' | 'chunks'>

interface Run {
  attempt: number
  delivery: number
  /** The number of the chunk that comes next. */
  next: number
}

/**
 * What one watcher has been told of the chunks of a task: each chunk is told once, in order, with what is missing before it; what
 * belongs to an earlier run than one that was told is passed over.
 */
export class ChunkOrder {
  readonly #runs = new Map<string, Run>()

  /** How many chunks are missing before this message; 0 when none are, or it says nothing new. */
  missingBefore(message: ChunkMessage): number {
    const run = this.#runs.get(message.stepId)
    const age = run ? compareRuns(message, run) : 1
    if (age < 0) return 0
    return Math.max(0, message.from - (age > 0 || !run ? 1 : run.next))
  }

  /** What of a message is new; undefined when nothing is. */
  accept(message: ChunkMessage): WatchedChunks | undefined {
    const { stepId, attempt, delivery, atMs } = message
    const run = this.#runs.get(stepId)
    const age = run ? compareRuns(message, run) : 1
    if (age < 0) return undefined
    const next = age > 0 || !run ? 1 : run.next
    const skip = Math.max(0, next - message.from)
    if (skip >= message.chunks.length) return undefined
    const from = message.from + skip
    this.#runs.set(stepId, { attempt, delivery, next: message.from + message.chunks.length })
    return {
      stepId,
      attempt,
      delivery,
      atMs,
      from,
      chunks: message.chunks.slice(skip),
      ...(from > next && { cut: from - next }),
      ...(run && age > 0 && { restarts: true as const }),
    }
  }
}

type RunName = Pick<ChunkMessage, 'attempt' | 'delivery'>

/** Above 0: `a` is a later run than `b`. */
function compareRuns(a: RunName, b: RunName): number {
  return a.attempt - b.attempt || a.delivery - b.delivery
}

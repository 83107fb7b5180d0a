import type { WatchedChunks } from '#schemas/step-chunks.ts'

/** What a step has emitted so far. */
export interface StreamedPart {
  readonly attempt: number
  /** Texts, put together; other values as JSON, a line each. */
  readonly text: string
  /** Characters that were let go at the front. */
  readonly cut: number
  readonly isIncomplete: boolean
}

export type StreamedParts = ReadonlyMap<string, StreamedPart>

/** Characters of a step that are kept: the last ones. */
export const MAX_STREAMED = 64 * 1024
const MAX_STEPS = 100

/** The parts with what has come. A later run of a step begins anew. Pure. */
export function addChunks(
  parts: StreamedParts,
  { stepId, attempt, chunks, cut, restarts }: WatchedChunks,
): StreamedParts {
  const before = restarts ? undefined : parts.get(stepId)
  const added = chunks
    .map((chunk) => (typeof chunk === 'string' ? chunk : `${JSON.stringify(chunk)}\n`))
    .join('')
  const whole = (before?.text ?? '') + added
  const over = Math.max(0, whole.length - MAX_STREAMED)
  const next = new Map(parts)
  next.delete(stepId)
  next.set(stepId, {
    attempt,
    text: whole.slice(over),
    cut: (before?.cut ?? 0) + over,
    isIncomplete: (before?.isIncomplete ?? false) || cut !== undefined,
  })
  if (next.size > MAX_STEPS) next.delete(next.keys().next().value!)
  return next
}

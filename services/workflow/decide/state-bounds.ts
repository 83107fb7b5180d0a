import type { JsonValue } from '#schemas/json.ts'
import { LIMITS } from '#schemas/limits.ts'
import type { TaskError } from '#schemas/problem.ts'
import type { TaskState } from '#schemas/task.ts'

/** Outputs of a plan of so many steps that are larger go to the object store: all that stay inline are bounded together. Bytes. Pure. */
export function inlineOutputBytes(steps: number): number {
  return Math.min(LIMITS.inlineOutputBytes, Math.floor(LIMITS.inlineOutputsBytes / steps))
}

/** What an agent is asked to keep the output of one item of a list below. Bytes. */
export const ITEM_OUTPUT_BYTES = 2 * 1024

/** A state travels in one message wherever it is asked for, so what a plan's steps add to it is bounded by their sum. */
const ERRORS_CHARACTERS = 64 * 1024
const MIN_ERROR_CHARACTERS = 200
/** What the schema of errors allows. */
const MAX_MESSAGE_CHARACTERS = 4000
/** What the outputs of a task may have together after all; agents are asked to keep to less (inlineOutputBytes). */
const MAX_OUTPUT_BYTES = 256 * 1024

/** An error as it is kept: code and message only, and of the message so much that those of all steps have room; `ending` stands whole. */
export function boundedError({ code, message }: TaskError, steps: number, ending = ''): TaskError {
  const room = Math.max(MIN_ERROR_CHARACTERS, Math.floor(ERRORS_CHARACTERS / steps))
  const max = Math.min(room, MAX_MESSAGE_CHARACTERS) - ending.length
  // A character may lie across the cut.
  const cut = message.length <= max ? message : `${message.slice(0, max - 1).toWellFormed()}…`
  return { code, message: cut + ending }
}

/**
 * Why one more output can't be kept; undefined when it can. Small ones need no counting: as many of them as there are steps
 * have room. Agents that keep to what their messages say are never counted.
 * @param bytes size of the message that the output came in, where it is known
 */
export function outputFault(
  state: TaskState,
  output: JsonValue,
  bytes: number | undefined,
): TaskError | undefined {
  const count = state.plan.steps.length
  const size = bytes ?? bytesOf(output)
  if (size <= MAX_OUTPUT_BYTES / count) return undefined
  let sum = bytesOf(output)
  for (const id in state.steps) {
    const kept = state.steps[id]!.output
    if (kept !== undefined) sum += bytesOf(kept)
  }
  if (sum <= MAX_OUTPUT_BYTES) return undefined
  const message = `the outputs of this task's steps would have ${sum} bytes together, at most ${MAX_OUTPUT_BYTES} stay in it; outputs above ${inlineOutputBytes(count)} bytes belong into the object store (inlineOutputBytes in the step's message)`
  return { code: 'OUTPUT_TOO_LARGE', message }
}

function bytesOf(value: JsonValue): number {
  return Buffer.byteLength(JSON.stringify(value))
}

import { utf8Length } from '#platform/json/utf8-length.ts'
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
/** What the outputs of all items of a list may have together after all, if none has more than the next two say. Bytes. */
const ITEMS_OUTPUT_BYTES = 16 * 1024 * 1024
const MIN_ITEM_BYTES = 4 * 1024
const MAX_ITEM_BYTES = 64 * 1024
const ITEM_ERROR_CHARACTERS = 500

/** What becomes of the output of one item out of so many that can't be kept: why; undefined when it can. */
export function itemFault(output: JsonValue, total: number): TaskError | undefined {
  const room = Math.min(MAX_ITEM_BYTES, Math.max(MIN_ITEM_BYTES, Math.floor(ITEMS_OUTPUT_BYTES / total)))
  const bytes = bytesOf(output)
  if (bytes <= room) return undefined
  const message = `the output of one of ${total} items has ${bytes} bytes, at most ${room} are kept; outputs above ${ITEM_OUTPUT_BYTES} bytes belong into the object store (inlineOutputBytes in the step's message)`
  return { code: 'OUTPUT_TOO_LARGE', message }
}

/** The error of one item as it is kept. */
export function boundedItemError({ code, message }: TaskError): TaskError {
  return { code, message: cutTo(message, ITEM_ERROR_CHARACTERS) }
}

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
  return { code, message: cutTo(message, max) + ending }
}

function cutTo(text: string, max: number): string {
  // A character may lie across the cut.
  return text.length <= max ? text : `${text.slice(0, max - 1).toWellFormed()}…`
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
    const { output: kept, previous } = state.steps[id]!
    if (kept !== undefined) sum += bytesOf(kept)
    if (previous !== undefined) sum += bytesOf(previous)
  }
  if (sum <= MAX_OUTPUT_BYTES) return undefined
  const message = `the outputs of this task's steps would have ${sum} bytes together, at most ${MAX_OUTPUT_BYTES} stay in it; outputs above ${inlineOutputBytes(count)} bytes belong into the object store (inlineOutputBytes in the step's message)`
  return { code: 'OUTPUT_TOO_LARGE', message }
}

function bytesOf(value: JsonValue): number {
  return utf8Length(JSON.stringify(value))
}

import type { JsonValue } from '#schemas/json.ts'
import { DEFAULTS } from '#schemas/limits.ts'
import { DEFAULT_PRIORITY } from '#schemas/plan.ts'
import type { StepMessage } from '#schemas/step-message.ts'
import type { RunState, StepState, TaskState } from '#schemas/task.ts'
import { inlineItem } from './evaluations.ts'
import { itemIndex, runStateOf, stepOf } from './find-run.ts'
import { type Locals, resolveTemplate } from './references.ts'
import { bodyOf, COMPENSATION_RUN, FALLBACK_RUN, type RunBody } from './run-body.ts'
import { splitRunId } from './run-id.ts'
import { ITEM_OUTPUT_BYTES, inlineOutputBytes } from './state-bounds.ts'

export { itemIndex } from './find-run.ts'

/** The subject that an agent type writes its results on. */
export type ReplyOf = (agent: string) => string

/** What a message needs beside the state. */
export interface FetchedValues {
  /** The item of a list that lies in the object store (`isItemStored`). */
  item?: JsonValue | undefined
}

/**
 * The message for an attempt that is out, or undefined when it no longer is: by the time a command is carried out the
 * task may have been cancelled. Outputs of needed steps never change, so building late gives what building early would. Pure.
 */
export function buildStepMessage(
  state: TaskState,
  runId: string,
  attempt: number,
  replyOf: ReplyOf,
  values: FetchedValues = {},
): StepMessage | undefined {
  const current = runStateOf(state, runId)
  if (current?.status !== 'dispatched' || current.attempt !== attempt) return undefined
  return messageOf(state, runId, attempt, { ...values, replyOf, current })
}

/** The message of an attempt that is over, for people to look at; undefined when there is no such run. Pure. */
export function buildBuriedMessage(
  state: TaskState,
  runId: string,
  attempt: number,
  replyOf: ReplyOf,
  values: FetchedValues = {},
): StepMessage | undefined {
  return messageOf(state, runId, attempt, { ...values, replyOf, current: runStateOf(state, runId) })
}

/** Whether the input of a run needs an item that has to be fetched. Pure. */
export function isItemStored(state: TaskState, runId: string): boolean {
  const index = itemIndex(state, runId)
  return index !== undefined && inlineItem(state, splitRunId(runId).stepId, index) === undefined
}

/** The input of a run with everything in its place. Pure. */
export function inputOfRun(state: TaskState, runId: string, body: RunBody, item?: JsonValue): JsonValue {
  return resolveTemplate(body.input ?? {}, state, undefined, localsOf(state, runId, item))
}

/** What references of a run mean that have a meaning there only. */
function localsOf(state: TaskState, runId: string, item: JsonValue | undefined): Locals {
  const { stepId, part } = splitRunId(runId)
  if (part === undefined) return {}
  const {
    error,
    output = null,
    previous = null,
    iteration = 0,
  } = state.steps[stepId] ?? ({} as Partial<StepState>)
  if (part === FALLBACK_RUN) return { error: error ? { code: error.code, message: error.message } : null }
  if (part === COMPENSATION_RUN) return { output }
  const index = itemIndex(state, runId)
  if (index === undefined) return { previous, iteration }
  return { item: item ?? inlineItem(state, stepId, index) ?? null, index }
}

function messageOf(
  state: TaskState,
  runId: string,
  attempt: number,
  { replyOf, item, current }: FetchedValues & { replyOf: ReplyOf; current: RunState | undefined },
): StepMessage | undefined {
  const { stepId, part } = splitRunId(runId)
  const step = stepOf(state.plan, stepId)
  const body = step && bodyOf(step, part)
  if (!body) return undefined
  const { expiresAtMs, crashes } = current ?? {}
  const isItem = itemIndex(state, runId) !== undefined
  return {
    v: 1,
    taskId: state.id,
    taskType: state.type,
    tenant: state.tenant,
    stepId: runId,
    agent: body.agent,
    attempt,
    reply: replyOf(body.agent),
    timeoutMs: body.timeoutMs ?? DEFAULTS.stepTimeoutMs,
    ...(expiresAtMs !== undefined && { expiresAtMs }),
    deadlineAtMs: state.deadlineAtMs,
    inlineOutputBytes: isItem ? ITEM_OUTPUT_BYTES : inlineOutputBytes(state.plan.steps.length),
    ...(crashes && { alone: true }),
    ...(body.version !== undefined && { version: body.version }),
    ...(body.requires && { requires: [...body.requires] }),
    ...(state.priority !== DEFAULT_PRIORITY && { priority: state.priority }),
    input: inputOfRun(state, runId, body, item),
  }
}

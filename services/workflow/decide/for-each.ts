import type { JsonObject } from '#schemas/json.ts'
import { LIMITS } from '#schemas/limits.ts'
import type { Step } from '#schemas/plan.ts'
import type { TaskError } from '#schemas/problem.ts'
import { itemsOf } from './evaluations.ts'
import { isStored } from './references.ts'
import { runIdOf } from './run-id.ts'
import type { RunEnd, StepEnd } from './step-end.ts'
import type { TaskDraft } from './transitions.ts'

/*
 * A step that runs for each item of a list:
 *
 *   begin ─► list in the state? ── no ──► run `items` (fetched) ─┐
 *              │ yes                                             ▼
 *              └────────────────────────────────────────► runs 0, 1, 2 …, `concurrency` at a time
 *                                                               │ all are over
 *                                                               ▼
 *                                             run `outputs` (one list of all that was kept) ─► completed
 */

const DEFAULT_CONCURRENCY = 10
/** What is kept of one item; an agent is asked for much less, and puts what is larger into the object store. Bytes. */
export const MAX_ITEM_BYTES = 16 * 1024
/** Watchers are told at about so many moments how far a list is. */
const TOLD_MOMENTS = 100

export function beginForEach(draft: TaskDraft, step: Step): StepEnd | undefined {
  const items = itemsOf(draft.state, step.id)
  if (isStored(items)) {
    draft.begin(runIdOf(step.id, 'items'))
    return undefined
  }
  if (!Array.isArray(items)) {
    const what = items === null ? 'nothing' : typeof items
    return failed('ITEMS_INVALID', `"items" comes to ${what}: it has to be a list`)
  }
  if (items.length > LIMITS.forEachItems)
    return failed(
      'LIMIT_EXCEEDED',
      `"items" has ${items.length} items, at most ${LIMITS.forEachItems} are allowed`,
    )
  return beginItems(draft, step, items.length)
}

/** As many items as may run at the same time, and have not begun. */
export function beginMoreItems(draft: TaskDraft, step: Step): void {
  const { items, runs = {} } = draft.step(step.id)
  if (!items || draft.state.status === 'paused') return
  const concurrency = step.forEach?.concurrency ?? DEFAULT_CONCURRENCY
  let room = concurrency - Object.keys(runs).length
  let { next } = items
  for (; room > 0 && next < items.total; room--, next++) draft.begin(runIdOf(step.id, next))
  if (next !== items.next) draft.change(step.id, { items: { ...items, next } })
}

/** One of its runs has ended. */
export function forEachRunEnded(
  draft: TaskDraft,
  step: Step,
  part: string,
  end: RunEnd,
): StepEnd | undefined {
  draft.closeRun(runIdOf(step.id, part))
  if (part === 'items') {
    if (end.kind === 'failed') return end
    const total = Number((end.output as JsonObject).total)
    return beginItems(draft, step, total)
  }
  if (part === 'outputs') {
    draft.drop(step.id)
    return end.kind === 'failed' ? end : { kind: 'completed', output: end.output }
  }
  return itemEnded(draft, step, Number(part), bounded(end))
}

function itemEnded(draft: TaskDraft, step: Step, index: number, end: RunEnd): StepEnd | undefined {
  const { items } = draft.step(step.id)
  if (!items) return undefined
  if (end.kind === 'done') draft.keep(step.id, index, { output: end.output })
  else {
    if (step.forEach?.onItemFailure !== 'continue') {
      draft.drop(step.id)
      return failed(end.error.code, `item ${index}: ${end.error.message}`)
    }
    draft.keep(step.id, index, { error: end.error })
  }
  const ended = {
    ...items,
    completed: items.completed + Number(end.kind === 'done'),
    failed: items.failed + Number(end.kind === 'failed'),
  }
  draft.change(step.id, { items: ended })
  const over = ended.completed + ended.failed
  if (over === ended.total) draft.begin(runIdOf(step.id, 'outputs'))
  else beginMoreItems(draft, step)
  if (over === ended.total || over % Math.ceil(ended.total / TOLD_MOMENTS) === 0) tell(draft, step)
  return undefined
}

function beginItems(draft: TaskDraft, step: Step, total: number): StepEnd | undefined {
  if (total === 0) return { kind: 'completed', output: [] }
  draft.drop(step.id)
  draft.change(step.id, { items: { total, next: 0, completed: 0, failed: 0 } })
  beginMoreItems(draft, step)
  return undefined
}

function tell(draft: TaskDraft, { id }: Step): void {
  const { total, completed, failed: lost } = draft.step(id).items!
  const note = `${completed + lost} of ${total} items${lost > 0 ? `, ${lost} failed` : ''}`
  draft.announce({ kind: 'progress', stepId: id, fraction: (completed + lost) / total, note })
}

function bounded(end: RunEnd): RunEnd {
  if (end.kind === 'failed') return { kind: 'failed', error: shortened(end.error) }
  const bytes = Buffer.byteLength(JSON.stringify(end.output))
  if (bytes <= MAX_ITEM_BYTES) return end
  const message = `the output of an item has ${bytes} bytes, at most ${MAX_ITEM_BYTES} are kept; larger ones belong into the object store (inlineOutputBytes in the step's message)`
  return { kind: 'failed', error: { code: 'OUTPUT_TOO_LARGE', message } }
}

function shortened({ code, message }: TaskError): TaskError {
  return { code, message: message.length <= 500 ? message : `${message.slice(0, 499).toWellFormed()}…` }
}

function failed(code: string, message: string): StepEnd {
  return { kind: 'failed', error: { code, message } }
}

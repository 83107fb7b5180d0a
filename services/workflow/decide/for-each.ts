import { MurmurError } from '#platform/errors/murmur-error.ts'
import type { JsonObject, JsonValue } from '#schemas/json.ts'
import { LIMITS } from '#schemas/limits.ts'
import type { Step } from '#schemas/plan.ts'
import type { TaskError } from '#schemas/problem.ts'
import { itemsOf } from './evaluations.ts'
import { isStored } from './references.ts'
import { runIdOf } from './run-id.ts'
import { boundedItemError, itemFault } from './state-bounds.ts'
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

/** Items that run at the same time where the plan does not say. */
export const DEFAULT_CONCURRENCY = 10
/** Watchers are told at about so many moments how far a list is. */
const TOLD_MOMENTS = 100

export function beginForEach(draft: TaskDraft, step: Step): StepEnd | undefined {
  const found = listOf(draft, step)
  if ('error' in found) return { kind: 'failed', error: found.error }
  if ('length' in found) return beginItems(draft, step, found.length)
  draft.begin(runIdOf(step.id, 'items'))
  return undefined
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
    return end.kind === 'failed' ? end : beginItems(draft, step, totalIn(end.output))
  }
  if (part === 'outputs') {
    draft.drop(step.id)
    return end.kind === 'failed' ? end : { kind: 'completed', output: end.output }
  }
  return itemEnded(draft, step, Number(part), end)
}

function itemEnded(draft: TaskDraft, step: Step, index: number, end: RunEnd): StepEnd | undefined {
  const { items } = draft.step(step.id)
  if (!items) return undefined
  const error = end.kind === 'failed' ? end.error : itemFault(end.output, items.total)
  if (!error) draft.keep(step.id, index, { output: (end as RunEnd & { kind: 'done' }).output })
  else if (step.forEach?.onItemFailure === 'continue')
    draft.keep(step.id, index, { error: boundedItemError(error) })
  else {
    draft.drop(step.id)
    return failed(error.code, `item ${index}: ${error.message}`)
  }
  const ended = {
    ...items,
    completed: items.completed + Number(!error),
    failed: items.failed + Number(!!error),
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

/** What is wrong with what `items` came to; undefined: it is a list, and not too long. Pure. */
export function listFault(items: JsonValue): TaskError | undefined {
  if (!Array.isArray(items)) {
    const what = items === null ? 'nothing' : `a value of type ${typeof items}`
    return { code: 'ITEMS_INVALID', message: `"items" comes to ${what}: it has to be a list` }
  }
  if (items.length <= LIMITS.forEachItems) return undefined
  const message = `"items" has ${items.length} items, at most ${LIMITS.forEachItems} are allowed`
  return { code: 'LIMIT_EXCEEDED', message }
}

function listOf(
  draft: TaskDraft,
  step: Step,
): { length: number } | { error: TaskError } | { isStored: true } {
  try {
    const list = itemsOf(draft.state, step.id)
    if (isStored(list)) return { isStored: true }
    const error = listFault(list)
    return error ? { error } : { length: (list as JsonValue[]).length }
  } catch (error) {
    // Larger than templates may come to.
    if (!(error instanceof MurmurError)) throw error
    return { error: { code: error.code, message: error.message } }
  }
}

function totalIn(output: JsonValue): number {
  const total = Number((output as JsonObject | null)?.total)
  return Number.isInteger(total) && total >= 0 ? Math.min(total, LIMITS.forEachItems) : 0
}

function failed(code: string, message: string): StepEnd {
  return { kind: 'failed', error: { code, message } }
}

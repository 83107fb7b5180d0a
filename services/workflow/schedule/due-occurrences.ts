import type { ScheduleDefinition, ScheduleState } from '#schemas/schedule.ts'
import { bucketOf } from '#subjects/task-partition.ts'
import { type Occurrences, occurrencesOf } from './occurrences.ts'

/** With the catch-up policy `skip`: a run that is no later than this was not missed. Another owner takes over well within it. Milliseconds. */
export const ON_TIME_MS = 60_000
/** What is missed is counted so far: looking for one takes some 50 µs, and all schedules may have missed some. */
export const MAX_COUNTED = 100

/** What an orchestrator has to decide about now. */
export interface Due {
  /** To be started if nothing overlaps, oldest first. */
  starts: number[]
  /** Too late, or more than are caught up on. */
  missed: number
  /** The newest of them all. */
  newestMs: number
}

const known = new WeakMap<ScheduleDefinition, Occurrences>()

/** Occurrences of a definition, made once. */
function timesOf(definition: ScheduleDefinition): Occurrences {
  const found = known.get(definition) ?? occurrencesOf(definition)
  known.set(definition, found)
  return found
}

/** How much later than its timetable a schedule runs: chosen by its name, so that many are spread and each keeps its distances. Milliseconds. */
export function jitterOf({ tenant, name, definition }: ScheduleState): number {
  return bucketOf(`${tenant}.${name}`, definition.jitterMs + 1)
}

/** When there is something to decide next; undefined: never. Unix milliseconds. Pure. */
export function nextDueMs(state: ScheduleState): number | undefined {
  if (state.paused) return undefined
  const next = timesOf(state.definition).next(state.cursorMs)
  return next === undefined ? undefined : next + jitterOf(state)
}

/**
 * What is due and not decided, by the catch-up policy; undefined when nothing is. Pure.
 */
export function dueOccurrences(state: ScheduleState, nowMs: number): Due | undefined {
  const { definition, cursorMs } = state
  const { policy, maxRuns, windowMs } = definition.catchUp
  const window = { afterMs: cursorMs, untilMs: nowMs - jitterOf(state) }
  const latest = timesOf(definition).latest(window, policy === 'all' ? maxRuns : 1)
  const [newestMs] = latest
  if (newestMs === undefined) return undefined
  const earliestMs = window.untilMs - (policy === 'skip' ? ON_TIME_MS : windowMs)
  const starts = latest.filter((atMs) => atMs >= earliestMs).toReversed()
  const untilMs = (starts[0] ?? newestMs + 1) - 1
  return { starts, missed: countOccurrences(state, { afterMs: cursorMs, untilMs }), newestMs }
}

/** How many there are in between, as far as that is counted. Pure. */
export function countOccurrences(
  { definition }: Pick<ScheduleState, 'definition'>,
  window: { afterMs: number; untilMs: number },
): number {
  return window.untilMs <= window.afterMs ? 0 : timesOf(definition).latest(window, MAX_COUNTED).length
}

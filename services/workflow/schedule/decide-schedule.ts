import { MurmurError } from '#platform/errors/murmur-error.ts'
import type { Problem } from '#schemas/problem.ts'
import type {
  ScheduleDefinition,
  ScheduledStart,
  ScheduleRun,
  ScheduleState,
  SkipReason,
} from '#schemas/schedule.ts'
import { countOccurrences, dueOccurrences, jitterOf, ON_TIME_MS } from './due-occurrences.ts'

/*
 *              due                       accepted
 *  timetable ───────► pending ──────────────────────────► running ──────► ended
 *      │                ▲  │ refused                          │
 *      │ overlap        │  └───────────► refused              │ nothing runs any more
 *      └──► queued ─────┴─────────────────────────────────────┘
 *
 * Everything at the cursor or before it is decided, and nothing is decided twice: what starts is written down before it is started,
 * under a name that its time makes. Whoever goes on starts what is pending again, and it is the same task.
 */

/** What happens to a schedule. Times are Unix milliseconds of the broker. */
export type ScheduleEvent =
  /** Time has passed. `ended`: those of its running tasks that have. */
  | { kind: 'tick'; nowMs: number; ended: ReadonlySet<string> }
  | { kind: 'started'; nowMs: number; start: ScheduledStart; taskId: string }
  /** `mayPass`: the same may be accepted a little later. */
  | { kind: 'refused'; nowMs: number; start: ScheduledStart; problem: Problem; mayPass: boolean }
  | { kind: 'pause'; nowMs: number; reason?: string | undefined }
  | { kind: 'resume'; nowMs: number }
  | { kind: 'trigger'; nowMs: number; requestId: string }
  | { kind: 'define'; nowMs: number; definition: ScheduleDefinition }

/** What is to be done about it. Doing it again changes nothing. */
export type ScheduleCommand = { kind: 'start'; start: ScheduledStart } | { kind: 'cancel'; taskId: string }

export interface ScheduleDecision {
  /** The same object when nothing has changed. */
  state: ScheduleState
  commands: ScheduleCommand[]
}

/** Tasks that are remembered as running, the newest of them: with overlap `allow` there may be any number. */
export const MAX_RUNNING = 20
/** Triggered runs that are not tasks yet, at most. */
const MAX_TRIGGERED = 10

/** A schedule that begins now: what was before it was made is not its business. Pure. */
export function newSchedule(
  { tenant, name }: { tenant: string; name: string },
  definition: ScheduleDefinition,
  nowMs: number,
): ScheduleState {
  return {
    v: 1,
    tenant,
    name,
    definition,
    createdAtMs: nowMs,
    updatedAtMs: nowMs,
    cursorMs: nowMs,
    pending: [],
    running: [],
    counts: { started: 0, overlap: 0, missed: 0, paused: 0, refused: 0 },
  }
}

/**
 * What becomes of a schedule and what is to be done. Pure.
 * @throws MurmurError OVERLOADED for more triggered runs than are taken
 */
export function decideSchedule(state: ScheduleState, event: ScheduleEvent): ScheduleDecision {
  const next = apply(state, event)
  return { state: next, commands: commandsOf(next) }
}

/** All that is to be done, however often it is asked: the state says it. Pure. */
export function commandsOf({ definition, pending, queuedAtMs, running }: ScheduleState): ScheduleCommand[] {
  const makesRoom = definition.overlap === 'cancel-running' && queuedAtMs !== undefined
  return [
    ...pending.map((start) => ({ kind: 'start' as const, start })),
    ...(makesRoom ? running.map(({ taskId }) => ({ kind: 'cancel' as const, taskId })) : []),
  ]
}

function apply(state: ScheduleState, event: ScheduleEvent): ScheduleState {
  switch (event.kind) {
    case 'tick':
      return tick(state, event)
    case 'started':
      return started(state, event)
    case 'refused':
      return refused(state, event)
    case 'pause':
      return pause(state, event)
    case 'resume':
      return resume(state, event)
    case 'trigger':
      return trigger(state, event)
    case 'define':
      return define(state, event)
  }
}

function tick(
  before: ScheduleState,
  { nowMs, ended }: { nowMs: number; ended: ReadonlySet<string> },
): ScheduleState {
  const state = takeQueued(withoutEnded(before, ended))
  const due = state.paused ? undefined : dueOccurrences(state, nowMs)
  if (!due) return state
  const { starts, missed, newestMs } = due
  const moved = skip({ ...state, cursorMs: newestMs }, 'missed', missed, newestMs)
  return starts.reduce(admit, moved)
}

function withoutEnded(state: ScheduleState, ended: ReadonlySet<string>): ScheduleState {
  const running = state.running.filter(({ taskId }) => !ended.has(taskId))
  return running.length === state.running.length ? state : { ...state, running }
}

/** The one that waited goes when nothing else does. */
function takeQueued(state: ScheduleState): ScheduleState {
  const { queuedAtMs, ...rest } = state
  if (queuedAtMs === undefined || !isIdle(state)) return state
  return { ...rest, pending: [...state.pending, { scheduledAtMs: queuedAtMs }] }
}

function isIdle({ pending, running }: ScheduleState): boolean {
  return pending.length === 0 && running.length === 0
}

/** An occurrence, by the overlap policy. */
function admit(state: ScheduleState, scheduledAtMs: number): ScheduleState {
  const { overlap } = state.definition
  if (overlap === 'allow' || (isIdle(state) && state.queuedAtMs === undefined))
    return { ...state, pending: [...state.pending, { scheduledAtMs }] }
  if (overlap === 'skip') return skip(state, 'overlap', 1, scheduledAtMs)
  if (state.queuedAtMs === undefined) return { ...state, queuedAtMs: scheduledAtMs }
  // One waits already: the first one keeps its place, unless what runs is pushed aside for the newest.
  if (overlap === 'queue') return skip(state, 'overlap', 1, scheduledAtMs)
  return { ...skip(state, 'overlap', 1, state.queuedAtMs), queuedAtMs: scheduledAtMs }
}

function skip(
  state: ScheduleState,
  why: SkipReason,
  count: number,
  scheduledAtMs: number,
  problem?: Problem,
): ScheduleState {
  if (count === 0) return state
  const counts = { ...state.counts, [why]: state.counts[why] + count }
  return { ...state, counts, lastSkip: { scheduledAtMs, why, ...(problem && { problem }) } }
}

function started(
  state: ScheduleState,
  { nowMs, start, taskId }: { nowMs: number; start: ScheduledStart; taskId: string },
): ScheduleState {
  const pending = without(state.pending, start)
  if (pending.length === state.pending.length) return state
  // Triggered again under an id that had been used.
  if (state.running.some((run) => run.taskId === taskId)) return { ...state, pending }
  const run: ScheduleRun = { ...start, taskId, startedAtMs: nowMs }
  const counts = { ...state.counts, started: state.counts.started + 1 }
  return { ...state, pending, running: [...state.running, run].slice(-MAX_RUNNING), lastRun: run, counts }
}

function refused(
  state: ScheduleState,
  { nowMs, start, problem, mayPass }: Extract<ScheduleEvent, { kind: 'refused' }>,
): ScheduleState {
  const pending = without(state.pending, start)
  if (pending.length === state.pending.length) return state
  if (mayPass && nowMs - start.scheduledAtMs - jitterOf(state) < patienceMs(state, start)) return state
  return skip({ ...state, pending }, 'refused', 1, start.scheduledAtMs, problem)
}

/** How long a start is tried. */
function patienceMs({ definition }: ScheduleState, { requestId }: ScheduledStart): number {
  const { policy, windowMs } = definition.catchUp
  return policy === 'skip' || requestId !== undefined ? ON_TIME_MS : windowMs
}

function without(pending: readonly ScheduledStart[], start: ScheduledStart): ScheduledStart[] {
  return pending.filter(
    ({ scheduledAtMs, requestId }) =>
      requestId !== start.requestId || (requestId === undefined && scheduledAtMs !== start.scheduledAtMs),
  )
}

/** What is pending is decided and goes on; what waits is let go of. */
function pause(
  state: ScheduleState,
  { nowMs, reason }: { nowMs: number; reason?: string | undefined },
): ScheduleState {
  const { queuedAtMs, ...rest } = state
  const paused = { atMs: state.paused?.atMs ?? nowMs, ...(reason !== undefined && { reason }) }
  const quiet = queuedAtMs === undefined ? rest : skip(rest, 'paused', 1, queuedAtMs)
  return { ...quiet, paused, updatedAtMs: nowMs }
}

/** It goes on with what comes from now on. */
function resume(state: ScheduleState, { nowMs }: { nowMs: number }): ScheduleState {
  const { paused, ...rest } = state
  if (!paused) return state
  const untilMs = Math.max(state.cursorMs, nowMs - jitterOf(state))
  const count = countOccurrences(state, { afterMs: state.cursorMs, untilMs })
  return { ...skip(rest, 'paused', count, untilMs), cursorMs: untilMs, updatedAtMs: nowMs }
}

function trigger(
  state: ScheduleState,
  { nowMs, requestId }: { nowMs: number; requestId: string },
): ScheduleState {
  if (state.pending.some((start) => start.requestId === requestId)) return state
  if (state.pending.filter((start) => start.requestId !== undefined).length >= MAX_TRIGGERED)
    throw new MurmurError('OVERLOADED', `${MAX_TRIGGERED} triggered runs are not tasks yet`, {
      retryAfterMs: 1000,
    })
  return { ...state, pending: [...state.pending, { scheduledAtMs: nowMs, requestId }] }
}

/** With other times it begins anew: what was due before by either of them is not started by the new ones. */
function define(
  state: ScheduleState,
  { nowMs, definition }: { nowMs: number; definition: ScheduleDefinition },
): ScheduleState {
  const isSame = timesText(definition) === timesText(state.definition)
  const cursorMs = isSame ? state.cursorMs : Math.max(state.cursorMs, nowMs)
  return { ...state, definition, cursorMs, updatedAtMs: nowMs }
}

function timesText({ cron, everyMs, timezone, startAtMs, endAtMs, jitterMs }: ScheduleDefinition): string {
  return JSON.stringify([cron, everyMs, timezone, startAtMs, endAtMs, jitterMs])
}

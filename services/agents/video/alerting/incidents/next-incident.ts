import type { Alert, AlertChange, Incident } from '#schemas/alert.ts'
import type { CameraEvent, StateChange } from '#schemas/camera-event.ts'

/** How long things have to last. Milliseconds. */
export interface IncidentLimits {
  /** An incident is closed when its state has been over for so long … */
  steadyMs: number
  /** … and for so long when it has come and gone before. */
  flapSteadyMs: number
  /** What begins again within this after it was closed is the same incident. */
  flapWindowMs: number
}

/** A camera event with a state that begins or ends. */
export type StateEvent = CameraEvent & { state: StateChange }

/** What an event or the clock makes of an incident. */
export type IncidentStep =
  | { kind: 'none' }
  | { kind: 'raise'; alert: Alert }
  /** `alert`: as it is then, with its next revision. */
  | { kind: 'change'; change: AlertChange; alert: Alert }

/** Whoever closes incidents that nobody has to close. */
export const CLOSED_BY = 'murmuration'
const NONE: IncidentStep = { kind: 'none' }
/** A time so far ahead was written before the clock was set back: nothing is older than it. Clocks of machines differ by less. Milliseconds. */
const AHEAD_MS = 60_000
const MAX_REASON = 500

/**
 * What a state that began makes of the last alert about it: nothing, when it is known; the same incident once more, when it had
 * just ended; a new one else. Pure.
 * @param fresh the alert that the event becomes where it is a new one
 * @param endedAtMs an end that was heard of before its begin, where there is one
 */
export function afterBegin(
  known: Alert | undefined,
  { event, fresh, endedAtMs }: { event: StateEvent; fresh: Alert; endedAtMs: number | undefined },
  nowMs: number,
  limits: IncidentLimits,
): IncidentStep {
  const { sinceMs } = event.state
  const incident = known?.incident
  if (!known || !incident) return raised(event, fresh, endedAtMs, nowMs, limits)
  if (incident.phase === 'ongoing') {
    if (incident.monitor === event.monitor) return NONE
    return changed(known, 'handed-on', { incident: { ...incident, monitor: event.monitor } })
  }
  const lastEndMs = incident.endedAtMs ?? incident.sinceMs
  // Of before what is known: it came late, or again.
  if (sinceMs < lastEndMs && !isAhead(lastEndMs, nowMs)) return NONE
  const isClosedByPerson = known.status === 'resolved' && known.changedBy !== CLOSED_BY
  const isSame = incident.phase === 'recovering' || sinceMs - lastEndMs < limits.flapWindowMs
  if (isClosedByPerson || !isSame) return raised(event, fresh, endedAtMs, nowMs, limits)
  const { endedAtMs: _ended, closesAtMs: _closes, reason: _reason, ...same } = incident
  const again: Incident = {
    ...same,
    phase: 'ongoing',
    monitor: event.monitor,
    times: incident.times + 1,
    sinceMs,
  }
  const seen = { incident: again, occurrences: again.times, lastSeenAtMs: event.atMs, message: event.message }
  if (incident.phase === 'recovering') return changed(known, 'recurred', seen)
  const { changedBy: _by, changedAtMs: _at, ...opened } = known
  return changed(opened, 'reopened', { ...seen, status: 'open' })
}

/** What a state that ended makes of its incident: it is closed once that has lasted. Pure. */
export function afterEnd(
  known: Alert | undefined,
  event: Pick<StateEvent, 'state' | 'message'>,
  nowMs: number,
  limits: IncidentLimits,
): IncidentStep {
  const incident = known?.incident
  const { sinceMs } = event.state
  if (!known || incident?.phase !== 'ongoing') return NONE
  if (sinceMs < incident.sinceMs && !isAhead(incident.sinceMs, nowMs)) return NONE
  const ended = {
    ...incident,
    endedAtMs: sinceMs,
    totalMs: incident.totalMs + Math.max(0, sinceMs - incident.sinceMs),
    reason: event.message.slice(0, MAX_REASON),
  }
  // Somebody has closed it while it went on: there is nothing left to close.
  if (known.status === 'resolved')
    return changed(known, 'recovered', { incident: { ...ended, phase: 'over' } })
  const holdMs = incident.times > 1 ? limits.flapSteadyMs : limits.steadyMs
  const next: Incident = { ...ended, phase: 'recovering', closesAtMs: nowMs + holdMs }
  return changed(known, 'recovered', { incident: next })
}

/**
 * What the clock makes of an incident: it is closed when its time has come, or when that is farther away than anything is waited for, since
 * the clock was set back. Pure.
 */
export function afterWait(
  known: Alert,
  nowMs: number,
  { steadyMs, flapSteadyMs }: Pick<IncidentLimits, 'steadyMs' | 'flapSteadyMs'>,
): IncidentStep {
  const { incident } = known
  if (incident?.phase !== 'recovering') return NONE
  const { closesAtMs = 0 } = incident
  const isFar = isAhead(closesAtMs, nowMs + Math.max(steadyMs, flapSteadyMs))
  return closesAtMs > nowMs && !isFar ? NONE : closed(known, incident, nowMs)
}

/** What becomes of an incident that nobody looks after any more. `reason`: why, for people. Pure. */
export function afterMonitor(known: Alert, reason: string, nowMs: number): IncidentStep {
  const { incident } = known
  if (!incident || incident.phase === 'over') return NONE
  if (incident.phase === 'recovering') return closed(known, incident, nowMs)
  const ended = {
    ...incident,
    endedAtMs: nowMs,
    totalMs: incident.totalMs + Math.max(0, nowMs - incident.sinceMs),
    reason: reason.slice(0, MAX_REASON),
  }
  return closed(known, ended, nowMs)
}

/** What the end of a snooze makes of an incident that it hid: who was not told is told, if it still goes on. Pure. */
export function afterSnooze(known: Alert): IncidentStep {
  if (!known.snoozed || known.incident?.phase !== 'ongoing' || known.status === 'resolved') return NONE
  const { snoozed: _snoozed, ...told } = known
  return changed(told, 'unsnoozed', {})
}

function isAhead(ms: number, nowMs: number): boolean {
  return ms > nowMs + AHEAD_MS
}

function raised(
  event: StateEvent,
  fresh: Alert,
  endedAtMs: number | undefined,
  nowMs: number,
  limits: IncidentLimits,
): IncidentStep {
  const { sinceMs } = event.state
  const incident: Incident = { phase: 'ongoing', monitor: event.monitor, times: 1, sinceMs, totalMs: 0 }
  const alert = { ...fresh, incident }
  if (endedAtMs === undefined || endedAtMs < sinceMs || isAhead(endedAtMs, nowMs))
    return { kind: 'raise', alert }
  // Its end was here first: it is known already that it is over.
  const end = {
    state: { phase: 'end', sinceMs: endedAtMs },
    message: 'It was over when it was heard of',
  } as const
  const step = afterEnd(alert, end, nowMs, limits)
  return { kind: 'raise', alert: step.kind === 'change' ? { ...step.alert, revision: 0 } : alert }
}

function closed(known: Alert, incident: Incident, nowMs: number): IncidentStep {
  const { closesAtMs: _closes, ...rest } = incident
  const over: Incident = { ...rest, phase: 'over' }
  if (known.status === 'resolved') return changed(known, 'recovered', { incident: over })
  return changed(known, 'resolved', {
    incident: over,
    status: 'resolved',
    changedBy: CLOSED_BY,
    changedAtMs: nowMs,
  })
}

function changed(known: Alert, change: AlertChange, next: Partial<Alert>): IncidentStep {
  return { kind: 'change', change, alert: { ...known, ...next, revision: (known.revision ?? 0) + 1 } }
}

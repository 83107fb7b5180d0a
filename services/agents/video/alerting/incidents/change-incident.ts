import type { Clock } from '#platform/clock/clock.ts'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import type { Alert } from '#schemas/alert.ts'
import { alertFromEvent } from '../alert-from-event.ts'
import type { AlertPublisher } from '../alert-publisher.ts'
import type { IncidentStore, StoredIncident } from './incident-store.ts'
import {
  afterBegin,
  afterEnd,
  type IncidentLimits,
  type IncidentStep,
  type StateEvent,
} from './next-incident.ts'

export interface IncidentDeps {
  incidents: IncidentStore
  publisher: AlertPublisher
  clock: Pick<Clock, 'nowMs'>
  limits: IncidentLimits
  /** Puts the history back when it is gone. */
  ensureHistory(): Promise<void>
  /** What a new or reopened alert has beside what its event says: its review item, a snooze that hides it. */
  enrich(alert: Alert): Promise<Alert>
  /** Its review item goes on with it. */
  extend(alert: Alert): Promise<void>
}

/** What was done with the event of a state, durably. */
export type StateHandled = { kind: 'raised' | 'changed'; alert: Alert } | { kind: 'known' }

/** Others may change the same incident at the same time; more than a few do so only by mistake. */
const MAX_TRIES = 8

/**
 * Makes of the event of a state what it has to become: a new incident, a change of one, or nothing. Done again, it finishes what
 * a crash left undone, and repeats nothing.
 * @throws when the history or the stream can't be reached; to be tried again
 */
export async function applyStateEvent(event: StateEvent, deps: IncidentDeps): Promise<StateHandled> {
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const found = await deps.incidents.find(event)
    if (found === 'unready') {
      await deps.ensureHistory()
      continue
    }
    const { known, endedAtMs } = found
    // Before anything more happens to it: nobody was told of the last.
    if (known?.untold) await tell(known, deps)
    const nowMs = deps.clock.nowMs()
    const fresh = alertFromEvent(event, nowMs)
    const step =
      event.state.phase === 'end'
        ? afterEnd(known?.alert, event, nowMs, deps.limits)
        : afterBegin(known?.alert, { event, fresh, endedAtMs }, nowMs, deps.limits)
    if (step.kind === 'none') return { kind: 'known' }
    const alert = await carryOut(known?.alert, step, deps)
    if (alert) return { kind: step.kind === 'raise' ? 'raised' : 'changed', alert }
  }
  throw new MurmurError('UNAVAILABLE', 'an incident is changed by others as soon as it is read')
}

/**
 * Writes a step and tells of it. @returns the alert as it is then; undefined when it has become something else meanwhile, or the
 * history is gone
 * @throws when the history or the stream can't be reached: what was written is told later
 */
export async function carryOut(
  known: Alert | undefined,
  step: Exclude<IncidentStep, { kind: 'none' }>,
  deps: IncidentDeps,
): Promise<Alert | undefined> {
  const untold = step.kind === 'raise' ? 'raised' : step.change
  const isFirst = untold === 'raised' || untold === 'reopened'
  const alert = isFirst ? await deps.enrich(step.alert) : step.alert
  const written = await deps.incidents.write(known, { alert, untold, atMs: deps.clock.nowMs() })
  if (written !== 'written') return undefined
  await deps.extend(alert)
  await tell({ alert, untold, published: untold !== 'raised' }, deps)
  return alert
}

/** Tells what was written of an incident. Doing so again changes nothing. @throws when the stream can't be reached */
export async function tell(
  { alert, untold, published }: Pick<StoredIncident, 'alert' | 'untold' | 'published'>,
  { incidents, publisher, clock }: Pick<IncidentDeps, 'incidents' | 'publisher' | 'clock'>,
): Promise<void> {
  if (!published) await publisher.raised(alert)
  if (untold && untold !== 'raised')
    await publisher.changed(alert, untold, alert.changedAtMs ?? clock.nowMs())
  await incidents.told(alert)
}

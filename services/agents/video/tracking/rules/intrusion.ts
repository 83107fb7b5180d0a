import { eventTime, type RuleEvent, type RuleOf, type RuleView, subjectOf } from './rule-event.ts'
import { entered } from './sentence.ts'
import { stepVisits, type Visits } from './visit.ts'

/** An object is in the zone while it must not be: told with the moment at which it entered, or the schedule began. Pure. */
export function stepIntrusion(
  rule: RuleOf<'intrusion'>,
  state: Visits,
  view: RuleView,
): { state: Visits; events: RuleEvent[] } {
  const { visits, due } = stepVisits(state, view, 0)
  const events = due.map(({ track, dueMs }) => ({
    rule,
    subject: subjectOf(track),
    message: entered(track.class, rule.zone),
    atMs: eventTime(dueMs, view.atMs),
    objects: [track],
  }))
  return { state: visits, events }
}

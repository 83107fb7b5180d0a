import { eventTime, type RuleEvent, type RuleOf, type RuleView, subjectOf } from './rule-event.ts'
import { stays } from './sentence.ts'
import { stepVisits, type Visits } from './visit.ts'

/** An object has been in the zone for `dwellMs`, counted from when it entered: told once a visit. Pure. */
export function stepLoitering(
  rule: RuleOf<'loitering'>,
  state: Visits,
  view: RuleView,
): { state: Visits; events: RuleEvent[] } {
  const { visits, due } = stepVisits(state, view, rule.dwellMs)
  const events = due.map(({ track, dueMs }) => ({
    rule,
    subject: subjectOf(track),
    message: stays(track.class, rule.zone, rule.dwellMs),
    atMs: eventTime(dueMs, view.atMs),
    objects: [track],
  }))
  return { state: visits, events }
}

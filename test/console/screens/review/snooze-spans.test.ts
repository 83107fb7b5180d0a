import t from 'tap'
import { SNOOZE_SPANS, snoozeEnd } from '../../../../services/console/screens/review/snooze-spans.ts'

const NOW = new Date(2026, 10, 30, 22, 15).getTime()

t.test('every snooze has an end after now', async (t) => {
  for (const span of SNOOZE_SPANS.filter((each) => each !== 'until…')) {
    const end = snoozeEnd(span, '', NOW)
    t.ok(end !== undefined && end > NOW, span)
  }
  t.equal(snoozeEnd('1 h', '', NOW), NOW + 3_600_000)
  t.equal(snoozeEnd('until tomorrow 8:00', '', NOW), new Date(2026, 11, 1, 8).getTime())
})

t.test('a time of its own: one that is over, or none, is no end', async (t) => {
  t.equal(snoozeEnd('until…', '2026-12-01T09:30', NOW), new Date(2026, 11, 1, 9, 30).getTime())
  t.equal(snoozeEnd('until…', '2026-11-30T09:30', NOW), undefined)
  t.equal(snoozeEnd('until…', '', NOW), undefined)
})

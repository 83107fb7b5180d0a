import t from 'tap'
import { snoozeExample } from '#schemas/snooze.ts'
import { ALERT } from '#subjects/operations/examples.ts'
import { enrichAlert } from '../../../../services/agents/video/alerting/enrich-alert.ts'

t.test('an alert gets its item, and the snooze that hides it now, or loses the one before', async (t) => {
  const deps = { reviews: { assign: async () => 'r1' }, clock: { nowMs: () => 5 } }
  const hidden = await enrichAlert(ALERT, { ...deps, snoozes: { hiding: async () => snoozeExample } })
  const { id, by, untilMs, reason } = snoozeExample
  t.match(hidden, { review: 'r1', snoozed: { id, by, untilMs, reason } })
  const shown = await enrichAlert(hidden, { ...deps, snoozes: { hiding: async () => undefined } })
  t.notHas(shown, 'snoozed')
})

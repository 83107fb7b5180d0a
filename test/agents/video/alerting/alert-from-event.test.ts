import t from 'tap'
import { alertSchema } from '#schemas/alert.ts'
import { cameraEventExample } from '#schemas/camera-event.ts'
import {
  alertFromEvent,
  alertIdOf,
  cooldownKeyOf,
} from '../../../../services/agents/video/alerting/alert-from-event.ts'
import { eventOf } from './alerting-fixture.ts'

t.test('an alert is made of its event, the same each time', async (t) => {
  const event = eventOf({ count: 3, direction: 'left-to-right' })
  const alert = alertFromEvent(event, cameraEventExample.atMs + 40)
  t.strictSame(alertSchema.parse(alert), alert)
  t.match(alert, { severity: 'critical', status: 'open', occurrences: 1, latencyMs: 40, count: 3 })
  t.equal(alert.id, alertIdOf(event.id))
  t.match(alert.id, /^a[0-9a-f]{23}$/)
  t.equal(alertFromEvent(event, cameraEventExample.atMs - 5).latencyMs, 0, 'clocks that disagree')
  const { frame: _frame, ...offline } = event
  t.notOk('latencyMs' in alertFromEvent(offline, 0), 'without a frame there is no latency')
})

t.test('what the cooldown goes by', async (t) => {
  const event = eventOf()
  const key = cooldownKeyOf(event)
  t.equal(cooldownKeyOf({ ...event, id: 'another', atMs: 0, message: 'again' } as typeof event), key)
  for (const other of [
    { camera: 'door' },
    { subject: 'zone-a' },
    { monitor: 'other' },
    { tenant: 'other' },
    { rule: { ...event.rule, id: 'other' } },
  ])
    t.not(cooldownKeyOf({ ...event, ...other }), key, String(Object.keys(other)[0]))
})

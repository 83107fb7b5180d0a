import t from 'tap'
import { alertCloudEventSchema } from '#schemas/alert.ts'
import { cameraEventExample } from '#schemas/camera-event.ts'
import { alertFromEvent } from '../../../../services/agents/video/alerting/alert-from-event.ts'
import {
  changedCloudEvent,
  raisedCloudEvent,
} from '../../../../services/agents/video/alerting/alert-publisher.ts'
import { eventOf } from './alerting-fixture.ts'

t.test('CloudEvents say who, what and when', async (t) => {
  const alert = alertFromEvent(eventOf({ id: 'x', subject: 'track-3' }), cameraEventExample.atMs + 40)
  const event = raisedCloudEvent(alert)
  t.strictSame(alertCloudEventSchema.parse(event), event)
  t.match(event, {
    id: alert.id,
    source: '/murmuration/default/monitors/kq3v9x/cameras/yard',
    subject: 'gate-access/track-3',
    time: new Date(cameraEventExample.atMs).toISOString(),
  })
  t.match(changedCloudEvent(alert, 'resolved', 0), {
    id: `${alert.id}:resolved`,
    type: 'murmuration.alert.changed',
    time: '1970-01-01T00:00:00.000Z',
  })
})

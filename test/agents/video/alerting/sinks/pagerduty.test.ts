import t from 'tap'
import { cameraEventExample } from '#schemas/camera-event.ts'
import { alertFromEvent } from '../../../../../services/agents/video/alerting/alert-from-event.ts'
import {
  changedCloudEvent,
  raisedCloudEvent,
} from '../../../../../services/agents/video/alerting/alert-publisher.ts'
import {
  createPagerdutySink,
  pagerdutyEvent,
} from '../../../../../services/agents/video/alerting/sinks/pagerduty.ts'

const alert = alertFromEvent(cameraEventExample, cameraEventExample.atMs)
const key = `yard/gate-access/${alert.subject}/${alert.monitor}`

t.test('a new alert triggers an incident with the severity in the words of the Events API', async (t) => {
  t.match(pagerdutyEvent(raisedCloudEvent(alert)), {
    event_action: 'trigger',
    dedup_key: key,
    payload: {
      summary: `yard: ${alert.message}`,
      source: 'yard',
      severity: 'critical',
      timestamp: new Date(alert.atMs).toISOString(),
      class: 'intrusion',
      custom_details: { alert: alert.id, objects: ['person 3 (83 %)'] },
    },
  })
  const words = (['high', 'medium', 'low'] as const).map((severity) => {
    const event = pagerdutyEvent(raisedCloudEvent({ ...alert, severity })) as {
      payload: { severity: string }
    }
    return event.payload.severity
  })
  t.strictSame(words, ['error', 'warning', 'info'])
})

t.test('changes acknowledge and resolve the same incident; a snapshot is nothing to it', async (t) => {
  const change = (what: 'acknowledged' | 'resolved' | 'snapshot') =>
    pagerdutyEvent(changedCloudEvent(alert, what, 0))
  t.strictSame(change('acknowledged'), { event_action: 'acknowledge', dedup_key: key })
  t.strictSame(change('resolved'), { event_action: 'resolve', dedup_key: key })
  t.equal(change('snapshot'), undefined)
})

t.test('long texts are cut to what the API takes', async (t) => {
  const long = { ...alert, message: 'x'.repeat(2000), subject: 'y'.repeat(300) }
  const event = pagerdutyEvent(raisedCloudEvent(long)) as { dedup_key: string; payload: { summary: string } }
  t.equal(event.payload.summary.length, 1024)
  t.equal(event.dedup_key.length, 255)
})

t.test('the request carries the routing key in its body, and there is none for a snapshot', async (t) => {
  const sink = createPagerdutySink({
    sink: 'pagerduty',
    url: 'https://example.org',
    routingKey: 'KEY',
    minSeverity: 'low',
  })
  t.match(JSON.parse(sink.build(raisedCloudEvent(alert), 0)!.body), {
    routing_key: 'KEY',
    event_action: 'trigger',
  })
  t.equal(sink.build(changedCloudEvent(alert, 'snapshot', 0), 0), undefined)
})

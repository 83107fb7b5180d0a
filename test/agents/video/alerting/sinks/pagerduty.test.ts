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
  t.match(JSON.parse(sink.build(raisedCloudEvent(alert), { nowMs: 0 })!.body), {
    routing_key: 'KEY',
    event_action: 'trigger',
  })
  t.equal(sink.build(changedCloudEvent(alert, 'snapshot', 0), { nowMs: 0 }), undefined)
})

const LINKS = { page: 'https://m.example.org/page?x', picture: 'https://m.example.org/picture?x' }

t.test('a trigger links back to the alert and shows its picture, from https only', async (t) => {
  const event = pagerdutyEvent(raisedCloudEvent(alert), LINKS)
  t.match(event, {
    client_url: LINKS.page,
    links: [{ href: LINKS.page }, { href: LINKS.picture }],
    images: [{ src: LINKS.picture, href: LINKS.page }],
  })
  const plain = { page: 'http://m/page', picture: 'http://m/picture' }
  t.notHas(pagerdutyEvent(raisedCloudEvent(alert), plain), 'images')
  t.strictSame(pagerdutyEvent(changedCloudEvent(alert, 'resolved', 0), LINKS), {
    event_action: 'resolve',
    dedup_key: key,
  })
})

t.test(
  'an incident is triggered when it opens and opens again, and resolved, under the key of its alert',
  async (t) => {
    const incident = {
      phase: 'ongoing',
      monitor: 'm',
      times: 2,
      sinceMs: 1_790_000_000_000,
      totalMs: 0,
    } as const
    const of = (what: Parameters<typeof changedCloudEvent>[1]) =>
      pagerdutyEvent(changedCloudEvent({ ...alert, incident, revision: 3 }, what, 0)) as Record<
        string,
        unknown
      >
    const dedup_key = `yard/gate-access/${alert.subject}/${alert.id}`
    t.match(of('reopened'), {
      event_action: 'trigger',
      dedup_key,
      payload: { timestamp: '2026-09-21T14:13:20.000Z', custom_details: { times: 2 } },
    })
    t.match(of('unsnoozed'), { event_action: 'trigger', dedup_key })
    t.strictSame(of('resolved'), { event_action: 'resolve', dedup_key })
    for (const quiet of ['recovered', 'recurred', 'handed-on', 'posted'] as const)
      t.equal(of(quiet), undefined)
  },
)

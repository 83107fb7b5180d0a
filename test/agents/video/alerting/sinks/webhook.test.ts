import { createHmac } from 'node:crypto'
import t from 'tap'
import { cameraEventExample } from '#schemas/camera-event.ts'
import { alertFromEvent } from '../../../../../services/agents/video/alerting/alert-from-event.ts'
import {
  changedCloudEvent,
  raisedCloudEvent,
} from '../../../../../services/agents/video/alerting/alert-publisher.ts'
import {
  createWebhookSink,
  signWebhook,
} from '../../../../../services/agents/video/alerting/sinks/webhook.ts'

const KEY = Buffer.from('MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'base64')
const alert = alertFromEvent(cameraEventExample, cameraEventExample.atMs)

t.test(
  'the signature is over id, time and body, as the specification of Standard Webhooks says',
  async (t) => {
    const signed = signWebhook({ id: 'msg_1', timestamp: 1_614_265_330, body: '{"test": 2432232314}' }, KEY)
    const expected = createHmac('sha256', KEY)
      .update('msg_1.1614265330.{"test": 2432232314}')
      .digest('base64')
    t.equal(signed, `v1,${expected}`)
    t.not(signWebhook({ id: 'msg_2', timestamp: 1_614_265_330, body: '{"test": 2432232314}' }, KEY), signed)
    t.not(signWebhook({ id: 'msg_1', timestamp: 1_614_265_331, body: '{"test": 2432232314}' }, KEY), signed)
  },
)

t.test('a request has the CloudEvent as its body, its id, and the time in whole seconds', async (t) => {
  const sink = createWebhookSink({
    sink: 'webhook',
    url: 'https://example.org/hook',
    key: KEY,
    minSeverity: 'low',
  })
  const message = raisedCloudEvent(alert)
  const request = sink.build(message, { nowMs: 1_999 })
  t.equal(request?.url, 'https://example.org/hook')
  t.strictSame(JSON.parse(request!.body), message)
  t.match(request?.headers, {
    'content-type': 'application/cloudevents+json; charset=utf-8',
    'webhook-id': alert.id,
    'webhook-timestamp': '1',
    'webhook-signature': signWebhook({ id: alert.id, timestamp: 1, body: request!.body }, KEY),
  })
})

t.test('changes are told, but for those within; links are attributes of the event', async (t) => {
  const sink = createWebhookSink({
    sink: 'webhook',
    url: 'https://example.org',
    key: KEY,
    minSeverity: 'low',
  })
  const links = { page: 'https://m/page', picture: 'https://m/picture' }
  const built = (change: Parameters<typeof changedCloudEvent>[1]) =>
    sink.build(changedCloudEvent(alert, change, 0), { nowMs: 0, links })
  t.match(JSON.parse(built('resolved')!.body), {
    change: 'resolved',
    pagelink: links.page,
    picturelink: links.picture,
  })
  for (const told of ['acknowledged', 'recovered', 'recurred', 'reopened', 'unsnoozed'] as const)
    t.ok(built(told))
  for (const quiet of ['snapshot', 'posted', 'handed-on'] as const) t.equal(built(quiet), undefined)
})

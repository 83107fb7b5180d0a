import t from 'tap'
import { cameraEventExample } from '#schemas/camera-event.ts'
import { alertFromEvent } from '../../../../../services/agents/video/alerting/alert-from-event.ts'
import {
  changedCloudEvent,
  raisedCloudEvent,
} from '../../../../../services/agents/video/alerting/alert-publisher.ts'
import {
  createSlackSink,
  readSlackAnswer,
} from '../../../../../services/agents/video/alerting/sinks/slack.ts'
import { slackMessage } from '../../../../../services/agents/video/alerting/sinks/slack-message.ts'
import { SEVERITY_COLOURS } from '../../../../../services/agents/video/pictures/overlay-scene.ts'

const alert = alertFromEvent({ ...cameraEventExample, atMs: 1_790_000_001_500 }, cameraEventExample.atMs)

t.test('the severity is a word and a colour, the time is told in the time zone of the reader', async (t) => {
  const message = slackMessage(alert)
  t.match(message, {
    text: `CRITICAL: ${alert.message} (yard)`,
    attachments: [{ color: SEVERITY_COLOURS.critical }],
  })
  t.match(
    JSON.stringify(message),
    '<!date^1790000001^{date_short_pretty} {time_secs}|2026-09-21T14:13:21.500Z>',
  )
})

t.test('who saw it, and what speaks against that', (t) => {
  const message = slackMessage({ ...alert, model: 'starter', modelWarning: 'trained on <drawn> pictures' })
  t.match(message.text, /trained on &lt;drawn&gt; pictures$/)
  t.match(
    JSON.stringify(message.attachments),
    /model `starter` · :warning: trained on &lt;drawn&gt; pictures · alert /,
  )
  t.end()
})

t.test('what an alert says is no link, no mention and ends no code', async (t) => {
  const text = JSON.stringify(slackMessage({ ...alert, message: '<!here> & more', camera: 'a`b' }))
  t.notMatch(text, '<!here>')
  t.match(text, '&lt;!here&gt; &amp; more')
  t.match(text, "Camera `a'b`")
})

const incident = {
  phase: 'over',
  monitor: 'm',
  times: 3,
  sinceMs: 1,
  totalMs: 90_000,
  reason: 'Camera yard gives pictures again',
} as const
const over = { ...alert, status: 'resolved' as const, incident, revision: 2 }
const bodyOf = (request: { body: string } | undefined) => JSON.parse(request!.body)

t.test('what is over says so, how often it came and how long it lasted', async (t) => {
  const { text } = slackMessage(over)
  t.equal(text, 'RESOLVED: Camera yard gives pictures again (it lasted 90 s, 3 times) (yard)')
})

t.test('a bot posts what opens, and changes its message with all that becomes of it', async (t) => {
  const sink = createSlackSink({
    ...{ sink: 'slack', token: 'xoxb-1', channel: 'C1', api: 'https://slack.com/api', minSeverity: 'low' },
  })
  const posted = sink.build(raisedCloudEvent(alert), { nowMs: 0 })
  t.equal(posted?.url, 'https://slack.com/api/chat.postMessage')
  t.match(posted?.headers, { authorization: 'Bearer xoxb-1' })
  t.match(bodyOf(posted), { channel: 'C1', text: /CRITICAL/ })
  const slack = { channel: 'C1', ts: '1405894322.002768' }
  for (const change of ['snapshot', 'acknowledged', 'resolved', 'recovered', 'recurred'] as const) {
    const request = sink.build(changedCloudEvent(over, change, 0), { nowMs: 0, slack })
    t.equal(request?.url, 'https://slack.com/api/chat.update', change)
    t.match(bodyOf(request), slack)
  }
  t.equal(sink.build(changedCloudEvent(over, 'posted', 0), { nowMs: 0, slack }), undefined)
  t.match(sink.build(changedCloudEvent(over, 'reopened', 0), { nowMs: 0, slack })?.url, 'chat.postMessage')
  t.match(
    sink.build(changedCloudEvent(over, 'resolved', 0), { nowMs: 0 })?.url,
    'chat.postMessage',
    'where nobody knows its message, the end of an incident is a second one',
  )
  t.equal(sink.build(changedCloudEvent(alert, 'acknowledged', 0), { nowMs: 0 }), undefined)
})

t.test('a picture is shown once it is there, from https, unless Slack could not fetch it', async (t) => {
  const sink = createSlackSink({
    ...{ sink: 'slack', token: 'xoxb-1', channel: 'C1', api: 'https://slack.com/api', minSeverity: 'low' },
  })
  const snapshot = { blob: 'b', size: 1, sha256: 'a'.repeat(64), contentType: 'image/jpeg' }
  const links = { page: 'https://m/page', picture: 'https://m/picture' }
  const context = { nowMs: 0, slack: { channel: 'C', ts: '1' }, links }
  const message = changedCloudEvent({ ...alert, snapshot }, 'snapshot', 0)
  t.match(sink.build(message, context)?.body, '"type":"image","image_url":"https://m/picture"')
  t.notMatch(sink.build(message, { ...context, isPlain: true })?.body, '"image"')
  t.match(sink.build(message, { ...context, isPlain: true })?.body, 'https://m/page')
  t.notMatch(JSON.stringify(slackMessage(alert, links)), '"image"')
})

t.test(
  'an incoming webhook is told that an incident is over, and of nothing else that becomes of an alert',
  async (t) => {
    const sink = createSlackSink({ sink: 'slack', url: 'https://hooks.slack.com/x', minSeverity: 'low' })
    t.match(bodyOf(sink.build(changedCloudEvent(over, 'resolved', 0), { nowMs: 0 })), { text: /^RESOLVED/ })
    for (const change of ['snapshot', 'acknowledged', 'resolved'] as const)
      t.equal(sink.build(changedCloudEvent(alert, change, 0), { nowMs: 0 }), undefined)
  },
)

t.test('an answer of Slack says in its body what it is', async (t) => {
  const read = (body: unknown) =>
    readSlackAnswer(Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)))
  t.strictSame(read({ ok: true, channel: 'C1', ts: '1.2' }), {
    kind: 'done',
    slack: { channel: 'C1', ts: '1.2' },
  })
  t.match(read({ ok: false, error: 'channel_not_found' }), {
    kind: 'refused',
    why: 'Slack says channel_not_found',
  })
  t.match(read({ ok: false, error: 'invalid_blocks' }), { kind: 'noPicture' })
  t.match(read({ ok: false, error: 'internal_error' }), { kind: 'later' })
  t.match(read('<html>'), { kind: 'later' })
})

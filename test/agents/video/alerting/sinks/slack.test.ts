import t from 'tap'
import { cameraEventExample } from '#schemas/camera-event.ts'
import { alertFromEvent } from '../../../../../services/agents/video/alerting/alert-from-event.ts'
import { slackMessage } from '../../../../../services/agents/video/alerting/sinks/slack.ts'
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

t.test('what an alert says is no link, no mention and ends no code', async (t) => {
  const text = JSON.stringify(slackMessage({ ...alert, message: '<!here> & more', camera: 'a`b' }))
  t.notMatch(text, '<!here>')
  t.match(text, '&lt;!here&gt; &amp; more')
  t.match(text, "Camera `a'b`")
})

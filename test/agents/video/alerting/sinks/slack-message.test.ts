import t from 'tap'
import { ALERT } from '#subjects/operations/examples.ts'
import { slackMessage } from '../../../../../services/agents/video/alerting/sinks/slack-message.ts'

t.test('a message says who took care of an alert, and leads back to it', async (t) => {
  const links = { page: 'https://m/page', picture: 'https://m/picture' }
  const text = JSON.stringify(
    slackMessage({ ...ALERT, status: 'acknowledged', changedBy: '<anna>', note: 'on my way' }, links),
  )
  t.match(text, 'acknowledged by &lt;anna&gt; · on my way')
  t.match(text, '<https://m/page|The alert> · <https://m/picture|Its picture>')
  t.notMatch(JSON.stringify(slackMessage(ALERT)), 'https://')
})

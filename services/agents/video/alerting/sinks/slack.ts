import type { Alert } from '#schemas/alert.ts'
import { SEVERITY_COLOURS } from '../../pictures/overlay-scene.ts'
import type { SinkConfig } from './alerting-config.ts'
import type { Sink } from './sink.ts'

/** Posts alerts to an incoming webhook of Slack, with the severity as word and as colour. */
export function createSlackSink({ url, minSeverity }: Extract<SinkConfig, { sink: 'slack' }>): Sink {
  return {
    name: 'slack',
    minSeverity,
    build({ data }) {
      return {
        url,
        headers: { 'content-type': 'application/json; charset=utf-8' },
        body: JSON.stringify(slackMessage(data)),
      }
    },
  }
}

/** Pure. */
export function slackMessage(alert: Alert): object {
  const { severity, message, camera, rule, monitor, id, model, modelWarning } = alert
  const title = `*${severity.toUpperCase()}* · ${escapeMrkdwn(message)}`
  // Slack shows it in the time zone of its reader.
  const seconds = Math.floor(alert.atMs / 1000)
  const when = `<!date^${seconds}^{date_short_pretty} {time_secs}|${new Date(alert.atMs).toISOString()}>`
  const facts = [`Camera ${code(camera)}`, `rule ${code(rule.id)}`, when, `monitor ${code(monitor)}`]
  if (model !== undefined) facts.push(`model ${code(model)}`)
  if (modelWarning !== undefined) facts.push(`:warning: ${escapeMrkdwn(modelWarning)}`)
  return {
    // For notifications and for readers that show no blocks.
    text: `${severity.toUpperCase()}: ${escapeMrkdwn(message)} (${escapeMrkdwn(camera)})${modelWarning === undefined ? '' : ` ${escapeMrkdwn(modelWarning)}`}`,
    attachments: [
      {
        color: SEVERITY_COLOURS[severity],
        blocks: [
          { type: 'section', text: { type: 'mrkdwn', text: title } },
          {
            type: 'context',
            elements: [{ type: 'mrkdwn', text: `${facts.join(' · ')} · alert ${code(id)}` }],
          },
        ],
      },
    ],
  }
}

function code(text: string): string {
  return `\`${escapeMrkdwn(text).replaceAll('`', "'")}\``
}

/** The text of an alert must not become a link or a mention of everybody. */
function escapeMrkdwn(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

import type { Alert } from '#schemas/alert.ts'
import { SEVERITY_COLOURS } from '../../pictures/overlay-scene.ts'
import { type AlertLinks, shownPicture } from './alert-links.ts'
import { alertText } from './alert-text.ts'

/** Of what nobody has to see to any more. */
const RESOLVED_COLOUR = '#2e7d32'
/** What Slack takes in a section. Characters. */
const MAX_TITLE = 2900

/** An alert as it is now, for `chat.postMessage`, `chat.update` and incoming webhooks. Pure. */
export function slackMessage(alert: Alert, links?: AlertLinks): { text: string; attachments: object[] } {
  const { severity, camera, status } = alert
  const isOver = status === 'resolved'
  const head = isOver ? 'RESOLVED' : severity.toUpperCase()
  const what = escapeMrkdwn(alertText(alert))
  const warning = alert.modelWarning === undefined ? '' : ` ${escapeMrkdwn(alert.modelWarning)}`
  const picture = links && alert.snapshot && shownPicture(links)
  return {
    // For notifications and for readers that show no blocks.
    text: `${head}: ${what} (${escapeMrkdwn(camera)})${warning}`,
    attachments: [
      {
        color: isOver ? RESOLVED_COLOUR : SEVERITY_COLOURS[severity],
        blocks: [
          { type: 'section', text: { type: 'mrkdwn', text: `*${head}* · ${what}`.slice(0, MAX_TITLE) } },
          ...(picture
            ? [{ type: 'image', image_url: picture, alt_text: `${camera}: ${alert.message}`.slice(0, 1900) }]
            : []),
          { type: 'context', elements: [{ type: 'mrkdwn', text: factsOf(alert) }] },
          ...(links ? [{ type: 'section', text: { type: 'mrkdwn', text: linkText(links) } }] : []),
        ],
      },
    ],
  }
}

function factsOf(alert: Alert): string {
  const { camera, rule, monitor, id, status, changedBy, note, model, modelWarning } = alert
  const who = changedBy === undefined ? '' : ` by ${escapeMrkdwn(changedBy)}`
  return [
    `Camera ${code(camera)}`,
    `rule ${code(rule.id)}`,
    timeText(alert.incident?.sinceMs ?? alert.atMs),
    `monitor ${code(monitor)}`,
    ...(model === undefined ? [] : [`model ${code(model)}`]),
    ...(modelWarning === undefined ? [] : [`:warning: ${escapeMrkdwn(modelWarning)}`]),
    `alert ${code(id)}`,
    ...(status === 'open' ? [] : [`${status}${who}`]),
    ...(note === undefined ? [] : [escapeMrkdwn(note)]),
  ].join(' · ')
}

/** Slack shows it in the time zone of its reader. */
function timeText(atMs: number): string {
  const iso = new Date(atMs).toISOString()
  return `<!date^${Math.floor(atMs / 1000)}^{date_short_pretty} {time_secs}|${iso}>`
}

function linkText({ page, picture }: AlertLinks): string {
  const links = [`<${page}|The alert>`, ...(picture === undefined ? [] : [`<${picture}|Its picture>`])]
  return links.join(' · ')
}

function code(text: string): string {
  return `\`${escapeMrkdwn(text).replaceAll('`', "'")}\``
}

/** The text of an alert must not become a link or a mention of everybody. */
function escapeMrkdwn(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

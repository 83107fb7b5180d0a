import type { Alert } from '#schemas/alert.ts'
import type { Severity } from '#schemas/watch-rule.ts'
import { type AlertLinks, shownPicture } from './alert-links.ts'
import { alertText } from './alert-text.ts'
import type { SinkConfig } from './alerting-config.ts'
import { type AlertMessage, happeningOf, isOpening, type Sink } from './sink.ts'

/** The words of the Events API for how bad it is. */
const SEVERITY_WORDS = {
  critical: 'critical',
  high: 'error',
  medium: 'warning',
  low: 'info',
} as const satisfies Record<Severity, string>

const ACTIONS = { acknowledged: 'acknowledge', resolved: 'resolve' } as const
/** What the Events API takes. Characters. */
const MAX_KEY = 255
const MAX_SUMMARY = 1024

/** Opens incidents through the Events API v2, and acknowledges and resolves them with their alerts. */
export function createPagerdutySink({
  url,
  routingKey,
  minSeverity,
}: Extract<SinkConfig, { sink: 'pagerduty' }>): Sink {
  return {
    name: 'pagerduty',
    minSeverity,
    build(message, { links }) {
      const event = pagerdutyEvent(message, links)
      return (
        event && {
          url,
          headers: { 'content-type': 'application/json; charset=utf-8' },
          body: JSON.stringify({ routing_key: routingKey, ...event }),
        }
      )
    },
  }
}

/** Without the key; undefined when there is nothing to send. Pure. */
export function pagerdutyEvent(message: AlertMessage, links?: AlertLinks): object | undefined {
  const alert = message.data
  const dedup_key = dedupKey(alert)
  const happening = happeningOf(message)
  if (happening === 'acknowledged' || happening === 'resolved')
    return { event_action: ACTIONS[happening], dedup_key }
  if (!isOpening(happening)) return undefined
  return {
    event_action: 'trigger',
    dedup_key,
    client: 'Murmuration',
    ...(links && { client_url: links.page, ...attachments(links, alert) }),
    payload: {
      summary: summaryOf(alert).slice(0, MAX_SUMMARY),
      source: alert.camera,
      severity: SEVERITY_WORDS[alert.severity],
      timestamp: new Date(alert.incident?.sinceMs ?? alert.atMs).toISOString(),
      component: alert.subject,
      group: alert.monitor,
      class: alert.rule.kind,
      custom_details: {
        alert: alert.id,
        rule: alert.rule.id,
        zone: alert.zone?.id,
        line: alert.line?.id,
        count: alert.count,
        times: alert.incident?.times,
        model: alert.model,
        model_warning: alert.modelWarning,
        objects: alert.objects.map(({ id, label, score }) => `${label} ${id} (${Math.round(score * 100)} %)`),
      },
    },
  }
}

/** Only what triggers may have them. The picture is there a moment later, before anybody looks. */
function attachments(links: AlertLinks, { camera, message }: Alert): object {
  const shown = shownPicture(links)
  return {
    links: [
      { href: links.page, text: 'The alert' },
      ...(links.picture === undefined ? [] : [{ href: links.picture, text: 'Its picture' }]),
    ],
    ...(shown !== undefined && { images: [{ src: shown, href: links.page, alt: `${camera}: ${message}` }] }),
  }
}

/**
 * The same trouble is the same incident: that of a rule about a subject before a camera. The monitor comes last, because
 * subjects have their names within it. A state that begins and ends has an alert that is its incident.
 */
function dedupKey({ camera, rule, subject, monitor, incident, id }: Alert): string {
  if (incident) return `${camera}/${rule.id}/${subject}/${id}`.slice(0, MAX_KEY)
  return `${camera}/${rule.id}/${subject}/${monitor}`.slice(0, MAX_KEY)
}

function summaryOf(alert: Alert): string {
  const { camera, modelWarning } = alert
  return `${camera}: ${alertText(alert)}${modelWarning === undefined ? '' : ` (${modelWarning})`}`
}

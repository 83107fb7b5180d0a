import type { Alert } from '#schemas/alert.ts'
import type { Severity } from '#schemas/watch-rule.ts'
import type { SinkConfig } from './alerting-config.ts'
import type { AlertMessage, Sink } from './sink.ts'

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
    build(message) {
      const event = pagerdutyEvent(message)
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
export function pagerdutyEvent(message: AlertMessage): object | undefined {
  const alert = message.data
  const dedup_key = dedupKey(alert)
  if (message.type === 'murmuration.alert.changed') {
    const action = message.change === 'snapshot' ? undefined : ACTIONS[message.change]
    return action && { event_action: action, dedup_key }
  }
  return {
    event_action: 'trigger',
    dedup_key,
    client: 'Murmuration',
    payload: {
      summary: summaryOf(alert).slice(0, MAX_SUMMARY),
      source: alert.camera,
      severity: SEVERITY_WORDS[alert.severity],
      timestamp: new Date(alert.atMs).toISOString(),
      component: alert.subject,
      group: alert.monitor,
      class: alert.rule.kind,
      custom_details: {
        alert: alert.id,
        rule: alert.rule.id,
        zone: alert.zone?.id,
        line: alert.line?.id,
        count: alert.count,
        model: alert.model,
        model_warning: alert.modelWarning,
        objects: alert.objects.map(({ id, label, score }) => `${label} ${id} (${Math.round(score * 100)} %)`),
      },
    },
  }
}

/**
 * The same trouble is the same incident: that of a rule about a subject before a camera. The monitor comes last, because
 * subjects have their names within it.
 */
function dedupKey({ camera, rule, subject, monitor }: Alert): string {
  return `${camera}/${rule.id}/${subject}/${monitor}`.slice(0, MAX_KEY)
}

function summaryOf({ camera, message, modelWarning }: Alert): string {
  return `${camera}: ${message}${modelWarning === undefined ? '' : ` (${modelWarning})`}`
}

import { z } from 'zod'
import {
  type ConfigOf,
  type ConfigTable,
  type Environment,
  invalidConfig,
  readConfig,
} from '#platform/config/read-config.ts'
import { url, wholeNumber } from '#platform/config/variable-schemas.ts'
import type { MurmurError } from '#platform/errors/murmur-error.ts'
import { SEVERITIES, type Severity } from '#schemas/watch-rule.ts'
import { ALERT_SINKS, type AlertSinkName } from '#subjects/streams.ts'
import type { IncidentLimits } from '../incidents/next-incident.ts'

/** How secrets of the Standard Webhooks specification begin; base64 of the key follows. */
const SECRET_PREFIX = 'whsec_'

/** What alerts are sent on to. Addresses count as secrets: many services put their token into the path. */
export const ALERTING_VARIABLES = {
  webhookUrl: {
    name: 'MURMUR_ALERT_WEBHOOK_URL',
    meaning: 'Where alerts are sent as CloudEvents, signed as Standard Webhooks ask.',
    defaultNote: 'none: no webhook is called',
    secret: true,
    mayBeFile: true,
    schema: url(['https', 'http']),
  },
  webhookSecret: {
    name: 'MURMUR_ALERT_WEBHOOK_SECRET',
    meaning: 'Key of the signature: whsec_ and base64, or any text of 16 characters and more.',
    defaultNote: 'none; the webhook needs one',
    secret: true,
    mayBeFile: true,
    schema: z.string().refine(isWebhookSecret, {
      error: 'must be whsec_ and base64 of 24 to 64 bytes, or a text of at least 16 characters',
    }),
  },
  slackUrl: {
    name: 'MURMUR_ALERT_SLACK_URL',
    meaning: 'Incoming webhook of Slack that alerts are posted to.',
    defaultNote: 'none: nothing is posted',
    secret: true,
    mayBeFile: true,
    schema: url(['https', 'http']),
  },
  slackToken: {
    name: 'MURMUR_ALERT_SLACK_TOKEN',
    meaning:
      'Token of a bot in Slack (scope chat:write), in place of the incoming webhook: its messages are changed when something becomes of an alert.',
    defaultNote: 'none',
    secret: true,
    mayBeFile: true,
    schema: z.string().regex(/^xox[a-z]-[A-Za-z0-9-]{8,250}$/, { error: 'must be a token of Slack, xoxb-…' }),
  },
  slackChannel: {
    name: 'MURMUR_ALERT_SLACK_CHANNEL',
    meaning: 'Id of the channel that the bot posts to, as C0123456789; the bot has to be a member.',
    defaultNote: 'none; the token needs one',
    schema: z.string().regex(/^[#A-Za-z0-9_.-]{1,80}$/, { error: 'must be the id or the name of a channel' }),
  },
  slackApi: {
    name: 'MURMUR_ALERT_SLACK_API',
    meaning: "Where Slack's Web API is.",
    default: 'https://slack.com/api',
    schema: url(['https', 'http']).transform((text) => text.replace(/\/+$/, '')),
  },
  pagerdutyKey: {
    name: 'MURMUR_ALERT_PAGERDUTY_KEY',
    meaning: 'Integration key of a PagerDuty service (Events API v2).',
    defaultNote: 'none: PagerDuty is not called',
    secret: true,
    mayBeFile: true,
    schema: z.string().regex(/^[A-Za-z0-9_-]{8,128}$/, { error: 'must be 8 to 128 of A-Z a-z 0-9 _ -' }),
  },
  pagerdutyUrl: {
    name: 'MURMUR_ALERT_PAGERDUTY_URL',
    meaning: 'Where events for PagerDuty are sent; another one for its service region in Europe.',
    default: 'https://events.pagerduty.com/v2/enqueue',
    schema: url(['https', 'http']),
  },
  minSeverity: {
    name: 'MURMUR_ALERT_MIN_SEVERITY',
    meaning:
      'The least severe alerts that are sent on: critical, high, medium or low, for all sinks or as SINK=SEVERITY (webhook, slack, pagerduty), separated by commas.',
    default: 'low',
    schema: z.string().transform(parseMinSeverity),
  },
  steadyMs: {
    name: 'MURMUR_ALERT_STEADY_MS',
    meaning: 'An incident (a camera that is offline) is closed when it has been over for so long.',
    unit: 'ms',
    default: '15000',
    schema: wholeNumber({ min: 0, max: 3_600_000 }),
  },
  flapSteadyMs: {
    name: 'MURMUR_ALERT_FLAP_STEADY_MS',
    meaning: 'The same for one that has come and gone before.',
    unit: 'ms',
    default: '300000',
    schema: wholeNumber({ min: 0, max: 86_400_000 }),
  },
  flapWindowMs: {
    name: 'MURMUR_ALERT_FLAP_WINDOW_MS',
    meaning: 'What begins again within this after it was over is the same incident, once more.',
    unit: 'ms',
    default: '900000',
    schema: wholeNumber({ min: 0, max: 86_400_000 }),
  },
} as const satisfies ConfigTable

/** The settings of one sink. */
export type SinkConfig = { minSeverity: Severity } & (
  | { sink: 'webhook'; url: string; key: Uint8Array }
  | { sink: 'slack'; url: string }
  | { sink: 'slack'; token: string; channel: string; api: string }
  | { sink: 'pagerduty'; url: string; routingKey: string }
)

export interface AlertingConfig {
  /** Those that are configured. */
  readonly sinks: readonly SinkConfig[]
  readonly incidents: IncidentLimits
}

/**
 * What alerts are sent on to, from the environment.
 * @throws MurmurError CONFIG_INVALID with every fault at once, and no value of a secret
 */
export function loadAlertingConfig(env?: Environment): AlertingConfig {
  const config = readConfig(ALERTING_VARIABLES, env)
  const sinks: SinkConfig[] = []
  const { webhookUrl, webhookSecret, pagerdutyKey, pagerdutyUrl, minSeverity } = config
  if (webhookUrl !== undefined) {
    if (webhookSecret === undefined) throw secretMissing()
    const key = webhookKey(webhookSecret)
    sinks.push({ sink: 'webhook', url: webhookUrl, key, minSeverity: minSeverity.webhook })
  }
  const slack = slackConfig(config)
  if (slack) sinks.push({ ...slack, minSeverity: minSeverity.slack })
  if (pagerdutyKey !== undefined) {
    sinks.push({
      sink: 'pagerduty',
      url: pagerdutyUrl,
      routingKey: pagerdutyKey,
      minSeverity: minSeverity.pagerduty,
    })
  }
  const { steadyMs, flapSteadyMs, flapWindowMs } = config
  return { sinks, incidents: { steadyMs, flapSteadyMs, flapWindowMs } }
}

function secretMissing(): MurmurError {
  return invalidConfig([
    {
      path: ALERTING_VARIABLES.webhookSecret.name,
      message: `is needed with ${ALERTING_VARIABLES.webhookUrl.name}: receivers check the signature`,
    },
  ])
}

/** A bot, or an incoming webhook; undefined: neither. @throws MurmurError CONFIG_INVALID */
function slackConfig({
  slackUrl,
  slackToken,
  slackChannel,
  slackApi,
}: ConfigOf<typeof ALERTING_VARIABLES>):
  | { sink: 'slack'; url: string }
  | { sink: 'slack'; token: string; channel: string; api: string }
  | undefined {
  const { slackUrl: webhook, slackToken: token, slackChannel: channel } = ALERTING_VARIABLES
  if (slackToken === undefined) return slackUrl === undefined ? undefined : { sink: 'slack', url: slackUrl }
  if (slackUrl !== undefined)
    throw invalidConfig([
      { path: token.name, message: `can't be set with ${webhook.name}: choose one of them` },
    ])
  if (slackChannel === undefined)
    throw invalidConfig([{ path: channel.name, message: `is needed with ${token.name}` }])
  return { sink: 'slack', token: slackToken, channel: slackChannel, api: slackApi }
}

function isWebhookSecret(text: string): boolean {
  if (!text.startsWith(SECRET_PREFIX)) return text.length >= 16
  const encoded = text.slice(SECRET_PREFIX.length)
  const { length } = webhookKey(text)
  return /^[A-Za-z0-9+/_-]+={0,2}$/.test(encoded) && length >= 24 && length <= 64
}

function webhookKey(secret: string): Uint8Array {
  return secret.startsWith(SECRET_PREFIX)
    ? Buffer.from(secret.slice(SECRET_PREFIX.length), 'base64')
    : Buffer.from(secret)
}

function parseMinSeverity(text: string, context: z.RefinementCtx): Record<AlertSinkName, Severity> {
  const of: Record<AlertSinkName, Severity> = { webhook: 'low', slack: 'low', pagerduty: 'low' }
  // What holds for all comes first, wherever it stands.
  const entries = text.split(',').map((entry) => entry.trim())
  const ordered = entries.toSorted((a, b) => Number(a.includes('=')) - Number(b.includes('=')))
  for (const entry of ordered) {
    const [name, value] = entry.includes('=') ? entry.split('=', 2) : [undefined, entry]
    const severity = SEVERITIES.find((known) => known === value?.trim())
    const sinks = name === undefined ? ALERT_SINKS : ALERT_SINKS.filter((sink) => sink === name.trim())
    if (severity === undefined || sinks.length === 0) {
      context.addIssue({ code: 'custom', message: `must be ${SEVERITIES.join(', ')}, or SINK=SEVERITY` })
      return z.NEVER
    }
    for (const sink of sinks) of[sink] = severity
  }
  return of
}

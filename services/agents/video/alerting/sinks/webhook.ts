import { createHmac } from 'node:crypto'
import type { AlertLinks } from './alert-links.ts'
import type { SinkConfig } from './alerting-config.ts'
import { happeningOf, type Sink } from './sink.ts'

/** Of no use to a receiver: what happens within. */
const UNTOLD: ReadonlySet<string> = new Set<ReturnType<typeof happeningOf>>([
  'snapshot',
  'posted',
  'handed-on',
])

/** Sends alerts as CloudEvents, signed as the Standard Webhooks specification asks. */
export function createWebhookSink({ url, key, minSeverity }: Extract<SinkConfig, { sink: 'webhook' }>): Sink {
  return {
    name: 'webhook',
    minSeverity,
    build(message, { nowMs, links }) {
      if (UNTOLD.has(happeningOf(message))) return undefined
      const body = JSON.stringify({ ...message, ...(links && linkAttributes(links)) })
      const timestamp = Math.floor(nowMs / 1000)
      return {
        url,
        headers: {
          'content-type': 'application/cloudevents+json; charset=utf-8',
          'webhook-id': message.id,
          'webhook-timestamp': String(timestamp),
          'webhook-signature': signWebhook({ id: message.id, timestamp, body }, key),
        },
        body,
      }
    },
  }
}

/** Extension attributes of ours: their names are lower case, as the standard asks. */
function linkAttributes({ page, picture }: AlertLinks): object {
  return { pagelink: page, ...(picture !== undefined && { picturelink: picture }) }
}

/** `v1,` and the HMAC-SHA256 of id, time (seconds) and body, base64. Pure. */
export function signWebhook(
  { id, timestamp, body }: { id: string; timestamp: number; body: string },
  key: Uint8Array,
): string {
  return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`
}

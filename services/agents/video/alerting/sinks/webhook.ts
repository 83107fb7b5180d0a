import { createHmac } from 'node:crypto'
import type { SinkConfig } from './alerting-config.ts'
import type { Sink } from './sink.ts'

/** Sends alerts as CloudEvents, signed as the Standard Webhooks specification asks. */
export function createWebhookSink({ url, key, minSeverity }: Extract<SinkConfig, { sink: 'webhook' }>): Sink {
  return {
    name: 'webhook',
    minSeverity,
    build(message, nowMs) {
      const body = JSON.stringify(message)
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

/** `v1,` and the HMAC-SHA256 of id, time (seconds) and body, base64. Pure. */
export function signWebhook(
  { id, timestamp, body }: { id: string; timestamp: number; body: string },
  key: Uint8Array,
): string {
  return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`
}

import type { AlertingConfig, SinkConfig } from './alerting-config.ts'
import { createPagerdutySink } from './pagerduty.ts'
import type { Sink } from './sink.ts'
import { createSlackSink } from './slack.ts'
import { createWebhookSink } from './webhook.ts'

/** The sinks that are configured. Pure. */
export function createSinks({ sinks }: AlertingConfig): Sink[] {
  return sinks.map(createSink)
}

function createSink(config: SinkConfig): Sink {
  switch (config.sink) {
    case 'webhook':
      return createWebhookSink(config)
    case 'slack':
      return createSlackSink(config)
    case 'pagerduty':
      return createPagerdutySink(config)
  }
}

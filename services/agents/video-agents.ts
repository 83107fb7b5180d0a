import { setPriority } from 'node:os'
import { fileURLToPath } from 'node:url'
import { findFfmpeg } from '#platform/config/ffmpeg.ts'
import { loadHttpConfig } from '#platform/config/http.ts'
import { loadLinkSigning } from '#platform/config/link-keys.ts'
import { createHttpClient } from '#platform/http/http-client.ts'
import { openRedis, serveWhileRedisAnswers, untilUsable } from '#platform/redis/connect-redis.ts'
import type { Redis } from '#platform/redis/redis.ts'
import { chosenAgents } from '#sdk/chosen-agents.ts'
import type { AnyAgentDefinition } from '#sdk/define-agent.ts'
import { type AgentsContext, runAgents } from '#sdk/run-agent.ts'
import { createAlertingAgent } from './video/alerting/agent.ts'
import { AlertingService } from './video/alerting/alerting-service.ts'
import { BookmarkStore } from './video/alerting/bookmarks/bookmark-store.ts'
import { SuppressionCounts } from './video/alerting/false-positives/suppression-counts.ts'
import { RedisAlertStore } from './video/alerting/history/redis-alert-store.ts'
import { RedisIncidentStore } from './video/alerting/incidents/incident-store.ts'
import { ReviewStore } from './video/alerting/reviews/review-store.ts'
import { loadAlertingConfig } from './video/alerting/sinks/alerting-config.ts'
import { createSinks } from './video/alerting/sinks/create-sinks.ts'
import { SnoozeStore } from './video/alerting/snoozes/snooze-store.ts'
import { createCaptureAgent } from './video/capture/agent.ts'
import { createCameraMetrics } from './video/capture/publish/camera-metrics.ts'
import { openRecordings } from './video/capture/recording/open-recordings.ts'
import { loadVideoConfig } from './video/capture/video-config.ts'
import { createTrackingAgent } from './video/tracking/agent.ts'
import type { StateKeeping } from './video/tracking/monitor/checkpoint-store.ts'
import { siteStateKeeping } from './video/tracking/monitor/site-state.ts'
import { createReplayAgent } from './video/tracking/replay/agent.ts'

/** Frames can be dropped, tasks can't: where both want the processor, tasks go first. What it starts inherits this. */
const NICENESS = 10
const SCENES = fileURLToPath(new URL('./video/scenes/main.ts', import.meta.url))

const AGENTS = ['capture', 'tracking', 'alerting', 'rules-replay'] as const
/** Alerts are made in the centre, where their history is. */
const SITE_AGENTS = ['capture', 'tracking'] as const

// The agents of live video in one process: what local mode runs. A cluster runs each by itself (MURMUR_AGENTS), as many as it has
// cameras for.
await runAgents('video', build, { metrics: ['capture', 'tracking', 'alerting'] })

async function build(context: AgentsContext): Promise<AnyAgentDefinition[]> {
  setPriority(NICENESS)
  const { config } = context
  const chosen = chosenAgents<(typeof AGENTS)[number]>(
    config.site === undefined ? AGENTS : SITE_AGENTS,
    config.agents,
  )
  const made: AnyAgentDefinition[] = []
  if (chosen.includes('capture')) made.push(await captureAgent(context))
  if (config.site !== undefined && chosen.includes('tracking')) {
    made.push(trackingAgent(context, siteStateKeeping(context.bus)))
    return made
  }
  if (chosen.includes('rules-replay')) made.push(createReplayAgent(context))
  if (chosen.every((name) => name === 'capture' || name === 'rules-replay')) return made
  const redis = openRedis(context)
  await untilUsable(redis, context.log)
  // Alerts are asked elsewhere while their history can't be read here; what needs no history goes on.
  serveWhileRedisAnswers(redis, context.bus, context.log)
  if (chosen.includes('tracking')) made.push(trackingAgent(context, redis))
  if (chosen.includes('alerting')) made.push(alertingAgent(context, redis))
  return made
}

function trackingAgent({ bus, clock, metrics }: AgentsContext, redis: StateKeeping): AnyAgentDefinition {
  return createTrackingAgent({ bus, redis, clock, metrics })
}

async function captureAgent(context: AgentsContext): Promise<AnyAgentDefinition> {
  const { bus, clock, metrics, connect } = context
  return createCaptureAgent({
    bus,
    recordings: openRecordings(context),
    frames: await connect('frames'),
    clock,
    config: loadVideoConfig(),
    cameras: createCameraMetrics(metrics),
    findTools: () => findFfmpeg(),
    scenes: { program: process.execPath, main: SCENES },
  })
}

function alertingAgent(
  { bus, lifecycle, log, metrics, tracing }: AgentsContext,
  redis: Redis,
): AnyAgentDefinition {
  const clock = bus.brokerClock
  const { allow, ports } = loadHttpConfig()
  const http = createHttpClient({ allow, ports })
  lifecycle.add({ name: 'HTTP client', stop: () => http.close() })
  const stores = {
    store: new RedisAlertStore(redis),
    incidents: new RedisIncidentStore(redis),
    reviews: new ReviewStore(redis),
    snoozes: new SnoozeStore(redis),
    bookmarks: new BookmarkStore(redis),
  }
  const objects = bus.objects.forAgent('alerting')
  const pictures = (monitor: string) => objects.forMonitor(monitor)
  const config = loadAlertingConfig()
  const sinks = { all: createSinks(config), http, links: loadLinkSigning() }
  const deps = { bus, pictures, ...stores, clock, log, metrics, tracing, sinks }
  const suppressions = new SuppressionCounts(redis)
  const service = new AlertingService({ ...deps, suppressions, incidentLimits: config.incidents })
  lifecycle.add(service)
  const monitorEnds = (monitor: string, reason: string) => service.monitorEnds(monitor, reason)
  return createAlertingAgent({ bus, store: stores.store, monitorEnds, clock })
}

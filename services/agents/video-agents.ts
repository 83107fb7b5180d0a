import { setPriority } from 'node:os'
import { fileURLToPath } from 'node:url'
import { findFfmpeg } from '#platform/config/ffmpeg.ts'
import { loadHttpConfig } from '#platform/config/http.ts'
import { createHttpClient } from '#platform/http/http-client.ts'
import { openRedis, serveWhileRedisAnswers, untilUsable } from '#platform/redis/connect-redis.ts'
import type { Redis } from '#platform/redis/redis.ts'
import { chosenAgents } from '#sdk/chosen-agents.ts'
import type { AnyAgentDefinition } from '#sdk/define-agent.ts'
import { type AgentsContext, runAgents } from '#sdk/run-agent.ts'
import { createAlertingAgent } from './video/alerting/agent.ts'
import { AlertingService } from './video/alerting/alerting-service.ts'
import { SuppressionCounts } from './video/alerting/false-positives/suppression-counts.ts'
import { RedisAlertStore } from './video/alerting/history/redis-alert-store.ts'
import { loadAlertingConfig } from './video/alerting/sinks/alerting-config.ts'
import { createSinks } from './video/alerting/sinks/create-sinks.ts'
import { createCaptureAgent } from './video/capture/agent.ts'
import { createCameraMetrics } from './video/capture/publish/camera-metrics.ts'
import { loadVideoConfig } from './video/capture/video-config.ts'
import { createTrackingAgent } from './video/tracking/agent.ts'
import type { StateKeeping } from './video/tracking/monitor/checkpoint-store.ts'
import { siteStateKeeping } from './video/tracking/monitor/site-state.ts'

/** Frames can be dropped, tasks can't: where both want the processor, tasks go first. What it starts inherits this. */
const NICENESS = 10
const SCENES = fileURLToPath(new URL('./video/scenes/main.ts', import.meta.url))

const AGENTS = ['capture', 'tracking', 'alerting'] as const
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
  if (chosen.every((name) => name === 'capture')) return made
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

async function captureAgent({ bus, clock, metrics, connect }: AgentsContext): Promise<AnyAgentDefinition> {
  return createCaptureAgent({
    bus,
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
  const store = new RedisAlertStore(redis)
  const objects = bus.objects.forAgent('alerting')
  const pictures = (monitor: string) => objects.forMonitor(monitor)
  const sinks = { all: createSinks(loadAlertingConfig()), http }
  const suppressions = new SuppressionCounts(redis)
  lifecycle.add(new AlertingService({ bus, pictures, store, suppressions, clock, log, metrics, tracing, sinks }))
  return createAlertingAgent({ bus, store, clock })
}

import { setPriority } from 'node:os'
import { fileURLToPath } from 'node:url'
import { findFfmpeg } from '#platform/config/ffmpeg.ts'
import { loadHttpConfig } from '#platform/config/http.ts'
import { createHttpClient } from '#platform/http/http-client.ts'
import { openRedis, serveWhileRedisAnswers, untilUsable } from '#platform/redis/connect-redis.ts'
import { type AgentsContext, runAgents } from '#sdk/run-agent.ts'
import { createAlertingAgent } from './video/alerting/agent.ts'
import { AlertingService } from './video/alerting/alerting-service.ts'
import { RedisAlertStore } from './video/alerting/history/redis-alert-store.ts'
import { loadAlertingConfig } from './video/alerting/sinks/alerting-config.ts'
import { createSinks } from './video/alerting/sinks/create-sinks.ts'
import { createCaptureAgent } from './video/capture/agent.ts'
import { createCameraMetrics } from './video/capture/publish/camera-metrics.ts'
import { loadVideoConfig } from './video/capture/video-config.ts'
import { createTrackingAgent } from './video/tracking/agent.ts'

/** Frames can be dropped, tasks can't: where both want the processor, tasks go first. What it starts inherits this. */
const NICENESS = 10
const SCENES = fileURLToPath(new URL('./video/scenes/main.ts', import.meta.url))

// The agents of live video in one process: what local mode runs. A cluster runs as many of them as it has cameras for.
await runAgents('video', build, { metrics: ['capture', 'tracking', 'alerting'] })

async function build(context: AgentsContext) {
  setPriority(NICENESS)
  const { bus, blobs, clock, lifecycle, log, metrics } = context
  const brokerClock = bus.brokerClock
  const frames = await context.connect('frames')
  const redis = openRedis(context)
  await untilUsable(redis, log)
  // Alerts are asked elsewhere while their history can't be read here; what needs no history goes on.
  serveWhileRedisAnswers(redis, bus, log)
  const { allow, ports } = loadHttpConfig()
  const http = createHttpClient({ allow, ports })
  lifecycle.add({ name: 'HTTP client', stop: () => http.close() })
  const store = new RedisAlertStore(redis)
  const sinks = { all: createSinks(loadAlertingConfig()), http }
  lifecycle.add(new AlertingService({ bus, blobs, store, clock: brokerClock, log, metrics, sinks }))
  return [
    createCaptureAgent({
      bus,
      frames,
      clock,
      config: loadVideoConfig(),
      cameras: createCameraMetrics(metrics),
      findTools: () => findFfmpeg(),
      scenes: { program: process.execPath, main: SCENES },
    }),
    createTrackingAgent({ bus, redis, clock, metrics }),
    createAlertingAgent({ bus, store, clock: brokerClock }),
  ]
}

import { setPriority } from 'node:os'
import { fileURLToPath } from 'node:url'
import { loadAlertingConfig } from '#platform/config/alerting.ts'
import { findFfmpeg } from '#platform/config/ffmpeg.ts'
import { loadHttpConfig } from '#platform/config/http.ts'
import { loadVideoConfig } from '#platform/config/video.ts'
import { createHttpClient } from '#platform/http/http-client.ts'
import { connectService } from '#platform/nats/connect-service.ts'
import { openRedis, untilUsable } from '#platform/redis/connect-redis.ts'
import { connectionChecks } from '#platform/telemetry/readiness.ts'
import { runAgents } from '#sdk/run-agent.ts'
import { createAlertingAgent } from './video/alerting/agent.ts'
import { AlertingService } from './video/alerting/alerting-service.ts'
import { RedisAlertStore } from './video/alerting/history/redis-alert-store.ts'
import { createSinks } from './video/alerting/sinks/create-sinks.ts'
import { createCaptureAgent } from './video/capture/agent.ts'
import { createTrackingAgent } from './video/tracking/agent.ts'

/** Frames can be dropped, tasks can't: where both want the processor, tasks go first. What it starts inherits this. */
const NICENESS = 10
const SCENES = fileURLToPath(new URL('./video/scenes/main.ts', import.meta.url))

// The agents of live video in one process: what local mode runs. A cluster runs as many of them as it has cameras for.
await runAgents('video', async (context) => {
  setPriority(NICENESS)
  const { bus, blobs, clock, config, lifecycle, log, metrics } = context
  const brokerClock = bus.brokerClock
  const frames = await connectService('video frames', context)
  const redis = openRedis({ config, log })
  await untilUsable(redis, log)
  // Alerts are asked elsewhere while their history can't be read here; what needs no history goes on.
  redis.onServing((isServing) => bus.setServing(isServing))
  context.addChecks(() => ({
    ...connectionChecks(['redis'], { redis }),
    frames: connectionChecks(['nats'], { nats: frames }).nats!,
  }))
  const { allow, ports } = loadHttpConfig()
  const http = createHttpClient({ allow, ports })
  lifecycle.add({
    name: 'connections of video',
    async stop() {
      await frames.close()
      await http.close()
      await redis.close()
    },
  })
  const store = new RedisAlertStore(redis)
  const sinks = { all: createSinks(loadAlertingConfig()), http }
  lifecycle.add(new AlertingService({ bus, blobs, store, clock: brokerClock, log, metrics, sinks }))
  return [
    createCaptureAgent({
      bus,
      frames,
      clock,
      config: loadVideoConfig(),
      findTools: () => findFfmpeg(),
      scenes: { program: process.execPath, main: SCENES },
    }),
    createTrackingAgent({ bus, redis, clock }),
    createAlertingAgent({ bus, store, clock: brokerClock }),
  ]
})

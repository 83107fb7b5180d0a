import { setPriority } from 'node:os'
import { fileURLToPath } from 'node:url'
import { defaultSessions, loadDetectionConfig } from '#platform/config/detection.ts'
import { runMain } from '#platform/lifecycle/run-main.ts'
import { connectService } from '#platform/nats/connect-service.ts'
import { createHealthServer } from '#platform/telemetry/health-server.ts'
import { createMetrics } from '#platform/telemetry/metrics.ts'
import { connectionChecks } from '#platform/telemetry/readiness.ts'
import { resolveModel } from '../models/resolve-model.ts'
import { DetectionWorker } from './detection-worker.ts'
import { createOnnxDetector } from './onnx-detector.ts'
import { openSessions } from './open-sessions.ts'

const STARTER = fileURLToPath(new URL('./starter/manifest.json', import.meta.url))
/** Pictures can be dropped, tasks can't: where both want the processor, tasks go first. */
const NICENESS = 19

await runMain('detection', async ({ config, log, clock, lifecycle }) => {
  const settings = loadDetectionConfig()
  const model = await resolveModel({
    home: config.home,
    wanted: settings.model,
    starter: STARTER,
    mayPull: settings.mayPull,
    report: (line) => log.info({}, line),
  })
  setPriority(NICENESS)
  const sessions = await openSessions(model.file, {
    provider: settings.provider,
    sessions: settings.sessions ?? defaultSessions(),
    log,
  })
  const detector = await createOnnxDetector(model.manifest, sessions)
  const metrics = createMetrics({ processMetrics: true })
  const bus = await connectService('detection', { config, log, metrics })
  const frames = await connectService('detection frames', { config, log, metrics })
  lifecycle.add({
    name: 'connections',
    async stop() {
      await frames.close()
      await bus.close()
    },
  })
  lifecycle.add(
    new DetectionWorker({ detector, instance: config.instance, bus, frames, clock, metrics, log }),
  )
  const health = lifecycle.add(
    createHealthServer({
      host: config.httpHost,
      port: config.httpPort,
      metrics,
      log,
      checks: () => ({
        ...connectionChecks(['nats'], { nats: bus }),
        frames: connectionChecks(['nats'], { nats: frames }).nats!,
      }),
    }),
  )
  const { info } = detector
  return () => ({
    httpPort: health.port,
    model: info.model,
    provider: info.provider,
    sessions: sessions.length,
  })
})

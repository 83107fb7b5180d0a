import { setPriority } from 'node:os'
import { fileURLToPath } from 'node:url'
import { runService, type ServiceContext } from '#platform/lifecycle/run-service.ts'
import { connectApart } from '#platform/nats/connect-service.ts'
import { resolveModel } from '../models/resolve-model.ts'
import { defaultSessions, loadDetectionConfig } from './detection-config.ts'
import { DetectionWorker } from './detection-worker.ts'
import { createOnnxDetector } from './onnx-detector.ts'
import { openSessions } from './open-sessions.ts'

const STARTER = fileURLToPath(new URL('./starter/manifest.json', import.meta.url))
/** Pictures can be dropped, tasks can't: where both want the processor, tasks go first. */
const NICENESS = 19

await runService('detection', build, { connect: connectApart, metrics: ['detection'] })

async function build({ config, log, clock, lifecycle, metrics, connect }: ServiceContext) {
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
  const bus = await connect()
  const frames = await connect('frames')
  lifecycle.add(
    new DetectionWorker({ detector, instance: config.instance, bus, frames, clock, metrics, log }),
  )
  const { model: name, provider } = detector.info
  return () => ({ model: name, provider, sessions: sessions.length })
}

import { setPriority } from 'node:os'
import { fileURLToPath } from 'node:url'
import { runService, type ServiceContext } from '#platform/lifecycle/run-service.ts'
import { connectApart } from '#platform/nats/connect-service.ts'
import { modelWarning } from '../models/missing-model.ts'
import { modelSources } from '../models/model-source.ts'
import { defaultSessions, loadDetectionConfig } from './detection-config.ts'
import { DetectionWorker } from './detection-worker.ts'
import { DetectorHealth } from './detector-health.ts'
import { ModelServer, type ModelServerDeps } from './model-server.ts'
import { createOnnxDetector } from './onnx-detector.ts'
import { openSessions } from './open-sessions.ts'

const STARTER = fileURLToPath(new URL('./starter/manifest.json', import.meta.url))
/** Pictures can be dropped, tasks can't: where both want the processor, tasks go first. */
const NICENESS = 19

await runService('detection', build, { connect: connectApart, metrics: ['detection'] })

async function build({ config, log, clock, lifecycle, metrics, connect, addFacts }: ServiceContext) {
  const settings = loadDetectionConfig()
  const sources = await modelSources({ home: config.home, wanted: settings.model, starter: STARTER })
  setPriority(NICENESS)
  const open: ModelServerDeps['open'] = async (file, { manifest }) =>
    createOnnxDetector(
      manifest,
      await openSessions(file, {
        provider: settings.provider,
        sessions: settings.sessions ?? defaultSessions(),
        log,
      }),
    )
  const bus = await connect()
  const frames = await connect('frames')
  const { instance } = config
  const about = () => ({ models: server.readyNames, provider: server.provider })
  const health = new DetectorHealth({ bus, clock, instance, about })
  const run: ModelServerDeps['run'] = async (detector, { manifest }, { takesUnnamed }) => {
    const model = { name: manifest.name, domain: manifest.card?.domain }
    const warningFor = modelWarning.bind(undefined, model)
    const shared = { instance, bus, frames, clock, metrics, log, warningFor, health }
    const named = new DetectionWorker({ ...shared, detector, model: manifest.name })
    // Captures of a release before name no model. The detector is closed once, by the other one.
    const unnamed = new DetectionWorker({ ...shared, detector: { ...detector, close: async () => {} } })
    const workers = takesUnnamed ? [unnamed, named] : [named]
    await Promise.all(workers.map((worker) => worker.start()))
    return {
      quiesce: async () => void (await Promise.all(workers.map((worker) => worker.quiesce()))),
      async stop() {
        for (const worker of workers) await worker.stop()
      },
    }
  }
  const { mayPull } = settings
  const server = new ModelServer({ sources, instance, mayPull, open, run, bus, clock, log, health })
  lifecycle.add(server)
  addFacts(() => ({ models: server.readyNames.join(', ') || 'none yet' }))
  return () => ({ model: sources.chosen ?? 'by the source' })
}

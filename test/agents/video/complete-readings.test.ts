import t from 'tap'
import { systemClock } from '#platform/clock/clock.ts'
import { findFfmpeg } from '#platform/config/ffmpeg.ts'
import { captureInputSchema, trackingInputSchema } from '#schemas/monitor-steps.ts'
import { createMemoryBlobs, createTestContext } from '#sdk/testing.ts'
import { MODEL_FOR } from '#subjects/model-token.ts'
import { SUBJECTS } from '#subjects/subjects.ts'
import { createCaptureAgent } from '../../../services/agents/video/capture/agent.ts'
import { DetectionWorker } from '../../../services/agents/video/detection/detection-worker.ts'
import type { Detector } from '../../../services/agents/video/detection/detector.ts'
import { encodeFrame } from '../../../services/agents/video/frames/frame-message.ts'
import { createTrackingAgent } from '../../../services/agents/video/tracking/agent.ts'
import { createMetrics } from '../../../services/platform/telemetry/metrics.ts'
import { openBus } from '../../support/bus.ts'
import { provideQueues } from '../../support/queues.ts'
import { withServers } from '../../support/servers.ts'
import { makeClip, skip } from './capture/clips.ts'
import { frame } from './detection/detection-fixtures.ts'

const INPUT = { width: 64, height: 64 }
const FRAMES = 40
const log = { debug() {}, info() {}, warn() {}, error() {} } as never

/** Takes its time, stands still for longer than frames are kept, and fails now and then. */
class BusyDetector implements Detector {
  readonly info = { model: 'busy', provider: 'cpu', classes: ['person'], inputs: [INPUT], minScore: 0.3 }
  readonly batch = 1
  readonly parallel = 1
  #looked = 0

  async detect(...[frames]: Parameters<Detector['detect']>) {
    this.#looked++
    await systemClock.sleep(this.#looked === 20 ? 4000 : 20)
    if (this.#looked % 25 === 0) throw new Error('the network failed')
    return frames.map(() => [])
  }

  async close() {}
}

t.test(
  'two complete readings with one name, slow and faulty detectors, a full stream: no frame is lost',
  { skip },
  async (t) => {
    const servers = await withServers(t)
    const bus = await openBus(t, servers.natsUrl)
    await provideQueues(t, bus)
    await bus.streams.provision({ partitions: 1, storageBytes: 2 ** 30 })
    const { info } = new BusyDetector()
    const ready = { model: info.model, state: 'ready', info }
    bus.serveSubject(SUBJECTS.detectionModel(MODEL_FOR.real), () => ready, { queue: 'detectors' })
    for (const instance of ['d1', 'd2']) {
      const worker = new DetectionWorker({
        ...{
          detector: new BusyDetector(),
          model: info.model,
          instance,
          clock: systemClock,
          metrics: createMetrics(),
          log,
        },
        bus: await openBus(t, servers.natsUrl),
        frames: await openBus(t, servers.natsUrl),
      })
      await worker.start()
      t.teardown(() => worker.stop())
    }
    // Live cameras, more than the detectors can look at.
    const others = setInterval(() => {
      for (const camera of ['x1', 'x2', 'x3'])
        bus.publishCore(
          SUBJECTS.framesOfModel('default', camera, info.model),
          encodeFrame(frame({ camera, monitor: `of-${camera}` })),
        )
    }, 50)
    t.teardown(() => clearInterval(others))
    const blobs = createMemoryBlobs()
    const clip = await makeClip(t, { seconds: FRAMES / 10 })
    const blob = await blobs.put(clip, { contentType: 'video/mp4' })
    const end = new AbortController()
    t.teardown(() => end.abort(new Error('the test is over')))

    async function read(taskId: string) {
      const ctx = () => createTestContext({ taskId, signal: end.signal, blobs, nowMs: () => Date.now() })
      const own = await openBus(t, servers.natsUrl)
      const capture = createCaptureAgent({
        bus: own,
        frames: await openBus(t, servers.natsUrl),
        clock: systemClock,
        config: { networks: [], ports: [] },
        findTools: () => findFfmpeg(),
      })
      t.teardown(() => capture.stop?.())
      const tracking = createTrackingAgent({ bus: own, clock: systemClock })
      const input = { source: { kind: 'file', blob }, camera: 'clip', pace: 'complete' } as const
      const [captured, tracked] = await Promise.all([
        capture.handle(captureInputSchema.parse(input), ctx()),
        tracking.handle(trackingInputSchema.parse({ camera: 'clip' }), ctx()),
      ])
      if (captured.kind !== 'done' || tracked.kind !== 'done')
        throw new Error(`${captured.kind} ${tracked.kind}`)
      return { ...captured.output.frames, ...tracked.output.frames }
    }

    const lost = { droppedAtCapture: 0, gated: 0, droppedAtDetection: 0, late: 0 }
    const all = { decoded: FRAMES, ...lost, analysed: FRAMES }
    t.strictSame(await Promise.all([read('one'), read('two')]), [all, all])
  },
)

import type { Test } from 'tap'
import type { z } from 'zod'
import { systemClock } from '#platform/clock/clock.ts'
import { findFfmpeg } from '#platform/config/ffmpeg.ts'
import { type CameraState, cameraStateSchema, type Tracks, tracksSchema } from '#schemas/camera.ts'
import { type FrameHeader, frameHeaderSchema } from '#schemas/frame.ts'
import { type CaptureInput, type CaptureSummary, captureInputSchema } from '#schemas/monitor-steps.ts'
import { type AbortReason, StepAborted } from '#sdk/define-agent.ts'
import type { Outcome } from '#sdk/index.ts'
import { createMemoryBlobs, createTestContext, type TestContext } from '#sdk/testing.ts'
import { SERVICES } from '#subjects/operations.ts'
import { SUBJECTS } from '#subjects/subjects.ts'
import type { LocalServers } from '../../../../deploy/local/servers/start-servers.ts'
import { createCaptureAgent, type SceneRenderer } from '../../../../services/agents/video/capture/agent.ts'
import type { CaptureWaits } from '../../../../services/agents/video/capture/limits.ts'
import type { Recordings } from '../../../../services/agents/video/capture/recording/monitor-recorder.ts'
import type { VideoConfig } from '../../../../services/agents/video/capture/video-config.ts'
import { decodeFrame } from '../../../../services/agents/video/frames/frame-message.ts'
import type { Bus } from '../../../../services/platform/nats/bus.ts'
import { openBus } from '../../../support/bus.ts'

/** A frame as a detector gets it. */
export interface SeenFrame extends FrameHeader {
  planes: Uint8Array
}

export interface MonitorOptions {
  servers: LocalServers
  input: Omit<z.input<typeof captureInputSchema>, 'camera'> & { camera?: string }
  blobs?: ReturnType<typeof createMemoryBlobs>
  networks?: readonly string[]
  tenant?: string
  /** More of the settings of capture. */
  config?: Partial<VideoConfig>
  scenes?: SceneRenderer
  /** Where it is recorded. */
  recordings?: Recordings
  /** Shorter waits for sources than a real monitor has. */
  waits?: CaptureWaits
  /** What the detectors take. */
  inputs?: { width: number; height: number }[]
  /** The name of their model; without one they are of a release that knew no names. */
  model?: string
  /** How the stand-ins for detector and tracker answer a frame: after so long, or never. */
  answer?: (frame: SeenFrame) => { afterMs?: number; tracks?: Partial<Tracks> } | undefined
  /** Keeps only what the header says. */
  keepPlanes?: boolean
}

export interface Monitor {
  frames: SeenFrame[]
  states: CameraState[]
  ctx: TestContext
  bus: Bus
  frameBus: Bus
  outcome: Promise<Outcome<CaptureSummary>>
  /** Resolves with the first state that fits, one that has been there already included. */
  state(fits: (state: CameraState) => boolean): Promise<CameraState>
  /** Resolves when there are as many frames. */
  framesSeen(count: number): Promise<void>
  abort(reason: AbortReason): void
}

let counter = 0

/** The capture agent on a real server, with a detector and a tracker that only count. */
export async function startMonitor(t: Test, options: MonitorOptions): Promise<Monitor> {
  const {
    servers,
    networks = ['127.0.0.0/8'],
    scenes,
    waits,
    inputs = [{ width: 128, height: 96 }],
  } = options
  const [bus, frameBus, other] = await Promise.all([1, 2, 3].map(() => openBus(t, servers.natsUrl)))
  const camera = options.input.camera ?? `cam${++counter}`
  const input: CaptureInput = captureInputSchema.parse({ ...options.input, camera })
  const taskId = `task-${camera}`
  const frames: SeenFrame[] = []
  const states: CameraState[] = []
  const watchers = new Set<() => void>()
  const wake = () => {
    for (const poll of watchers) poll()
  }
  const ends = [
    other!.serveSubject(SERVICES.detectionInfo, () => ({ ...DETECTOR, inputs }), { queue: 'detectors' }),
    ...(options.model === undefined
      ? []
      : [
          other!.serveSubject(
            SUBJECTS.detectionModel(options.model),
            () => ({
              model: options.model,
              state: 'ready',
              info: { ...DETECTOR, model: options.model, inputs },
            }),
            { queue: 'detectors' },
          ),
        ]),
    other!.serveSubject(SUBJECTS.monitorReady(taskId), () => ({ ready: true }), { queue: 'tracker' }),
    other!.subscribe(SUBJECTS.cameraState('default', camera), ({ data }) => {
      states.push(cameraStateSchema.parse(JSON.parse(Buffer.from(data).toString())))
      wake()
    }),
    other!.subscribe(SUBJECTS.framesAll, ({ data }) => {
      const { header, planes } = decodeFrame(data)
      if (header.monitor !== taskId) return
      const frame = { ...frameHeaderSchema.parse(header), planes: options.keepPlanes ? planes : EMPTY }
      frames.push(frame)
      wake()
      const answer = options.answer ? options.answer(frame) : {}
      if (!answer) return
      const publish = () =>
        other!.publishCore(SUBJECTS.tracks('default', camera), JSON.stringify(tracksOf(frame, answer.tracks)))
      if (answer.afterMs === undefined) publish()
      else setTimeout(publish, answer.afterMs)
    }),
  ]
  await other!.flush()
  const cancel = new AbortController()
  const agent = createCaptureAgent({
    bus: bus!,
    frames: frameBus!,
    clock: systemClock,
    config: {
      networks: networks.map((entry) => ({ tenant: '*', entry })),
      ports: [{ tenant: '*', entry: '*' }],
      ...options.config,
    },
    findTools: () => findFfmpeg(),
    ...(scenes && { scenes }),
    ...(waits && { waits }),
    ...(options.recordings && { recordings: options.recordings }),
  })
  const ctx = createTestContext({
    ...(options.tenant !== undefined && { tenant: options.tenant }),
    taskId,
    signal: cancel.signal,
    nowMs: () => Date.now(),
    blobs: options.blobs ?? createMemoryBlobs(),
  })
  const outcome = Promise.resolve(agent.handle(input, ctx)) as Promise<Outcome<CaptureSummary>>
  t.teardown(async () => {
    cancel.abort(new Error('the test is over'))
    await outcome.catch(() => undefined)
    await agent.stop?.()
    for (const end of ends) end()
  })

  function seen<Found>(what: string, poll: () => Found | undefined): Promise<Found> {
    return new Promise((resolve, reject) => {
      const finish = () => {
        clearTimeout(timer)
        watchers.delete(check)
      }
      const check = () => {
        const found = poll()
        if (found === undefined) return
        finish()
        resolve(found)
      }
      const timer = setTimeout(() => {
        finish()
        reject(new Error(`waited in vain for ${what}; last state ${JSON.stringify(states.at(-1))}`))
      }, 45_000)
      watchers.add(check)
      check()
    })
  }

  return {
    frames,
    states,
    ctx,
    bus: other!,
    frameBus: frameBus!,
    outcome,
    state: (fits) => seen('a state', () => states.find(fits)),
    framesSeen: async (count) => {
      await seen(`${count} frames`, () => (frames.length >= count ? true : undefined))
    },
    abort: (reason) => cancel.abort(new StepAborted(reason)),
  }
}

const EMPTY = new Uint8Array()
const DETECTOR = { model: 'test', provider: 'cpu', classes: ['person', 'vehicle'], minScore: 0.3 }

function tracksOf(frame: SeenFrame, more: Partial<Tracks> = {}): Tracks {
  const { v, camera, monitor, epoch, seq, capturedAtMs, atMs, mediaMs } = frame
  return tracksSchema.parse({
    ...{ v, camera, monitor, epoch, seq, capturedAtMs, atMs, mediaMs },
    ...{ tracks: [], persons: 0, vehicles: 0, latencyMs: 1, frames: seq },
    ...more,
  })
}

import type { CameraEvent } from '../../schemas/camera-event.ts'
import type { Detection } from '../../schemas/detection.ts'
import type { Analyse, Sensitivity } from '../../schemas/monitor-request.ts'
import { trackingInputSchema } from '../../schemas/monitor-steps.ts'
import type { SceneFrame, SceneTruth } from '../../schemas/scene-truth.ts'
import { describeFrame } from '../../services/agents/video/appearance/describe-frame.ts'
import { createGateKeeper } from '../../services/agents/video/capture/motion/frame-gate.ts'
import type { Detector } from '../../services/agents/video/detection/detector.ts'
import type { Frame } from '../../services/agents/video/frames/frame-message.ts'
import { findScenario } from '../../services/agents/video/scenes/scenarios/catalogue.ts'
import { createScenarioRenderer } from '../../services/agents/video/scenes/scenarios/scenario-renderer.ts'
import { NEW_MONITOR } from '../../services/agents/video/tracking/monitor/monitor-state.ts'
import {
  type MonitorSetup,
  monitorSetup,
  stepMonitor,
} from '../../services/agents/video/tracking/monitor/step-monitor.ts'

const START_MS = 1_790_000_000_000

/** A frame and what a detector sees in it, whether it is looked at or not. */
export interface LookedFrame {
  frame: Frame
  seen: { detections: Detection[]; view?: string | undefined }
}

export interface GatedOutcome {
  events: CameraEvent[]
  /** Frames that went to the detector, and those of which the tracker was told that nothing moved. */
  looked: number
  told: number
}

export interface GatedOptions {
  analyse: Analyse
  sensitivity?: Sensitivity
  /** So many frames later a look comes back. */
  delay?: number
  /** False: what moves is looked at frame by frame. */
  spares?: boolean
}

/** Frames through gate, tracker and rules as they go live, without anything between. */
export function followGated(
  setup: MonitorSetup,
  frames: readonly LookedFrame[],
  { analyse, sensitivity = 'normal', delay = 2, spares = true }: GatedOptions,
): GatedOutcome {
  const gate = createGateKeeper({ input: { analyse, idleFps: 0.5, sensitivity }, tellsAlways: false })
  const outcome: GatedOutcome = { events: [], looked: 0, told: 0 }
  const onTheWay: (() => void)[] = []
  let state = NEW_MONITOR
  const take = (message: Parameters<typeof stepMonitor>[2]) => {
    const step = stepMonitor(setup, state, message, 0)
    state = step.state
    outcome.events.push(...step.events)
    if (!step.tracks) return
    const { lookMovingMs, ...tracks } = step.tracks
    gate.returned(spares ? { ...tracks, lookMovingMs } : tracks)
  }
  for (const { frame, seen } of frames) {
    const header = { ...frame.header, pace: 'live' as const }
    const { width, height, contentWidth, contentHeight } = header
    const sizes = { input: { width, height }, content: { width: contentWidth, height: contentHeight } }
    const verdict = gate.decide(frame.planes, sizes, header)
    const { account } = gate
    if (verdict === 'spared') {
      gate.spared(header)
      onTheWay.push(() => undefined)
    } else if (verdict === 'unneeded') {
      const left = gate.left(header)
      if (left) take({ ...header, gated: true, gate: left })
      if (left) outcome.told++
      onTheWay.push(() => undefined)
    } else {
      gate.sent(header, verdict)
      outcome.looked++
      const about = { model: 'here', detector: 'here', skipped: 0, inferMs: 0 }
      onTheWay.push(() => take({ ...header, ...about, ...seen, ...(account && { gate: account }) }))
    }
    if (onTheWay.length > delay) onTheWay.shift()!()
  }
  for (const arrive of onTheWay) arrive()
  return outcome
}

/** A rendered scene, every frame of it as a detector sees it; and its truth. */
export interface LookedScene {
  setup: MonitorSetup
  frames: LookedFrame[]
  truth: SceneTruth
}

/**
 * Renders a scene and has every frame looked at.
 * @param look what is seen in a frame: a network, or something that knows the truth
 */
export async function lookAtScene(
  { scenario, seed, fps, width }: { scenario: string; seed: number; fps: number; width: number },
  { look, minScore }: { look: (frame: Frame, truth: SceneFrame) => Promise<Detection[]>; minScore: number },
): Promise<LookedScene> {
  const found = findScenario(scenario)
  if (!found) throw new Error(`there is no scenario "${scenario}"`)
  const size = { width, height: Math.round((width * 9) / 32) * 2 }
  const renderer = createScenarioRenderer(found, { ...size, seed, fps })
  const { zones, lines, rules } = renderer.watch
  const input = trackingInputSchema.parse({ camera: 'scene', zones, lines, rules })
  const setup = monitorSetup(input, { monitor: 'scene', tenant: 'default', minScore })
  const frames: LookedFrame[] = []
  const truths: SceneFrame[] = []
  for (let index = 0; index < renderer.frameCount; index++) {
    const { pixels, frame: truth } = renderer.renderFrame(index)
    truths.push(truth)
    const frame = frameOf(pixels, { ...size, index, atMs: truth.atMs })
    const detections = await look(frame, truth)
    frames.push({ frame, seen: describeFrame(frame, detections) })
  }
  return { setup, frames, truth: renderer.groundTruth(truths) }
}

/** A detector as `lookAtScene` wants it: pictures get the border below that the lowest input has which they fit. */
export function lookWith(detector: Detector): (frame: Frame) => Promise<Detection[]> {
  return async (frame) => {
    const { width, contentHeight } = frame.header
    const fitting = detector.info.inputs.filter(
      (input) => input.width === width && input.height >= contentHeight,
    )
    const height = Math.min(...fitting.map((input) => input.height))
    const [detections = []] = await detector.detect([{ ...frame, header: { ...frame.header, height } }])
    return detections
  }
}

const SAME_MS = 1000

/** What a run made of the events of the truth. */
export interface AgainstTruth {
  events: number
  missed: string[]
  /** Told, and not in the truth. */
  more: string[]
}

/** Every event of the truth belongs to one that was told of its rule within a second. Pure. */
export function againstTruth(truth: SceneTruth, told: readonly CameraEvent[]): AgainstTruth {
  const left = [...told]
  const missed = truth.events.flatMap((event) => {
    const at = left.findIndex(
      ({ rule, mediaMs }) => rule.id === event.rule && Math.abs(mediaMs - event.atMs) <= SAME_MS,
    )
    if (at >= 0) left.splice(at, 1)
    return at >= 0 ? [] : [`${event.rule} at ${Math.round(event.atMs)} ms`]
  })
  const more = left.map(({ rule, mediaMs, subject }) => `${rule.id} of ${subject} at ${mediaMs} ms`)
  return { events: truth.events.length, missed, more }
}

/** Red, green and blue bytes as a frame: planes of green, blue and red. */
function frameOf(
  pixels: Uint8Array,
  { width, height, index, atMs }: { width: number; height: number; index: number; atMs: number },
): Frame {
  const plane = width * height
  const planes = new Uint8Array(3 * plane)
  for (let i = 0; i < plane; i++) {
    planes[i] = pixels[3 * i + 1]!
    planes[plane + i] = pixels[3 * i + 2]!
    planes[2 * plane + i] = pixels[3 * i]!
  }
  return {
    planes,
    header: {
      ...{ v: 1, camera: 'scene', monitor: 'scene', epoch: 1, seq: index + 1, pace: 'live', width, height },
      ...{ contentWidth: width, contentHeight: height },
      ...{ capturedAtMs: START_MS + atMs, atMs: START_MS + atMs, mediaMs: atMs },
    },
  }
}

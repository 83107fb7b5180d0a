import type { CameraEvent } from '../../schemas/camera-event.ts'
import { trackingInputSchema } from '../../schemas/monitor-steps.ts'
import type { SceneFrame, SceneTruth } from '../../schemas/scene-truth.ts'
import { describeFrame } from '../../services/agents/video/appearance/describe-frame.ts'
import type { Detector } from '../../services/agents/video/detection/detector.ts'
import type { Frame } from '../../services/agents/video/frames/frame-message.ts'
import { findScenario } from '../../services/agents/video/scenes/scenarios/catalogue.ts'
import { createScenarioRenderer } from '../../services/agents/video/scenes/scenarios/scenario-renderer.ts'
import { NEW_MONITOR } from '../../services/agents/video/tracking/monitor/monitor-state.ts'
import { monitorSetup, stepMonitor } from '../../services/agents/video/tracking/monitor/step-monitor.ts'

const START_MS = 1_790_000_000_000

/** A rendered scene through a detector, the tracker and the rules, without anything between; and its truth. */
export async function followScene(
  detector: Detector,
  { scenario, seed, fps }: { scenario: string; seed: number; fps: number },
): Promise<{ truth: SceneTruth; events: CameraEvent[] }> {
  const found = findScenario(scenario)
  if (!found) throw new Error(`there is no scenario "${scenario}"`)
  const { width, height } = detector.info.inputs[0]!
  const size = { width, height: Math.round((width * 9) / 32) * 2 }
  const renderer = createScenarioRenderer(found, { ...size, seed, fps })
  const { zones, lines, rules } = renderer.watch
  const input = trackingInputSchema.parse({ camera: 'scene', zones, lines, rules })
  const setup = monitorSetup(input, { monitor: 'scene', tenant: 'default', minScore: detector.info.minScore })
  const frames: SceneFrame[] = []
  const events: CameraEvent[] = []
  let state = NEW_MONITOR
  for (let index = 0; index < renderer.frameCount; index++) {
    const { pixels, frame } = renderer.renderFrame(index)
    frames.push(frame)
    const shown = frameOf(pixels, { ...size, frameHeight: height, index, atMs: frame.atMs })
    const [detections = []] = await detector.detect([shown])
    const about = { model: detector.info.model, detector: 'here', skipped: 0, inferMs: 0 }
    const step = stepMonitor(
      setup,
      state,
      { ...shown.header, ...about, ...describeFrame(shown, detections) },
      0,
    )
    state = step.state
    events.push(...step.events)
  }
  return { truth: renderer.groundTruth(frames), events }
}

/** Red, green and blue bytes as a frame: planes of green, blue and red. */
function frameOf(
  pixels: Uint8Array,
  about: { width: number; height: number; frameHeight: number; index: number; atMs: number },
): Frame {
  const { width, height, frameHeight, index, atMs } = about
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
      ...{ v: 1, camera: 'scene', monitor: 'scene', epoch: 1, seq: index + 1, pace: 'complete', width },
      ...{ height: frameHeight, contentWidth: width, contentHeight: height },
      ...{ capturedAtMs: START_MS + atMs, atMs: START_MS + atMs, mediaMs: atMs },
    },
  }
}

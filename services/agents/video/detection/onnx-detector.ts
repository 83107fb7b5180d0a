import type { Detection, DetectorInfo, ModelHead, ModelManifest } from '#schemas/detection.ts'
import type { Frame } from '../frames/frame-message.ts'
import type { Detector } from './detector.ts'
import { detrHead } from './heads/detr.ts'
import type { Candidate, Head } from './heads/head.ts'
import { yoloxHead } from './heads/yolox.ts'
import { modelFault } from './model-fault.ts'
import { nonMaxSuppression } from './non-max-suppression.ts'
import { type WantedClass, wantedClasses } from './object-classes.ts'
import type { ModelSession, Tensor } from './onnx-session.ts'
import { probeModel } from './probe-model.ts'
import { SessionLane } from './session-lane.ts'

const HEADS: Readonly<Record<ModelHead, Head>> = {
  'yolox-raw': yoloxHead('raw'),
  'yolox-decoded': yoloxHead('decoded'),
  detr: detrHead,
}

/**
 * A detector of sessions that all hold the same model; the one with the least to do takes the next frames.
 * @throws MurmurError MODEL_UNUSABLE with the shapes found and those expected
 */
export async function createOnnxDetector(
  manifest: ModelManifest,
  sessions: readonly [ModelSession, ...ModelSession[]],
): Promise<Detector> {
  const [first] = sessions
  const head = HEADS[manifest.head]
  const wanted = wantedClasses(manifest.classes)
  if (wanted.length === 0)
    throw modelFault(
      manifest.name,
      `none of its classes is a person or a vehicle: ${manifest.classes.join(', ')}`,
    )
  const fit = head.check(first.inputs, first.outputs, manifest.classes.length)
  if (typeof fit !== 'string')
    throw modelFault(manifest.name, `found ${fit.fault}; expected ${head.expects} (${manifest.head})`)
  const lanes = sessions.map((session) => new SessionLane(session, fit, head))
  const shape = first.inputs.find(({ name }) => name === fit)!.shape
  const { sizes, batch } = await probeModel(lanes[0]!, { manifest, head, shape, provider: first.provider })
  // The first run of a session is many times slower than all others.
  for (const lane of lanes.slice(1)) await lane.runGrey(1, sizes[0]!, () => undefined)
  const info: DetectorInfo = {
    model: manifest.name,
    provider: first.provider,
    classes: [...new Set(wanted.map((one) => one.class))],
    inputs: sizes,
    minScore: manifest.scoreThreshold,
  }
  const reading = { head, wanted, minScore: info.minScore }
  return {
    info,
    batch,
    parallel: lanes.length,
    detect(frames, onRun) {
      const lane = lanes.reduce((best, other) => (other.open < best.open ? other : best))
      return lane.run(frames, ({ outputs, runMs }) => {
        onRun?.(runMs)
        return frames.map((frame, index) => readFrame(outputs, { frame, index }, reading))
      })
    },
    async close() {
      for (const lane of lanes) await lane.close()
    },
  }
}

interface Reading {
  head: Head
  wanted: readonly WantedClass[]
  /** Unless the frame says otherwise. */
  minScore: number
}

function readFrame(
  outputs: Readonly<Record<string, Tensor>>,
  { frame: { header }, index }: { frame: Frame; index: number },
  { head, wanted, minScore }: Reading,
): Detection[] {
  const seen = head.read(outputs, index, header, { wanted, minScore: header.minScore ?? minScore })
  const kept = head.needsSuppression ? nonMaxSuppression(seen) : seen
  return kept.flatMap((candidate) => detectionOf(candidate, header.contentWidth, header.contentHeight))
}

/** In shares of the source's picture; what lies in the grey border is none. */
function detectionOf(candidate: Candidate, width: number, height: number): Detection[] {
  const share = (value: number, of: number) => Math.min(1, Math.max(0, value / of))
  const box: Detection['box'] = [
    share(candidate.left, width),
    share(candidate.top, height),
    share(candidate.right, width),
    share(candidate.bottom, height),
  ]
  if (box[2] <= box[0] || box[3] <= box[1]) return []
  const { class: objectClass, label, score } = candidate
  return [{ class: objectClass, label, score, box }]
}

import type { Detection, DetectorInfo, ModelHead, ModelManifest } from '#schemas/detection.ts'
import type { Frame } from '../frames/frame-message.ts'
import type { Detector } from './detector.ts'
import { detrHead } from './heads/detr.ts'
import type { Candidate, Head } from './heads/head.ts'
import { yoloxHead } from './heads/yolox.ts'
import { modelFault } from './model-fault.ts'
import { nonMaxSuppression } from './non-max-suppression.ts'
import { distractorClasses, type WantedClass, wantedClasses } from './object-classes.ts'
import type { ModelSession, Tensor } from './onnx-session.ts'
import { probeModel } from './probe-model.ts'
import { scoreThresholds } from './score-thresholds.ts'
import { SessionLane } from './session-lane.ts'
import { inFrame, type Part, partsOf } from './tiles.ts'

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
    ...(manifest.scores && { scores: manifest.scores }),
  }
  const distractors = distractorClasses(manifest.classes)
  const reading: Reading = { head, wanted, distractors, model: info }
  return {
    info,
    batch,
    parallel: lanes.length,
    async detect(frames, onRun) {
      const lane = lanes.reduce((best, other) => (other.open < best.open ? other : best))
      const parts = frames.flatMap((frame) => partsOf(frame).map((part) => ({ frame, part })))
      const seen = new Map<Frame, Candidate[]>(frames.map((frame) => [frame, []]))
      let ranMs = 0
      // A frame that is not cut is one picture, and they all fit into one call.
      for (const some of batchesOf(parts, parts.length === frames.length ? frames.length : batch)) {
        const pictures = some.map(({ part }) => part.picture)
        await lane.run(pictures, ({ outputs, runMs }) => {
          ranMs += runMs
          some.forEach(({ frame, part }, i) => {
            seen.get(frame)!.push(...readPart(outputs, { frame, part, index: i }, reading))
          })
        })
      }
      onRun?.(ranMs)
      return frames.map((frame) => finish(frame, seen.get(frame)!, head))
    },
    async close() {
      for (const lane of lanes) await lane.close()
    },
  }
}

interface Reading {
  head: Head
  wanted: readonly WantedClass[]
  distractors: readonly number[]
  /** What the model believes unless the frame says otherwise. */
  model: DetectorInfo
}

function readPart(
  outputs: Readonly<Record<string, Tensor>>,
  { frame, part, index }: { frame: Frame; part: Part; index: number },
  { head, wanted, distractors, model }: Reading,
): Candidate[] {
  const thresholds = scoreThresholds(wanted, model, frame.header)
  const seen = head.read(outputs, index, part.picture.header, { wanted, distractors, thresholds })
  return frame.header.tiles ? seen.map((candidate) => inFrame(candidate, part, frame)) : seen
}

function finish(frame: Frame, seen: readonly Candidate[], head: Head): Detection[] {
  // Networks that see each object once see it several times in several parts.
  const kept = head.needsSuppression || frame.header.tiles ? nonMaxSuppression(seen) : seen
  const { contentWidth, contentHeight } = frame.header
  return kept.flatMap((candidate) => detectionOf(candidate, contentWidth, contentHeight))
}

function batchesOf<Item>(items: readonly Item[], size: number): Item[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) =>
    items.slice(i * size, (i + 1) * size),
  )
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

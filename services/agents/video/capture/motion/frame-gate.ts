import type { Tracks } from '#schemas/camera.ts'
import type { FrameGate, FrameHeader } from '#schemas/frame.ts'
import type { CaptureInput } from '#schemas/monitor-steps.ts'
import type { FrameSizes } from '../decode/decode-plan.ts'
import { createLookPlan, type Look } from './look-plan.ts'
import { createMotionDetector, type MotionDetector } from './motion-detector.ts'
import { createWhereabouts } from './whereabouts.ts'

/** Of which frames is told that they were not looked at. */
type Moment = NonNullable<FrameGate['last']>

/** Decides which frames of a source go to the detectors, and remembers which did not. */
export interface GateKeeper {
  /** To be asked about every frame in its order; `mediaMs` never goes back. */
  decide(
    planes: Uint8Array,
    sizes: Pick<FrameSizes, 'input' | 'content'>,
    header: Pick<FrameHeader, 'mediaMs' | 'pace'>,
  ): Look
  /** This frame went to the detectors. */
  sent(header: Pick<FrameHeader, 'seq' | 'mediaMs'>, look: Look): void
  /** This one should have, and could not: what is in it nobody knows. */
  lost(header: Pick<FrameHeader, 'seq'>, look: Look): void
  /** This frame did not. @returns whether its tracker is to be told now, and what */
  left(header: Pick<FrameHeader, 'seq' | 'capturedAtMs' | 'atMs' | 'mediaMs'>): FrameGate | undefined
  /** This frame did not, although something moves in it: its tracker follows that without. */
  spared(header: Pick<FrameHeader, 'seq'>): void
  /** What a frame that goes to the detectors now says of those before it; undefined when all were sent. */
  readonly account: FrameGate | undefined
  /** A frame has come back. */
  returned(tracks: Pick<Tracks, 'mediaMs' | 'tracks' | 'still' | 'lookAgainMs' | 'lookMovingMs'>): void
}

/** While something is tracked its tracker is told so often that nothing moves: dwell times and clips go on. Milliseconds. */
const TELL_INTERVAL_MS = 200
/** Trackers of the release before say nothing: what is there is looked at so often. Milliseconds. */
const UNTOLD_LOOK_MS = 500

/** @param options.tellsAlways the tracker is told although it tracks nothing: the frames are wanted in a clip */
export function createGateKeeper({
  input,
  tellsAlways,
  motion = createMotionDetector(input.sensitivity),
}: {
  input: Pick<CaptureInput, 'analyse' | 'idleFps' | 'sensitivity'>
  tellsAlways: boolean
  motion?: MotionDetector
}): GateKeeper {
  const idleMs = 1000 / input.idleFps
  const plan = createLookPlan({ idleMs })
  let gated = 0
  let after = 0
  let last: Moment | undefined
  let isTracking = false
  const whereabouts = createWhereabouts()
  let toldAtMs = Number.NEGATIVE_INFINITY

  const account = (): FrameGate | undefined =>
    gated === 0 ? undefined : { gated, after, ...(last && { last }) }

  return {
    decide(planes, sizes, { mediaMs, pace }) {
      const analyse = input.analyse ?? (pace === 'live' ? 'motion' : 'every')
      if (analyse === 'every') return 'motion'
      return plan.decide(mediaMs, motion.movement(planes, sizes, mediaMs, whereabouts.at(mediaMs)))
    },
    sent({ seq, mediaMs }, look) {
      plan.looked(mediaMs, look)
      if (look === 'motion') after = seq
      last = undefined
    },
    lost({ seq }, look) {
      // Its number is given to the next one: what is seen from there on is certain again.
      if (look === 'motion') after = seq
    },
    left({ seq, capturedAtMs, atMs, mediaMs }) {
      gated++
      last = { seq, capturedAtMs, atMs, mediaMs }
      if (!(isTracking || tellsAlways) || mediaMs - toldAtMs < TELL_INTERVAL_MS) return undefined
      toldAtMs = mediaMs
      return account()
    },
    spared({ seq }) {
      gated++
      after = seq
      last = undefined
    },
    get account() {
      return account()
    },
    returned({ mediaMs, tracks, still, lookAgainMs, lookMovingMs }) {
      isTracking = tracks.length > 0
      whereabouts.add(
        tracks.map(({ box }) => box),
        mediaMs,
      )
      if (still) return
      plan.wish({
        lookAgainMs: lookAgainMs ?? (isTracking ? UNTOLD_LOOK_MS : idleMs),
        // Each frame of a clip is annotated.
        ...(!tellsAlways && { lookMovingMs }),
      })
    },
  }
}

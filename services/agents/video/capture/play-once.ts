import type { CaptureSession } from './capture-session.ts'
import { decodeArguments } from './decode/decode-arguments.ts'
import { type Decoder, startDecoder } from './decode/decoder.ts'
import { planRate } from './decode/frame-rate.ts'
import { displayBytes, type FrameSizes } from './decode/frame-sizes.ts'
import { CAPTURE_LIMITS } from './limits.ts'
import type { Pass } from './publish/frame-flow.ts'
import { inputArguments } from './source/input-arguments.ts'
import type { Opening } from './source/video-input.ts'

const POLL_INTERVAL_MS = 200

/** How one reading of a source went. */
export interface Play {
  frames: number
  exitCode: number | null
  stderrTail: string
  /** No frame came for too long. */
  isStalled: boolean
}

export interface PlayPlan {
  opening: Opening
  isCamera: boolean
  sizes: FrameSizes
}

/**
 * Reads a source until it ends, stalls or the session does; ffmpeg is gone then. The opening is still to be closed.
 * @throws MurmurError PAYLOAD_TOO_LARGE when the server does not take frames of this size
 */
export async function playOnce(session: CaptureSession, plan: PlayPlan): Promise<Play> {
  const { flow, reporter, watch, ring, signal, input } = session
  const { opening, isCamera, sizes } = plan
  const { clock } = session.deps
  const bytes = displayBytes(sizes)
  const rate = planRate(opening.facts, { isCamera, ...(input.fps !== undefined && { fps: input.fps }) })
  const pass: Pass = {
    isCamera,
    sizes,
    fps: rate.fps,
    hold: () => decoder.hold(),
    release: () => decoder.release(),
  }
  const { version } = session
  const args = inputArguments(opening.spec, {
    isCamera,
    paced: !isCamera && input.pace === 'live',
    version: version[0],
    isKnown: true,
  })
  let frames = 0
  let frameAtMs = clock.monotonicMs()
  let failure: unknown
  let isStalled = false

  const decoder: Decoder = await startDecoder({
    ffmpeg: session.ffmpeg,
    argsFor: (outputs) => decodeArguments({ input: args, sizes, outputs, rateFilter: rate.filter, version }),
    sizes,
    feed: opening.feed,
    lendDisplay: () => ring.lend(bytes),
    onFrame(planes, display) {
      frames++
      frameAtMs = clock.monotonicMs()
      watch.picture()
      if (reporter.status !== 'live') reporter.set('live')
      try {
        flow.take(pass, planes, display)
        if (isOver(session, isCamera)) session.end({ ended: 'duration' })
      } catch (error) {
        failure = error
        void decoder.stop()
      }
    },
  })
  const stop = () => void decoder.stop()
  const stallMs = isCamera ? CAPTURE_LIMITS.cameraStallMs : CAPTURE_LIMITS.recordedStallMs
  const looking = setInterval(() => {
    if (flow.isHeld) frameAtMs = clock.monotonicMs()
    if (clock.monotonicMs() - frameAtMs < stallMs) return
    isStalled = true
    stop()
  }, POLL_INTERVAL_MS)
  signal.addEventListener('abort', stop, { once: true })
  try {
    if (signal.aborted) stop()
    const end = await decoder.ended
    if (failure !== undefined) throw failure
    return { frames, ...end, isStalled }
  } finally {
    clearInterval(looking)
    signal.removeEventListener('abort', stop)
    await decoder.stop()
  }
}

/** A recorded source lasts by its own time, however fast it is read. */
function isOver({ input, flow }: CaptureSession, isCamera: boolean): boolean {
  return !isCamera && input.durationMs !== undefined && flow.mediaMs >= input.durationMs
}

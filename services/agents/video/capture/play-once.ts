import type { Clock } from '#platform/clock/clock.ts'
import { factsFromDescription, type MediaFacts } from '#platform/media/media-facts.ts'
import { errorLines, infoLines } from '#platform/media/stderr-tail.ts'
import type { CaptureInput } from '#schemas/monitor-steps.ts'
import { decodeArguments, displayBytes, type FrameSizes, planRate } from './decode/decode-plan.ts'
import { type Decoder, startDecoder } from './decode/decoder.ts'
import type { DecodingChoice } from './decode/hardware-decoding.ts'
import { createLagMeter } from './decode/lag-meter.ts'
import type { FfmpegProgram } from './ffmpeg-program.ts'
import { CAPTURE_LIMITS, type CaptureWaits } from './limits.ts'
import type { DisplayRing } from './publish/display-ring.ts'
import type { FrameAbout, FrameFlow, Pass } from './publish/frame-flow.ts'
import type { MonitorRecorder } from './recording/monitor-recorder.ts'
import { inputArguments, inputEnvironment } from './source/input-arguments.ts'
import type { Opening } from './source/video-input.ts'

const POLL_INTERVAL_MS = 200
/** A source that gives a picture at a time may miss one. */
const MISSED_PICTURES = 2.5

/**
 * For how long a camera is waited for that was opened and has given no picture: it can be joined at a key frame only, and those of
 * cameras that save room are ten seconds apart and more. Milliseconds. @param stallMs for the next picture
 */
export function firstPictureMs(stallMs: number): number {
  return 3 * stallMs
}

/** How one reading of a source went. */
export interface Play {
  frames: number
  exitCode: number | null
  stderrTail: string
  /** No frame came for too long. */
  isStalled: boolean
  /** A recording was read as far as the request wants it. */
  isComplete: boolean
  /** The source has other pictures than was taken for granted: nothing of it was used, and it is to be looked at anew. */
  isOther: boolean
  /** A camera's pictures were so old that reading was ended. Milliseconds. */
  backlogMs?: number | undefined
}

export interface PlayPlan {
  opening: Opening
  isCamera: boolean
  sizes: FrameSizes
  about?: FrameAbout
  /** From where on detections of the model that looks at the frames count, unless the monitor says so. */
  minScore: number
}

export interface PlayDeps {
  ffmpeg: FfmpegProgram
  clock: Pick<Clock, 'monotonicMs'>
  flow: Pick<FrameFlow, 'take' | 'mediaMs' | 'isHeld' | 'originMs'>
  ring: Pick<DisplayRing, 'lend'>
  input: Pick<CaptureInput, 'fps' | 'pace' | 'durationMs'>
  waits: Pick<CaptureWaits, 'cameraStallMs'>
  /** What decodes; the processor unless given. */
  decoding?: DecodingChoice | undefined
  /** Records what is read; nothing is without it. */
  recorder?: Pick<MonitorRecorder, 'open'> | undefined
  /** Called for each frame before it is published. `lagMs`: how old it is, where its stream says the time. Milliseconds. */
  onFrame: (lagMs: number | undefined) => void
}

/**
 * Reads a source until it ends, stalls, has lasted long enough or the signal aborts; ffmpeg is gone then. The opening is still
 * to be closed.
 * @throws MurmurError PAYLOAD_TOO_LARGE when the server does not take frames of this size
 */
export async function playOnce(deps: PlayDeps, plan: PlayPlan, signal: AbortSignal): Promise<Play> {
  const { ffmpeg, clock, flow, ring, input, waits } = deps
  const { opening, isCamera, sizes, about } = plan
  const { version } = ffmpeg
  const meter = isCamera && hasTimes(opening.facts) ? createLagMeter(CAPTURE_LIMITS.backlogMs) : undefined
  const backlogForMs = CAPTURE_LIMITS[opening.spec.kind === 'http' ? 'segmentsForMs' : 'backlogForMs']
  const bytes = displayBytes(sizes)
  const { filter: rateFilter, rate } = planRate(opening.facts, { isCamera, fps: input.fps })
  const pass: Pass = {
    isCamera,
    sizes,
    ...(about && { about }),
    rate,
    hold: () => decoder.hold(),
    release: () => decoder.release(),
  }
  const args = inputArguments(opening.spec, {
    isCamera,
    paced: !isCamera && input.pace === 'live',
    version: version[0],
    isKnown: true,
  })
  const recording = deps.recorder?.open({
    facts: opening.facts,
    isCamera,
    originMs: () => flow.originMs(pass),
  })
  let frames = 0
  let frameAtMs = clock.monotonicMs()
  let failure: unknown
  let isStalled = false
  let isComplete = false
  let isOther = false
  let isUnseen = opening.isAssumed === true
  let backlogMs: number | undefined

  const decoder: Decoder = await startDecoder({
    ffmpeg: ffmpeg.path,
    env: inputEnvironment(opening.spec),
    argsFor: (outputs) =>
      decodeArguments({
        input: args,
        sizes,
        outputs,
        rateFilter,
        version,
        recordedCodec: opening.facts.codec,
        isTelling: opening.isAssumed,
        hwaccel: deps.decoding?.method,
        printsTimes: meter !== undefined,
      }),
    printsTimes: meter !== undefined,
    sizes,
    feed: opening.feed,
    record: recording,
    lendDisplay: () => ring.lend(bytes),
    onFrame(planes, display, mediaMs) {
      if (isOther) return
      if (isUnseen) {
        isUnseen = false
        isOther = isOtherThan(opening.facts, decoder.stderrTail())
        if (isOther) return stop()
      }
      frames++
      frameAtMs = clock.monotonicMs()
      if (meter && mediaMs !== undefined) meter.add(mediaMs, frameAtMs)
      deps.onFrame(meter?.lagMs)
      try {
        flow.take(pass, planes, display, meter?.lagMs)
        if (meter?.overSinceMs !== undefined && frameAtMs - meter.overSinceMs >= backlogForMs) {
          backlogMs = meter.lagMs
          stop()
        }
        // A recorded source lasts by its own time, however fast it is read.
        isComplete = !isCamera && input.durationMs !== undefined && flow.mediaMs >= input.durationMs
        if (isComplete) stop()
      } catch (error) {
        failure = error
        stop()
      }
    },
  })
  const stop = () => void decoder.stop()
  const stallMs = isCamera
    ? Math.max(waits.cameraStallMs, MISSED_PICTURES * (opening.pictureIntervalMs ?? 0))
    : CAPTURE_LIMITS.recordedStallMs
  const stallTimer = setInterval(() => {
    if (flow.isHeld) frameAtMs = clock.monotonicMs()
    if (clock.monotonicMs() - frameAtMs < (frames === 0 && isCamera ? firstPictureMs(stallMs) : stallMs))
      return
    isStalled = true
    stop()
  }, POLL_INTERVAL_MS)
  signal.addEventListener('abort', stop, { once: true })
  try {
    if (signal.aborted) stop()
    const end = await decoder.ended
    recording?.ended(end.stderrTail, frames)
    if (frames === 0 && !signal.aborted) deps.decoding?.noFrame(end.stderrTail)
    if (failure !== undefined) throw failure
    const stderrTail = opening.isAssumed ? errorLines(end.stderrTail) : end.stderrTail
    return { frames, exitCode: end.exitCode, stderrTail, isStalled, isComplete, isOther, backlogMs }
  } finally {
    clearInterval(stallTimer)
    signal.removeEventListener('abort', stop)
    await decoder.stop()
    await recording?.close()
  }
}

/** Whether what ffmpeg says about its input has another size than is known; what it does not say is taken as it is known. Pure. */
function isOtherThan({ width, height }: MediaFacts, stderr: string): boolean {
  const seen = factsFromDescription(infoLines(stderr))
  return seen !== undefined && seen.width > 0 && (seen.width !== width || seen.height !== height)
}

/** Pictures one behind the other without a word about their time: what ffmpeg says of it is their number by a rate that it made up. */
const TIMELESS = /^(?:mpjpeg|mjpeg|jpeg_pipe|image2|image2pipe|h264|hevc)$/

function hasTimes({ format }: Pick<MediaFacts, 'format'>): boolean {
  return !format.split(',').some((name) => TIMELESS.test(name))
}

import type { Clock } from '#platform/clock/clock.ts'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import type { MediaFacts } from '#platform/media/media-facts.ts'
import { toNumber } from '#platform/media/rational.ts'
import { lastErrorLine } from '#platform/media/stderr-tail.ts'
import type { Bus } from '#platform/nats/bus.ts'
import type { CaptureInput, CaptureSummary } from '#schemas/monitor-steps.ts'
import type { AgentLog } from '#sdk/define-agent.ts'
import { awaitDetectors, awaitTracker, queryDetectors } from './await-readiness.ts'
import { chooseSizes, type FrameSizes } from './decode/decode-plan.ts'
import { CAPTURE_LIMITS, type CaptureWaits } from './limits.ts'
import type { Play, PlayPlan } from './play-once.ts'
import type { CameraReporter } from './publish/camera-state.ts'
import type { InputSpec } from './source/input-arguments.ts'
import { sourceFault } from './source/source-fault.ts'
import type { Opening, VideoInput } from './source/video-input.ts'

/** How a source ended. */
export interface SourceEnd {
  ended: CaptureSummary['ended']
  reason?: string
}

/** The reason of a signal that ends capturing in order: no fault, and nothing to be retried. */
export class CaptureEnded extends Error {
  readonly end: SourceEnd

  constructor(end: SourceEnd) {
    super(end.ended)
    this.end = end
  }
}

/** How capturing was ended in order, if a signal has done so. */
export function orderedEnd(signal: AbortSignal): SourceEnd | undefined {
  return signal.reason instanceof CaptureEnded ? signal.reason.end : undefined
}

export interface FollowDeps {
  bus: Pick<Bus, 'request' | 'call'>
  clock: Clock
  log: Pick<AgentLog, 'warn'>
  reporter: CameraReporter
  monitor: string
  input: Pick<CaptureInput, 'camera' | 'loop' | 'durationMs'>
  waits: Pick<CaptureWaits, 'firstConnectMs' | 'cameraStallMs'>
  /** Reads what was opened until it ends. */
  play: (plan: PlayPlan, signal: AbortSignal) => Promise<Play>
  /** Called when pictures of a camera were so old that it is opened again at its live edge. Milliseconds. */
  onBacklog: (lagMs: number) => void
  /** Called when the source turns out to be a recording. */
  onRecording: (durationSec: number | undefined) => void
}

/** What can't be mended by trying again, not even for a camera. */
const PERMANENT: ReadonlySet<string> = new Set(['UNSUPPORTED_FORMAT', 'LIMIT_EXCEEDED', 'ADDRESS_FORBIDDEN'])

/**
 * Reads a source from its first opening to its end. One that lasts for a known time is a recording: it ends, and what is
 * wrong with it is an answer. Everything else is a camera: opened again until the signal aborts.
 * @throws MurmurError SOURCE_UNAVAILABLE, UNSUPPORTED_FORMAT, BROKEN_FILE, LIMIT_EXCEEDED, ADDRESS_FORBIDDEN; the signal's reason
 */
export async function followSource(
  deps: FollowDeps,
  source: VideoInput,
  signal: AbortSignal,
): Promise<SourceEnd> {
  const first = await openFirst(deps, source, signal)
  try {
    await awaitConsumers(deps, signal)
  } catch (error) {
    await first.close()
    throw error
  }
  const { spec, facts } = first
  const isRecorded =
    spec.kind === 'file' || spec.kind === 'scene' || (spec.kind === 'http' && facts.durationSec !== undefined)
  if (!isRecorded) return followCamera(deps, { source, first }, signal)
  deps.onRecording(facts.durationSec)
  return followRecording(deps, { source, first }, signal)
}

/** Opens it for the first time; a source that may come to life is tried for a while. */
async function openFirst(
  { clock, reporter, waits }: Pick<FollowDeps, 'clock' | 'reporter' | 'waits'>,
  source: VideoInput,
  signal: AbortSignal,
): Promise<Opening> {
  const untilMs = clock.monotonicMs() + waits.firstConnectMs
  for (let failures = 0; ; failures++) {
    try {
      return await source.open(signal)
    } catch (error) {
      signal.throwIfAborted()
      if (!(error instanceof MurmurError) || !source.mayComeBack || PERMANENT.has(error.code)) throw error
      reporter.set('offline', error.message)
      const pauseMs = backoffMs(failures)
      if (clock.monotonicMs() + pauseMs >= untilMs) throw neverConnected(error, waits.firstConnectMs)
      await clock.sleep(pauseMs, signal)
      signal.throwIfAborted()
    }
  }
}

function neverConnected(error: MurmurError, afterMs: number): MurmurError {
  const message = `no connection within ${afterMs / 1000} s: ${error.message}`
  return new MurmurError('SOURCE_UNAVAILABLE', message, { cause: error })
}

/** Frames that are published before detector and tracker listen would be lost. */
async function awaitConsumers(
  { bus, clock, reporter, monitor }: Pick<FollowDeps, 'bus' | 'clock' | 'reporter' | 'monitor'>,
  signal: AbortSignal,
): Promise<void> {
  reporter.set('connecting', 'waiting for a detector')
  await awaitDetectors({ bus, clock, signal })
  reporter.set('connecting', 'waiting for the tracker')
  await awaitTracker(monitor, { bus, clock, signal })
  reporter.set('connecting')
}

async function followRecording(
  deps: FollowDeps,
  { source, first }: { source: VideoInput; first: Opening },
  signal: AbortSignal,
): Promise<SourceEnd> {
  const { input, log, reporter } = deps
  for (let opening = first; ; opening = await source.open(signal)) {
    const kind = opening.spec.kind
    const play = await playOpened(deps, { opening, isCamera: false }, signal)
    if (play.isComplete) return { ended: 'duration' }
    signal.throwIfAborted()
    if (play.frames === 0) throw source.takeFault() ?? emptyRecording(kind, play)
    const trouble = troubleOf(play)
    if (trouble !== undefined) {
      log.warn({ camera: input.camera, trouble }, 'a recorded source did not end well')
      return { ended: 'source failed', reason: source.takeFault()?.message ?? trouble }
    }
    if (!input.loop) return { ended: 'end of source' }
    reporter.reconnects++
  }
}

/** Why a recording gave no frame. Pure. */
export function emptyRecording(
  kind: InputSpec['kind'],
  play: Pick<Play, 'isStalled' | 'stderrTail'>,
): MurmurError {
  if (play.isStalled) {
    const message = `the source gave no frame within ${CAPTURE_LIMITS.recordedStallMs / 1000} s`
    return new MurmurError('SOURCE_UNAVAILABLE', message)
  }
  if (/not on whitelist|exceeds/.test(play.stderrTail)) return sourceFault(kind, play.stderrTail)
  return new MurmurError('BROKEN_FILE', `not one frame could be decoded: ${lastErrorLine(play.stderrTail)}`)
}

/** Why a recording that gave frames is not complete; undefined when it is. Pure. */
export function troubleOf({
  exitCode,
  stderrTail,
  isStalled,
}: Pick<Play, 'exitCode' | 'stderrTail' | 'isStalled'>): string | undefined {
  if (isStalled) return 'the source stopped giving frames'
  if (
    exitCode === 0 &&
    !/partial file|truncated|Invalid data|error while decoding|Input\/output error/i.test(stderrTail)
  )
    return undefined
  return `the source is damaged or cut off: ${lastErrorLine(stderrTail)}`
}

async function followCamera(
  deps: FollowDeps,
  opened: { source: VideoInput; first: Opening },
  signal: AbortSignal,
): Promise<SourceEnd> {
  const { durationMs } = deps.input
  if (!durationMs) return reopenForever(deps, opened, signal)
  // By the clock: a camera that is away has a duration too.
  const timeUp = new AbortController()
  const timer = setTimeout(() => timeUp.abort(new CaptureEnded({ ended: 'duration' })), durationMs)
  try {
    return await reopenForever(deps, opened, AbortSignal.any([signal, timeUp.signal]))
  } finally {
    clearTimeout(timer)
  }
}

async function reopenForever(
  deps: FollowDeps,
  { source, first }: { source: VideoInput; first: Opening },
  signal: AbortSignal,
): Promise<SourceEnd> {
  const { reporter, clock, waits } = deps
  let opening: Opening | undefined = first
  for (let failures = 0; ; failures++) {
    let reason: string
    try {
      opening ??= await source.open(signal)
      const play = await playOpened(deps, { opening, isCamera: true }, signal)
      if (play.frames > 0) failures = 0
      if (play.backlogMs !== undefined) {
        deps.onBacklog(play.backlogMs)
        opening = undefined
        failures = -1
        continue
      }
      reason = source.takeFault()?.message ?? cameraOutage(play, waits.cameraStallMs)
    } catch (error) {
      const end = orderedEnd(signal)
      if (end) return end
      signal.throwIfAborted()
      if (!(error instanceof MurmurError) || error.code === 'PAYLOAD_TOO_LARGE') throw error
      reason = error.message
    }
    opening = undefined
    if (!signal.aborted) reporter.set('offline', reason)
    await clock.sleep(backoffMs(failures), signal)
    const end = orderedEnd(signal)
    if (end) return end
    signal.throwIfAborted()
    reporter.reconnects++
  }
}

/** Why a camera gives no frames any more. Pure. */
export function cameraOutage(
  { isStalled, stderrTail }: Pick<Play, 'isStalled' | 'stderrTail'>,
  stallMs: number = CAPTURE_LIMITS.cameraStallMs,
): string {
  if (isStalled) return `no frame came for ${stallMs / 1000} s`
  return stderrTail.trim() === '' ? 'the source ended' : `the source ended: ${lastErrorLine(stderrTail)}`
}

async function playOpened(
  deps: FollowDeps,
  plan: Omit<PlayPlan, 'sizes'>,
  signal: AbortSignal,
): Promise<Play> {
  try {
    const sizes = await frameSizes(deps, plan.opening.facts, signal)
    return await deps.play({ ...plan, sizes }, signal)
  } finally {
    await plan.opening.close()
  }
}

/** For what the detectors take at this moment: another model may have been started meanwhile. */
async function frameSizes(
  { bus, clock, reporter }: Pick<FollowDeps, 'bus' | 'clock' | 'reporter'>,
  { width, height, frameRate }: MediaFacts,
  signal: AbortSignal,
): Promise<FrameSizes> {
  const fps = frameRate && Math.round(toNumber(frameRate) * 100) / 100
  reporter.source = { width, height, ...(fps !== undefined && { fps }) }
  const { inputs } = (await queryDetectors({ bus })) ?? (await awaitDetectors({ bus, clock, signal }))
  return chooseSizes({ width, height }, inputs)
}

/**
 * Milliseconds until the next attempt: doubled each time up to a limit, with a random part, so that many cameras of one
 * switch don't come back at once.
 */
export function backoffMs(failures: number, random: number = Math.random()): number {
  const { first, max } = CAPTURE_LIMITS.backoffMs
  const full = Math.min(max, first * 2 ** Math.min(failures, 20))
  return full * (0.5 + random / 2)
}

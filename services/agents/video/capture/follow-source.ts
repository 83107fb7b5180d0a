import { MurmurError } from '#platform/errors/murmur-error.ts'
import { askDetectors, awaitDetectors, awaitTracker } from './await-readiness.ts'
import type { CaptureSession, SourceEnd } from './capture-session.ts'
import { chooseSizes, type FrameSizes } from './decode/frame-sizes.ts'
import { CAPTURE_LIMITS } from './limits.ts'
import { type Play, playOnce } from './play-once.ts'
import { lastErrorLine } from './program/stderr-tail.ts'
import type { SourceFacts } from './source/source-facts.ts'
import { sourceFault } from './source/source-fault.ts'
import type { Opening, VideoInput } from './source/video-input.ts'

/** What can't be mended by trying again, not even for a camera. */
const PERMANENT: ReadonlySet<string> = new Set(['UNSUPPORTED_FORMAT', 'LIMIT_EXCEEDED', 'ADDRESS_FORBIDDEN'])

/**
 * Reads a source from its first opening to its end. One that lasts for a known time is a recording: it ends, and what is
 * wrong with it is an answer. Everything else is a camera: opened again for as long as the session lives.
 * @throws MurmurError SOURCE_UNAVAILABLE, UNSUPPORTED_FORMAT, BROKEN_FILE, LIMIT_EXCEEDED, ADDRESS_FORBIDDEN
 */
export async function followSource(session: CaptureSession, source: VideoInput): Promise<SourceEnd> {
  const first = await openFirst(session, source)
  try {
    await meet(session)
  } catch (error) {
    await first.close()
    throw error
  }
  const { spec, facts } = first
  const isRecorded =
    spec.kind === 'file' || spec.kind === 'scene' || (spec.kind === 'http' && facts.durationSec !== undefined)
  session.phase = isRecorded ? 'recording' : 'camera'
  if (isRecorded && facts.durationSec !== undefined) session.durationSec = facts.durationSec
  return isRecorded ? followRecording(session, source, first) : followCamera(session, source, first)
}

/** Opens it for the first time; a source that may come to life is tried for a while. */
async function openFirst(session: CaptureSession, source: VideoInput): Promise<Opening> {
  const { reporter, signal, deps } = session
  const untilMs = deps.clock.monotonicMs() + CAPTURE_LIMITS.firstConnectMs
  for (let failures = 0; ; failures++) {
    try {
      return await source.open(signal)
    } catch (error) {
      signal.throwIfAborted()
      if (!(error instanceof MurmurError) || !source.mayComeBack || PERMANENT.has(error.code)) throw error
      reporter.set('offline', error.message)
      const pauseMs = backoffMs(failures)
      if (deps.clock.monotonicMs() + pauseMs >= untilMs) throw neverThere(error)
      await deps.clock.sleep(pauseMs, signal)
      signal.throwIfAborted()
    }
  }
}

function neverThere(error: MurmurError): MurmurError {
  const seconds = CAPTURE_LIMITS.firstConnectMs / 1000
  const message = `no connection within ${seconds} s: ${error.message}`
  return new MurmurError('SOURCE_UNAVAILABLE', message, { cause: error })
}

/** Frames go nowhere before somebody looks at them. */
async function meet(session: CaptureSession): Promise<void> {
  const { reporter, signal, ctx } = session
  const meeting = { bus: session.deps.bus, clock: session.deps.clock, signal }
  session.phase = 'meeting'
  reporter.set('connecting', 'waiting for a detector')
  await awaitDetectors(meeting)
  reporter.set('connecting', 'waiting for the tracker')
  await awaitTracker(ctx.taskId, meeting)
  reporter.set('connecting')
}

async function followRecording(
  session: CaptureSession,
  source: VideoInput,
  first: Opening,
): Promise<SourceEnd> {
  const { input, signal, ctx, reporter } = session
  for (let opening = first; ; opening = await source.open(signal)) {
    const kind = opening.spec.kind
    const play = await playOpened(session, opening, false)
    if (session.endedBy) return session.endedBy
    signal.throwIfAborted()
    if (play.frames === 0) throw source.takeFault() ?? emptyRecording(kind, play)
    const trouble = troubleOf(play)
    if (trouble !== undefined) {
      ctx.log.warn({ camera: input.camera, trouble }, 'a recorded source did not end well')
      return { ended: 'source failed', reason: source.takeFault()?.message ?? trouble }
    }
    if (!input.loop) return { ended: 'end of source' }
    reporter.reconnects++
  }
}

function emptyRecording(kind: Opening['spec']['kind'], play: Play): MurmurError {
  if (play.isStalled) {
    const message = `the source gave no frame within ${CAPTURE_LIMITS.recordedStallMs / 1000} s`
    return new MurmurError('SOURCE_UNAVAILABLE', message)
  }
  if (/not on whitelist|exceeds/.test(play.stderrTail)) return sourceFault(kind, play.stderrTail)
  return new MurmurError('BROKEN_FILE', `not one frame could be decoded: ${lastErrorLine(play.stderrTail)}`)
}

/** Why a recording that gave frames is not whole; undefined when it is. */
function troubleOf({ exitCode, stderrTail, isStalled }: Play): string | undefined {
  if (isStalled) return 'the source stopped giving frames'
  if (
    exitCode === 0 &&
    !/partial file|truncated|Invalid data|error while decoding|Input\/output error/i.test(stderrTail)
  )
    return undefined
  return `the source is damaged or cut off: ${lastErrorLine(stderrTail)}`
}

async function followCamera(session: CaptureSession, source: VideoInput, first: Opening): Promise<SourceEnd> {
  const { durationMs } = session.input
  // By the clock: a camera that is away has a duration too.
  const timer = durationMs && setTimeout(() => session.end({ ended: 'duration' }), durationMs)
  try {
    return await reopenForEver(session, source, first)
  } finally {
    clearTimeout(timer)
  }
}

async function reopenForEver(
  session: CaptureSession,
  source: VideoInput,
  first: Opening,
): Promise<SourceEnd> {
  const { reporter, signal, deps } = session
  let opening: Opening | undefined = first
  for (let failures = 0; ; failures++) {
    let reason: string
    try {
      opening ??= await source.open(signal)
      const play = await playOpened(session, opening, true)
      if (play.frames > 0) failures = 0
      reason = source.takeFault()?.message ?? endOfCamera(play)
    } catch (error) {
      if (session.endedBy) return session.endedBy
      signal.throwIfAborted()
      if (!(error instanceof MurmurError) || error.code === 'PAYLOAD_TOO_LARGE') throw error
      reason = error.message
    }
    opening = undefined
    if (!signal.aborted) reporter.set('offline', reason)
    await deps.clock.sleep(backoffMs(failures), signal)
    if (session.endedBy) return session.endedBy
    signal.throwIfAborted()
    reporter.reconnects++
  }
}

function endOfCamera({ isStalled, stderrTail }: Play): string {
  if (isStalled) return `no frame came for ${CAPTURE_LIMITS.cameraStallMs / 1000} s`
  return stderrTail.trim() === '' ? 'the source ended' : `the source ended: ${lastErrorLine(stderrTail)}`
}

async function playOpened(session: CaptureSession, opening: Opening, isCamera: boolean): Promise<Play> {
  try {
    const sizes = await sizesOf(session, opening.facts)
    return await playOnce(session, { opening, isCamera, sizes })
  } finally {
    await opening.close()
  }
}

/** What the detectors take just now: another model may have been started meanwhile. */
async function sizesOf(session: CaptureSession, facts: SourceFacts): Promise<FrameSizes> {
  const { reporter, signal, deps } = session
  const { width, height, fps } = facts
  reporter.source = { width, height, ...(fps !== undefined && { fps: Math.round(fps * 100) / 100 }) }
  const { inputs } = (await askDetectors(deps)) ?? (await awaitDetectors({ ...deps, signal }))
  return chooseSizes(facts, inputs)
}

/** Doubled each time up to a limit, with a random part, so that many cameras of one switch don't come back at once. */
export function backoffMs(failures: number, chance: number = Math.random()): number {
  const { first, most } = CAPTURE_LIMITS.backoffMs
  const full = Math.min(most, first * 2 ** Math.min(failures, 20))
  return full * (0.5 + chance / 2)
}

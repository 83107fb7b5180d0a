import { MurmurError } from '#platform/errors/murmur-error.ts'
import type { MediaFacts } from '#platform/media/media-facts.ts'
import { lastErrorLine } from '#platform/media/stderr-tail.ts'
import type { CaptureInput, CaptureSummary } from '#schemas/monitor-steps.ts'
import type { AgentLog } from '#sdk/define-agent.ts'
import { lookForModel } from './await-model.ts'
import { awaitTracker, hasTrackedBefore } from './await-readiness.ts'
import { CAPTURE_LIMITS, type CaptureWaits } from './limits.ts'
import { type PlanFramesDeps, planFrames } from './plan-frames.ts'
import { firstPictureMs, type Play, type PlayPlan } from './play-once.ts'
import type { InputSpec } from './source/input-arguments.ts'
import { sourceFault } from './source/source-fault.ts'
import type { Opening, VideoInput } from './source/video-input.ts'
import { createSourcePatience, type PatienceVerdict, type SourcePatience } from './source-patience.ts'

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

export interface FollowDeps extends PlanFramesDeps {
  log: Pick<AgentLog, 'info' | 'warn'>
  monitor: string
  input: PlanFramesDeps['input'] & Pick<CaptureInput, 'camera' | 'loop' | 'pace' | 'durationMs'>
  waits: Pick<CaptureWaits, 'firstConnectMs' | 'cameraStallMs'>
  /** Reads what was opened until it ends. */
  play: (plan: PlayPlan, signal: AbortSignal) => Promise<Play>
  /** Called when pictures of a camera were so old that it is opened again at its live edge. Milliseconds. */
  onBacklog: (lagMs: number) => void
  /** Called when the source turns out to be a recording. */
  onRecording: (facts: MediaFacts) => void
}

/**
 * Reads a source from its first opening to its end. One that lasts for a known time is a recording: it ends, and what is
 * wrong with it is an answer. Everything else is a camera: waited for, and opened again, until the signal aborts or its time is over.
 * @throws MurmurError MODEL_MISSING, MODEL_UNUSABLE, SOURCE_UNAVAILABLE, CREDENTIALS_REFUSED, UNSUPPORTED_FORMAT, BROKEN_FILE, LIMIT_EXCEEDED, ADDRESS_FORBIDDEN; the signal's reason
 */
export async function followSource(
  deps: FollowDeps,
  source: VideoInput,
  signal: AbortSignal,
): Promise<SourceEnd> {
  const { clock, input, waits } = deps
  // Before the source is: what no model can look at needs no camera, and one that is fetched is so meanwhile.
  await lookForModel(input, deps)
  const patience = createSourcePatience({
    isRecording: input.pace === 'complete' || input.loop,
    firstConnectMs: waits.firstConnectMs,
  })
  const startedMs = clock.monotonicMs()
  const waited = await openFirst(deps, { source, patience }, signal)
  if ('ended' in waited) return waited
  const { first, isAwaited } = waited
  const awaitedMs = isAwaited ? clock.monotonicMs() - startedMs : 0
  patience.opened()
  try {
    await awaitConsumers(deps, first.facts, signal)
  } catch (error) {
    await first.close()
    throw error
  }
  const { spec, facts } = first
  const isRecorded =
    spec.kind === 'file' || spec.kind === 'scene' || (spec.kind === 'http' && facts.durationSec !== undefined)
  if (isRecorded) {
    deps.onRecording(facts)
    return followRecording(deps, { source, first }, signal)
  }
  // By the clock: a camera that is away has a duration too.
  const leftMs = input.durationMs && Math.max(1, input.durationMs - awaitedMs)
  return withinDuration(leftMs, signal, (within) => reopenForever(deps, { source, first, patience }, within))
}

/** Ends work in order when its time is over. Milliseconds; undefined: never. */
async function withinDuration<Result>(
  durationMs: number | undefined,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result | SourceEnd> {
  if (!durationMs) return work(signal)
  const timeUp = new AbortController()
  const timer = setTimeout(() => timeUp.abort(new CaptureEnded({ ended: 'duration' })), durationMs)
  try {
    return await work(AbortSignal.any([signal, timeUp.signal]))
  } finally {
    clearTimeout(timer)
  }
}

interface Awaited {
  source: VideoInput
  patience: SourcePatience
}

/**
 * Opens it for the first time, however long that takes, within the time of the monitor; in the end it may have been ended before it ever
 * answered. A recording, which has a time of its own, answers at once.
 */
async function openFirst(
  { bus, clock, log, input, monitor, reporter, waits }: FollowDeps,
  { source, patience }: Awaited,
  signal: AbortSignal,
): Promise<{ first: Opening; isAwaited: boolean } | SourceEnd> {
  const endsMs = clock.monotonicMs() + (input.durationMs ?? Number.POSITIVE_INFINITY)
  for (let last: MurmurError | undefined; ; ) {
    try {
      return { first: await source.open(signal), isAwaited: last !== undefined }
    } catch (error) {
      const end = orderedEnd(signal)
      if (end) return neverThere(end, last)
      signal.throwIfAborted()
      if (!(error instanceof MurmurError) || !source.mayComeBack) throw error
      reporter.set('offline', error.message)
      let verdict = patience.failed(error, clock.monotonicMs())
      if (verdict.kind === 'give-up' && (await hasTrackedBefore(monitor, { bus }))) {
        // It was there before this instance took over.
        patience.opened()
        verdict = patience.failed(error, clock.monotonicMs())
      }
      if (verdict.kind === 'give-up')
        throw verdict.isTimeUp ? neverConnected(error, waits.firstConnectMs) : error
      if (!last)
        log.warn(
          { camera: input.camera, reason: error.message },
          'a camera does not answer: it is waited for',
        )
      const leftMs = Math.max(0, endsMs - clock.monotonicMs())
      await clock.sleep(Math.min(verdict.ms, leftMs), signal)
      const ended = orderedEnd(signal)
      if (ended) return neverThere(ended, error)
      signal.throwIfAborted()
      if (leftMs <= verdict.ms) return neverThere({ ended: 'duration' }, error)
      last = error
    }
  }
}

function neverThere(end: SourceEnd, why: MurmurError | undefined): SourceEnd {
  return why ? { ...end, reason: `the camera never answered: ${why.message}` } : end
}

function neverConnected(error: MurmurError, afterMs: number): MurmurError {
  const message = `no connection within ${afterMs / 1000} s: ${error.message}`
  return new MurmurError('SOURCE_UNAVAILABLE', message, { cause: error })
}

/**
 * Frames that are published before detector and tracker listen would be lost. Those that could never be sent are told of now: to a camera that
 * was there, every fault is one that it may come back from.
 * @throws MurmurError LIMIT_EXCEEDED, MODEL_MISSING, MODEL_UNUSABLE; the signal's reason
 */
async function awaitConsumers(deps: FollowDeps, facts: MediaFacts, signal: AbortSignal): Promise<void> {
  const { bus, clock, reporter, monitor } = deps
  await planFrames(deps, facts, signal)
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

/** What ffmpeg says of a file that is cut off or damaged, and reads on: of its container, then of its pictures. */
const DAMAGED =
  /partial file|truncated|ended prematurely|EBML number|exceeds containing master|Input\/output error|Invalid data|error while decoding|error y=\d+ x=\d+/i

/** Why a recording that gave frames is not complete; undefined when it is. Pure. */
export function troubleOf({
  exitCode,
  stderrTail,
  isStalled,
}: Pick<Play, 'exitCode' | 'stderrTail' | 'isStalled'>): string | undefined {
  if (isStalled) return 'the source stopped giving frames'
  if (exitCode === 0 && !DAMAGED.test(stderrTail)) return undefined
  return `the source is damaged or cut off: ${lastErrorLine(stderrTail)}`
}

async function reopenForever(
  deps: FollowDeps,
  { source, first, patience }: Awaited & { first: Opening },
  signal: AbortSignal,
): Promise<SourceEnd> {
  const { reporter, clock, waits } = deps
  let opening: Opening | undefined = first
  let known: MediaFacts | undefined = first.facts
  for (;;) {
    let trouble: MurmurError | undefined
    try {
      opening ??= await reopened(source, known, signal)
      const play = await playOpened(deps, { opening, isCamera: true }, signal)
      known = play.isOther ? undefined : opening.facts
      if (play.frames > 0) patience.opened()
      if (play.backlogMs !== undefined) {
        // It is there, and opened again at once: what it gives then is new.
        deps.onBacklog(play.backlogMs)
        opening = undefined
        continue
      }
      // One that has other pictures now is there: it is looked at anew, at once.
      trouble = play.isOther ? undefined : (source.takeFault() ?? outageOf(play, waits.cameraStallMs))
    } catch (error) {
      const end = orderedEnd(signal)
      if (end) return end
      signal.throwIfAborted()
      if (!(error instanceof MurmurError) || error.code === 'PAYLOAD_TOO_LARGE') throw error
      trouble = error
    }
    opening = undefined
    if (trouble) {
      if (!signal.aborted) reporter.set('offline', trouble.message)
      await clock.sleep(pauseAfter(patience.failed(trouble, clock.monotonicMs())), signal)
    }
    const end = orderedEnd(signal)
    if (end) return end
    signal.throwIfAborted()
    reporter.reconnects++
  }
}

/** One that was there is never given up. */
function pauseAfter(verdict: PatienceVerdict): number {
  return verdict.kind === 'wait' ? verdict.ms : 0
}

/** With what is known of it: then the source is called once. */
function reopened(source: VideoInput, known: MediaFacts | undefined, signal: AbortSignal): Promise<Opening> {
  return known && source.reopen ? source.reopen(known, signal) : source.open(signal)
}

function outageOf(play: Play, stallMs: number): MurmurError {
  const waitedMs = play.frames === 0 ? firstPictureMs(stallMs) : stallMs
  return new MurmurError('SOURCE_UNAVAILABLE', cameraOutage(play, waitedMs))
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
  plan: Pick<PlayPlan, 'opening' | 'isCamera'>,
  signal: AbortSignal,
): Promise<Play> {
  try {
    return await deps.play({ ...plan, ...(await planFrames(deps, plan.opening.facts, signal)) }, signal)
  } finally {
    await plan.opening.close()
  }
}

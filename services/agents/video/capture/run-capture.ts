import { MurmurError, messageOf } from '#platform/errors/murmur-error.ts'
import type { CaptureInput, CaptureSummary } from '#schemas/monitor-steps.ts'
import { isInstanceStop } from '#sdk/define-agent.ts'
import type { AgentContext } from '#sdk/index.ts'
import { type CaptureDeps, type CaptureSession, createSession, type SourceEnd } from './capture-session.ts'
import { isSourceFault } from './faults.ts'
import { followSource } from './follow-source.ts'
import { followTracks } from './follow-tracks.ts'
import { CAPTURE_LIMITS } from './limits.ts'
import { serveSnapshots, serveStop } from './monitor-services.ts'
import { type FfmpegBuild, readFfmpegBuild } from './program/ffmpeg-build.ts'
import { startSessionTimer } from './session-timer.ts'
import { prepareInput } from './source/video-input.ts'

/**
 * Captures a source until it ends, is stopped, or the signal aborts; every program that it started is gone then.
 * @param linger gets what goes on for a while after a good end: snapshots of the last alerts may still be asked for
 * @throws MurmurError for a source that can't be captured; the signal's reason
 */
export async function runCapture(
  input: CaptureInput,
  ctx: AgentContext,
  deps: CaptureDeps,
  linger: (stop: () => void) => void,
): Promise<CaptureSummary> {
  const session = createSession(input, ctx, deps, await findProgram(deps))
  const { reporter, flow, window, clip, epoch } = session
  const identity = { monitor: ctx.taskId, epoch, camera: input.camera }
  const startedMs = deps.clock.monotonicMs()
  const returns = createReturns()
  const timer = startSessionTimer(session)
  const subscriptions = [
    serveSnapshots(deps.bus, { ...identity, ring: session.ring }),
    serveStop(deps.bus, ctx.taskId, () => session.end({ ended: 'stopped' })),
    followTracks(deps.bus, identity, (tracks) => {
      returns.seen(tracks.seq)
      timer.seen(tracks)
      window.returned(tracks.seq)
      clip?.add(tracks)
      flow.pump()
    }),
  ]
  const close = () => {
    timer.stop()
    for (const end of subscriptions) end()
  }
  let isLingering = false
  try {
    const end = await captureSource(session)
    await Promise.race([
      returns.until(flow.lastSeq),
      deps.clock.sleep(CAPTURE_LIMITS.lastFramesMs, ctx.signal),
    ])
    reporter.set('ended', end.reason ?? end.ended)
    const stored = await storeClip(session)
    ctx.signal.throwIfAborted()
    isLingering = true
    linger(close)
    return {
      camera: input.camera,
      ...end,
      ...(reporter.source && { source: reporter.source }),
      frames: { ...reporter.counts },
      reconnects: reporter.reconnects,
      durationMs: Math.round(deps.clock.monotonicMs() - startedMs),
      ...(stored && { clip: stored }),
    }
  } catch (error) {
    if (isFinal(error, ctx.signal)) reporter.set('ended', messageOf(error))
    else reporter.set('connecting', 'another instance takes over')
    throw error
  } finally {
    await clip?.discard()
    if (!isLingering) close()
  }
}

async function captureSource(session: CaptureSession): Promise<SourceEnd> {
  const { input, ctx, deps, ffmpeg, version } = session
  const source = await prepareInput(input.source, {
    ffmpeg,
    version: version[0],
    blobs: ctx.blobs,
    networks: deps.config.networks,
    scenes: deps.scenes,
  })
  try {
    return await followSource(session, source)
  } catch (error) {
    // What comes of ending it is no fault.
    if (session.endedBy && session.signal.aborted && !ctx.signal.aborted) return session.endedBy
    throw error
  } finally {
    await source.close()
  }
}

async function storeClip({ clip, flow, ctx, input }: CaptureSession) {
  if (!clip) return undefined
  clip.addRest(flow.lastSeq)
  try {
    const bytes = await clip.finish()
    if (!bytes) return undefined
    if (clip.dropped > 0)
      ctx.log.info({ dropped: clip.dropped }, 'frames were left out of the annotated clip')
    return await ctx.blobs.put(bytes, { contentType: 'video/mp4', name: `${input.camera}.mp4` })
  } catch (err) {
    // The analysis is done and worth more than its picture.
    ctx.log.warn({ err, camera: input.camera }, 'the annotated clip could not be kept')
    return undefined
  }
}

/** Whether no other attempt follows: the source is at fault, or the task has ended. */
function isFinal(error: unknown, signal: AbortSignal): boolean {
  return signal.aborted ? !isInstanceStop(signal) : isSourceFault(error)
}

/** Lets wait until a frame has come back. */
function createReturns() {
  let latest = 0
  let waiting: { seq: number; resolve: () => void } | undefined
  return {
    seen(seq: number) {
      latest = Math.max(latest, seq)
      if (waiting && latest >= waiting.seq) waiting.resolve()
    },
    until(seq: number): Promise<void> {
      if (latest >= seq) return Promise.resolve()
      return new Promise((resolve) => {
        waiting = { seq, resolve }
      })
    },
  }
}

async function findProgram(deps: CaptureDeps): Promise<{ ffmpeg: string; build: FfmpegBuild }> {
  const tools = await deps.findTools()
  if (!tools) {
    const ways = 'install it (apt-get install ffmpeg, brew install ffmpeg) or set MURMUR_FFMPEG to its path'
    throw new MurmurError('UNSUPPORTED_FORMAT', `video can't be read, there is no ffmpeg here: ${ways}`)
  }
  return { ffmpeg: tools.ffmpeg, build: await readFfmpegBuild(tools.ffmpeg) }
}

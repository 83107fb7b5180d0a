import { type Clock, systemClock } from '#platform/clock/clock.ts'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import type { MediaFacts } from '#platform/media/media-facts.ts'
import { probeMedia } from '#platform/media/probe-media.ts'
import type { BlobRef } from '#schemas/blob.ts'
import type { VideoSource } from '#schemas/monitor-request.ts'
import type { AgentBlobs } from '#sdk/index.ts'
import type { FfmpegProgram } from '../ffmpeg-program.ts'
import { CAPTURE_LIMITS, type CaptureWaits } from '../limits.ts'
import { type HttpGateway, openHttpGateway } from './http-gateway.ts'
import { type InputSpec, inputArguments, inputEnvironment } from './input-arguments.ts'
import { openRtspRelay, type RtspRelay } from './rtsp-relay.ts'
import { type SceneRenderer, startScene } from './scene-feed.ts'
import type { SourceAccess } from './source-access.ts'
import { assertWithinLimits, sourceFault } from './source-fault.ts'

const MAX_STDOUT_BYTES = 64 * 1024
const MAX_PICTURES_A_SECOND = 10

/** A source that was probed and can be read now, once. */
export interface Opening {
  spec: InputSpec
  facts: MediaFacts
  /** The facts are those of an earlier opening: whoever reads it has to see whether they still hold. */
  isAssumed?: boolean
  /** Between two pictures, where the source gives them one at a time. Milliseconds. */
  pictureIntervalMs?: number
  /** What ffmpeg is fed with, where it does not read by itself. */
  feed?: (stdin: NodeJS.WritableStream) => void
  /** To be called when it has been read. */
  close(): Promise<void>
}

/** A source as capture uses it, opened again and again. */
export interface VideoInput {
  /** Whether it may come to life later: only then is a failure a reason to try again. */
  mayComeBack: boolean
  /** @throws MurmurError SOURCE_UNAVAILABLE, UNSUPPORTED_FORMAT, BROKEN_FILE, LIMIT_EXCEEDED, ADDRESS_FORBIDDEN */
  open(signal: AbortSignal): Promise<Opening>
  /**
   * Opens it with what an earlier opening has found, where that can be done: the source is then called once.
   * @throws MurmurError as `open` does
   */
  reopen?(facts: MediaFacts, signal: AbortSignal): Promise<Opening>
  /** A better reason for the last failure than what ffmpeg knows. */
  takeFault(): MurmurError | undefined
  close(): Promise<void>
}

export interface InputDeps {
  ffmpeg: FfmpegProgram
  blobs: Pick<AgentBlobs, 'file'>
  /** Where video of the tenant may come from, and who asks there. */
  access: SourceAccess
  scenes?: SceneRenderer | undefined
  waits: Pick<CaptureWaits, 'probeMs'>
  /** Frames a second that are wanted, where that was said. */
  fps?: number | undefined
  clock?: Pick<Clock, 'monotonicMs' | 'sleep'>
}

/** @throws MurmurError as `open` does, where that is known without opening it; BLOB_NOT_FOUND, UNAVAILABLE for clips */
export async function prepareInput(source: VideoSource, deps: InputDeps): Promise<VideoInput> {
  switch (source.kind) {
    case 'file':
      return fileInput(source.blob, deps)
    case 'url':
      return urlInput(source, deps)
    case 'device':
      return probed({ kind: 'device', path: source.path }, deps)
    case 'scene':
      return sceneInput(source, deps)
  }
}

async function fileInput(blob: BlobRef, deps: InputDeps): Promise<VideoInput> {
  const { fileBytes } = CAPTURE_LIMITS
  if (blob.size > fileBytes)
    throw new MurmurError('LIMIT_EXCEEDED', `the file has ${blob.size} bytes, at most ${fileBytes} are read`)
  const { path, remove, size } = await deps.blobs.file(blob)
  if (size === 0) throw new MurmurError('BROKEN_FILE', 'the file is empty')
  return { ...probed({ kind: 'file', path }, deps), mayComeBack: false, close: remove }
}

/** The way from ffmpeg to a source of the web, and what is known of the source. */
interface Way {
  reach(signal: AbortSignal): Promise<void>
  spec(): InputSpec
  takeFault(): MurmurError | undefined
  close(): Promise<void>
}

/** ffmpeg never connects to it: the relay or the gateway does, with the user and the password that ffmpeg does not know. */
async function urlInput(
  { url: text, transport }: Extract<VideoSource, { kind: 'url' }>,
  deps: InputDeps,
): Promise<VideoInput> {
  const { url, credentials } = await deps.access.resolve(text)
  const { policy } = deps.access
  const pictureIntervalMs = pictureInterval(deps.fps)
  const way = /^rtsps?:/.test(url)
    ? rtspWay(await openRtspRelay(url, policy, credentials, transport))
    : httpWay(
        await openHttpGateway(url, policy, credentials, {
          clock: deps.clock ?? systemClock,
          pictureIntervalMs,
        }),
      )

  async function opened(signal: AbortSignal, known?: MediaFacts): Promise<Opening> {
    way.takeFault()
    // Before a program is started for it: one that is away costs a connection that is refused, and nothing more.
    await way.reach(signal)
    const facts =
      known ??
      (await probeInput(deps, way.spec(), signal).catch((error: unknown) => {
        throw way.takeFault() ?? error
      }))
    // What it gives is known for certain only now, where it has sent its callers elsewhere.
    const spec = way.spec()
    const isPictures = spec.kind === 'http' && spec.isMotionJpeg
    return {
      spec,
      facts: isPictures ? withoutRate(facts) : facts,
      ...(known && { isAssumed: true }),
      ...(isPictures && { pictureIntervalMs }),
      close: async () => undefined,
    }
  }

  return {
    mayComeBack: true,
    open: (signal) => opened(signal),
    reopen: (facts, signal) => opened(signal, facts),
    takeFault: way.takeFault,
    close: way.close,
  }
}

function rtspWay({ url, reach, takeFault, close }: RtspRelay): Way {
  return { reach, takeFault, close, spec: () => ({ kind: 'rtsp', url }) }
}

function httpWay(gateway: HttpGateway): Way {
  const { url, proxy, reach, takeFault, close } = gateway
  const spec = (): InputSpec => ({ kind: 'http', url, proxy, isMotionJpeg: gateway.isMotionJpeg })
  return { reach, takeFault, close, spec }
}

/** Of sources that give a picture at a time: one a second unless told, and ten at most. Milliseconds. */
function pictureInterval(fps = 1): number {
  return 1000 / Math.min(fps, MAX_PICTURES_A_SECOND)
}

/** Streams of pictures have no clock; what ffmpeg takes for their rate is its own default. Pure. */
function withoutRate({ frameRate: _unknown, ...facts }: MediaFacts): MediaFacts {
  return facts
}

function probed(spec: InputSpec, deps: InputDeps): VideoInput {
  return {
    mayComeBack: true,
    async open(signal) {
      const facts = await probeInput(deps, spec, signal)
      return { spec, facts, close: async () => undefined }
    },
    async reopen(facts) {
      return { spec, facts, isAssumed: true, close: async () => undefined }
    },
    takeFault: () => undefined,
    close: async () => undefined,
  }
}

/**
 * Opens a source for a moment to see what it is: with ffmpeg, never ffprobe, as the reasons for faults are read from what it
 * writes.
 * @throws MurmurError SOURCE_UNAVAILABLE, UNSUPPORTED_FORMAT, BROKEN_FILE, LIMIT_EXCEEDED, ADDRESS_FORBIDDEN; the signal's reason
 */
async function probeInput(
  { ffmpeg, waits: { probeMs } }: Pick<InputDeps, 'ffmpeg' | 'waits'>,
  spec: InputSpec,
  signal: AbortSignal,
): Promise<MediaFacts> {
  const args = inputArguments(spec, {
    isCamera: spec.kind !== 'file',
    paced: false,
    version: ffmpeg.version[0],
  })
  const { facts, stderr, isTimedOut } = await probeMedia({ ffmpeg: ffmpeg.path }, args, {
    signal,
    timeoutMs: probeMs,
    maxStdoutBytes: MAX_STDOUT_BYTES,
    env: inputEnvironment(spec),
  })
  if (isTimedOut) {
    const message = `the source gave no picture within ${probeMs / 1000} s`
    throw new MurmurError('SOURCE_UNAVAILABLE', message)
  }
  if (!facts?.width || !facts.height) throw sourceFault(spec.kind, stderr)
  assertWithinLimits(facts)
  return facts
}

function sceneInput(scene: { scenario: string; seed: number }, deps: InputDeps): VideoInput {
  const renderer = deps.scenes
  if (!renderer) throw new MurmurError('SOURCE_UNAVAILABLE', 'this instance renders no scenes')
  return {
    mayComeBack: false,
    async open(signal) {
      const { facts, feed, stop } = await startScene(renderer, scene, signal)
      assertWithinLimits(facts)
      return { spec: { kind: 'scene' }, facts, feed, close: stop }
    },
    takeFault: () => undefined,
    close: async () => undefined,
  }
}

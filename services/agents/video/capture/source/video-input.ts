import { MurmurError } from '#platform/errors/murmur-error.ts'
import type { MediaFacts } from '#platform/media/media-facts.ts'
import { probeMedia } from '#platform/media/probe-media.ts'
import type { BlobRef } from '#schemas/blob.ts'
import type { VideoSource } from '#schemas/monitor-request.ts'
import type { AgentBlobs } from '#sdk/index.ts'
import type { FfmpegProgram } from '../ffmpeg-program.ts'
import { CAPTURE_LIMITS, type CaptureWaits } from '../limits.ts'
import { openHttpGateway } from './http-gateway.ts'
import { type InputSpec, inputArguments, inputEnvironment } from './input-arguments.ts'
import { openRtspRelay } from './rtsp-relay.ts'
import { type SceneRenderer, startScene } from './scene-feed.ts'
import type { SourceAccess } from './source-access.ts'
import { assertWithinLimits, sourceFault } from './source-fault.ts'

const MAX_STDOUT_BYTES = 64 * 1024

/** A source that was probed and can be read now, once. */
export interface Opening {
  spec: InputSpec
  facts: MediaFacts
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
}

/** @throws MurmurError as `open` does, where that is known without opening it; BLOB_NOT_FOUND, UNAVAILABLE for clips */
export async function prepareInput(source: VideoSource, deps: InputDeps): Promise<VideoInput> {
  switch (source.kind) {
    case 'file':
      return fileInput(source.blob, deps)
    case 'url':
      return urlInput(source.url, deps)
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

/** ffmpeg never connects to it: the relay or the gateway does, with the user and the password that ffmpeg does not know. */
async function urlInput(text: string, deps: InputDeps): Promise<VideoInput> {
  const { url, credentials } = await deps.access.resolve(text)
  const isRtsp = /^rtsps?:/.test(url)
  const { policy } = deps.access
  const way = await (isRtsp ? openRtspRelay : openHttpGateway)(url, policy, credentials)
  const spec: InputSpec =
    way.proxy === undefined
      ? { kind: 'rtsp', url: way.url }
      : { kind: 'http', url: way.url, proxy: way.proxy }
  const input = probed(spec, deps)
  return {
    ...input,
    async open(signal) {
      way.takeFault()
      return input.open(signal).catch((error: unknown) => {
        throw way.takeFault() ?? error
      })
    },
    takeFault: way.takeFault,
    close: way.close,
  }
}

function probed(spec: InputSpec, deps: InputDeps): VideoInput {
  return {
    mayComeBack: true,
    async open(signal) {
      const facts = await probeInput(deps, spec, signal)
      return { spec, facts, close: async () => undefined }
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

import type { FfmpegTools } from '#platform/config/ffmpeg.ts'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import type { MediaFacts } from '#platform/media/media-facts.ts'
import { runMediaTool } from '#platform/media/media-process.ts'
import { createPrivateFile } from '#platform/media/private-folder.ts'
import { probeMedia } from '#platform/media/probe-media.ts'
import { toNumber } from '#platform/media/rational.ts'
import { lastErrorLine } from '#platform/media/stderr-tail.ts'
import type { VideoContent } from '#schemas/document.ts'
import { type ImageContext, readImage } from '../image/read-image.ts'
import { INGEST_LIMITS } from '../limits.ts'
import { frameTimes, sceneCuts, sceneScanOf } from './key-frames.ts'
import { frameArguments, inputArguments, sceneArguments } from './media-arguments.ts'

export type { FfmpegTools } from '#platform/config/ffmpeg.ts'

export interface VideoContext extends ImageContext {
  /** As `findFfmpeg` found them. */
  tools: FfmpegTools | undefined
}

/** A video while it is read. */
interface OpenVideo {
  path: string
  name: string
  tools: FfmpegTools
  /** Of the caller and of the time limit together. */
  signal: AbortSignal
}

/**
 * What a video says about itself, and frames of it, each read like an image. What is missing or cut off is in the notes.
 * @throws MurmurError UNSUPPORTED_FORMAT (also: no ffmpeg), BROKEN_FILE, LIMIT_EXCEEDED
 */
export async function readVideo(
  bytes: Uint8Array,
  context: VideoContext,
): Promise<{ video: VideoContent; notes: string[] }> {
  const { name, tools, signal } = context
  signal.throwIfAborted()
  if (!tools) {
    const ways =
      'install ffmpeg (apt-get install ffmpeg, brew install ffmpeg) or set MURMUR_FFMPEG to its path'
    throw new MurmurError('UNSUPPORTED_FORMAT', `"${name}" is a video, and there is no ffmpeg here: ${ways}`)
  }
  const timeLimit = AbortSignal.timeout(INGEST_LIMITS.videoSeconds * 1000)
  const both = AbortSignal.any([signal, timeLimit])
  try {
    const file = await createPrivateFile('video', bytes)
    try {
      const open = { path: file.path, name, tools, signal: both }
      const facts = await readFacts(open)
      const { keyFrames, notes } = await readKeyFrames(open, facts.durationSec ?? 0, context)
      return { video: { ...contentFacts(facts), bytes: bytes.length, keyFrames }, notes }
    } finally {
      await file.remove()
    }
  } catch (error) {
    if (timeLimit.aborted && !signal.aborted && error === both.reason) {
      const message = `"${name}" took longer than ${INGEST_LIMITS.videoSeconds} s to read`
      throw new MurmurError('LIMIT_EXCEEDED', message, { cause: error })
    }
    throw error
  }
}

const TOO_LARGE = 'a frame of the video is too large to be kept'

async function readFacts({ path, name, tools, signal }: OpenVideo): Promise<MediaFacts> {
  const limits = { signal, maxStdoutBytes: INGEST_LIMITS.probeBytes, tooLarge: TOO_LARGE }
  const { facts, isOpened, stderr } = await probeMedia(tools, inputArguments(path), limits)
  if (!isOpened) throw unreadable(name, stderr, path)
  if (!facts) throw new MurmurError('UNSUPPORTED_FORMAT', `"${name}" holds no moving picture`)
  return facts
}

/** As documents give them: zeros for what the video does not say, the frame rate to two places. */
function contentFacts(facts: MediaFacts): Omit<VideoContent, 'bytes' | 'keyFrames'> {
  const { format, codec, hasAudio } = facts
  return {
    format,
    codec,
    durationSec: facts.durationSec ?? 0,
    widthPx: facts.width,
    heightPx: facts.height,
    fps: facts.frameRate ? Math.round(toNumber(facts.frameRate) * 100) / 100 : 0,
    hasAudio,
  }
}

/** Says why a container could not be opened: what it disguises is refused, what is damaged is broken. */
function unreadable(name: string, stderr: string, path: string): MurmurError {
  if (/not on whitelist|Protocol not found/i.test(stderr)) {
    return new MurmurError(
      'UNSUPPORTED_FORMAT',
      `"${name}" is not a video file itself, but a playlist or another format that is not read; MP4, MOV, WebM, Matroska, MPEG-TS and AVI are`,
    )
  }
  if (/moov atom not found/i.test(stderr)) {
    return new MurmurError('BROKEN_FILE', `"${name}" is cut off: its index is missing`)
  }
  return new MurmurError(
    'BROKEN_FILE',
    `"${name}" is no video that can be read: ${lastErrorLine(stderr, path)}`,
  )
}

async function readKeyFrames(
  open: OpenVideo,
  durationSec: number,
  context: VideoContext,
): Promise<{ keyFrames: VideoContent['keyFrames']; notes: string[] }> {
  const times = frameTimes(durationSec, await findCuts(open, durationSec))
  const keyFrames: VideoContent['keyFrames'] = []
  for (const atSec of times) {
    const png = await frameAt(open, atSec)
    if (!png) continue
    const name = `${open.name} at ${atSec.toFixed(1)} s`
    const { image } = await readImage(png, { name, blobs: context.blobs, signal: open.signal })
    keyFrames.push({ atSec, image })
  }
  if (keyFrames.length === 0) {
    throw new MurmurError('BROKEN_FILE', `"${open.name}" is damaged: no frame of it could be decoded`)
  }
  const missing = times.length - keyFrames.length
  return {
    keyFrames,
    notes: [
      ...(missing > 0
        ? [`${missing} of ${times.length} frames could not be read: the video is damaged or ends early.`]
        : []),
      ...(durationSec === 0 ? ['The video does not say how long it is.'] : []),
    ],
  }
}

/** Where scenes change. A video that is too slow to look through, or damaged, has none that are known. */
async function findCuts({ path, tools, signal }: OpenVideo, durationSec: number): Promise<number[]> {
  const scan = sceneScanOf(durationSec)
  if (!scan) return []
  const { stdout, isTimedOut } = await runMediaTool(tools.ffmpeg, sceneArguments(path, scan), {
    signal,
    timeoutMs: INGEST_LIMITS.sceneSeconds * 1000,
    maxStdoutBytes: INGEST_LIMITS.probeBytes,
    tooLarge: TOO_LARGE,
  })
  return isTimedOut ? [] : sceneCuts(stdout, scan)
}

/** A frame as PNG; undefined when there is none at that time, or none that can be decoded. */
async function frameAt({ path, tools, signal }: OpenVideo, atSec: number): Promise<Buffer | undefined> {
  const limits = { signal, maxStdoutBytes: INGEST_LIMITS.keyFrameBytes, tooLarge: TOO_LARGE }
  const { exitCode, stdout } = await runMediaTool(tools.ffmpeg, frameArguments(path, atSec), limits)
  return exitCode === 0 && stdout.length > 0 ? stdout : undefined
}

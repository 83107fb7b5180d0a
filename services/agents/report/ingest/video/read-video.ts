import type { FfmpegTools } from '#platform/config/ffmpeg.ts'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import type { VideoContent } from '#schemas/document.ts'
import { type ImageContext, readImage } from '../image/read-image.ts'
import { INGEST_LIMITS } from '../limits.ts'
import { frameTimes, sceneCuts, sceneScanOf } from './key-frames.ts'
import { describeArguments, frameArguments, probeArguments, sceneArguments } from './media-arguments.ts'
import { factsFromDescription, factsFromProbe, type MediaFacts } from './media-facts.ts'
import { runMediaTool, withPrivateFile } from './run-media-tool.ts'

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
    return await withPrivateFile(bytes, async (path) => {
      const open = { path, name, tools, signal: both }
      const facts = await readFacts(open)
      const { keyFrames, notes } = await readKeyFrames(open, facts, context)
      return { video: { ...facts, bytes: bytes.length, keyFrames }, notes }
    })
  } catch (error) {
    if (timeLimit.aborted && !signal.aborted && error === both.reason) {
      const message = `"${name}" took longer than ${INGEST_LIMITS.videoSeconds} s to read`
      throw new MurmurError('LIMIT_EXCEEDED', message, { cause: error })
    }
    throw error
  }
}

async function readFacts(open: OpenVideo): Promise<MediaFacts> {
  const { path, name, tools, signal } = open
  const options = { signal, maxStdoutBytes: INGEST_LIMITS.probeBytes }
  const run = tools.ffprobe
    ? await runMediaTool(tools.ffprobe, probeArguments(path), options)
    : await runMediaTool(tools.ffmpeg, describeArguments(path), options)
  const stdout = run.stdout.toString()
  const unread = tools.ffprobe ? run.exitCode !== 0 : !/^Input #0, /m.test(run.stderr)
  if (unread) throw unreadable(name, run.stderr, path)
  const facts = tools.ffprobe ? factsFromProbe(stdout) : factsFromDescription(run.stderr)
  if (!facts) throw new MurmurError('UNSUPPORTED_FORMAT', `"${name}" holds no moving picture`)
  return facts
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
  return new MurmurError('BROKEN_FILE', `"${name}" is no video that can be read: ${reasonOf(stderr, path)}`)
}

/** The last complaint, without addresses in memory and our own path. */
function reasonOf(stderr: string, path: string): string {
  const line = stderr.trim().split('\n').at(-1) ?? ''
  const plain = line.replaceAll(path, '').replace(/^\[[^\]]*\]\s*|^[:\s]+/g, '')
  return plain.slice(0, 200) || 'no reason was given'
}

async function readKeyFrames(
  open: OpenVideo,
  facts: MediaFacts,
  context: VideoContext,
): Promise<{ keyFrames: VideoContent['keyFrames']; notes: string[] }> {
  const times = frameTimes(facts.durationSec, await findCuts(open, facts.durationSec))
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
      ...(facts.durationSec === 0 ? ['The video does not say how long it is.'] : []),
    ],
  }
}

/** Where scenes change. A video that is too slow to look through, or damaged, has none that are known. */
async function findCuts({ path, tools, signal }: OpenVideo, durationSec: number): Promise<number[]> {
  const scan = sceneScanOf(durationSec)
  if (!scan) return []
  const patience = AbortSignal.timeout(INGEST_LIMITS.sceneSeconds * 1000)
  const options = { signal: AbortSignal.any([signal, patience]), maxStdoutBytes: INGEST_LIMITS.probeBytes }
  try {
    const { stdout } = await runMediaTool(tools.ffmpeg, sceneArguments(path, scan), options)
    return sceneCuts(stdout, scan)
  } catch (error) {
    if (patience.aborted && !signal.aborted) return []
    throw error
  }
}

/** A frame as PNG; undefined when there is none at that time, or none that can be decoded. */
async function frameAt({ path, tools, signal }: OpenVideo, atSec: number): Promise<Buffer | undefined> {
  const options = { signal, maxStdoutBytes: INGEST_LIMITS.keyFrameBytes }
  const { exitCode, stdout } = await runMediaTool(tools.ffmpeg, frameArguments(path, atSec), options)
  return exitCode === 0 && stdout.length > 0 ? stdout : undefined
}

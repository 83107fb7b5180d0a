import { INGEST_LIMITS } from '../limits.ts'
import { SCENE_FRAME, type SceneScan } from './key-frames.ts'

/**
 * Arguments of ffmpeg and ffprobe for untrusted files. Playlists and concat scripts open other files and addresses:
 * only containers that hold everything themselves are read, and only from the file given.
 */
const CONTAINERS = 'mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,mpegts,avi'

const GUARDS = [
  ['-protocol_whitelist', 'file,pipe'],
  ['-format_whitelist', CONTAINERS],
  ['-max_pixels', String(INGEST_LIMITS.imagePixels)],
].flat()

/** The file as an input for a probe. */
export function inputArguments(path: string): string[] {
  return [...GUARDS, '-i', path]
}

/** One frame at or after a time, upright, as PNG on stdout; nothing when the file ends before. */
export function frameArguments(path: string, atSec: number): string[] {
  const edge = `min(${INGEST_LIMITS.keyFrameEdgePx},i`
  const scale = `scale=w='${edge}w)':h='${edge}h)':force_original_aspect_ratio=decrease`
  return [
    ['-v', 'error', '-nostdin', '-threads', '2'],
    ['-ss', atSec.toFixed(3)],
    inputArguments(path),
    ['-map', '0:v:0', '-an', '-sn', '-dn', '-map_metadata', '-1'],
    ['-frames:v', '1', '-vf', scale, '-c:v', 'png', '-f', 'image2pipe', 'pipe:1'],
  ].flat()
}

/**
 * Small grey frames at even distances over the whole video on stdout, for finding cuts. Only frames that stand for
 * themselves are decoded, so an hour takes seconds.
 */
export function sceneArguments(path: string, { frames, durationSec }: SceneScan): string[] {
  const rate = (frames / durationSec).toFixed(6)
  const { width, height } = SCENE_FRAME
  return [
    ['-v', 'error', '-nostdin', '-threads', '2'],
    ['-skip_frame', 'nokey'],
    inputArguments(path),
    ['-map', '0:v:0', '-an', '-sn', '-dn', '-frames:v', String(frames)],
    ['-vf', `fps=${rate},scale=${width}:${height},format=gray`, '-f', 'rawvideo', 'pipe:1'],
  ].flat()
}

/**
 * Arguments of ffmpeg and ffprobe for untrusted files. Playlists and concat scripts open other files and addresses:
 * only containers that hold everything themselves are read, and only from the file given.
 */
const CONTAINERS = 'mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,mpegts,avi'
const MAX_PIXELS = 50_000_000
const FRAME_EDGE_PX = 1280

const GUARDS = [
  ['-protocol_whitelist', 'file,pipe'],
  ['-format_whitelist', CONTAINERS],
  ['-max_pixels', String(MAX_PIXELS)],
].flat()

/** Everything about the container and its streams, as JSON. */
export function probeArguments(path: string): string[] {
  return ['-v', 'error', ...GUARDS, '-of', 'json', '-show_format', '-show_streams', path]
}

/** The same by ffmpeg itself, on stderr: it describes its input, then complains that there is no output. */
export function describeArguments(path: string): string[] {
  return ['-hide_banner', '-nostdin', ...GUARDS, '-i', path]
}

/** One frame at or after a time, upright, as PNG on stdout; nothing when the file ends before. */
export function frameArguments(path: string, atSec: number): string[] {
  const edge = `min(${FRAME_EDGE_PX},i`
  const scale = `scale=w='${edge}w)':h='${edge}h)':force_original_aspect_ratio=decrease`
  return [
    ['-v', 'error', '-nostdin', '-threads', '2'],
    GUARDS,
    ['-ss', atSec.toFixed(3), '-i', path],
    ['-map', '0:v:0', '-an', '-sn', '-dn', '-map_metadata', '-1'],
    ['-frames:v', '1', '-vf', scale, '-c:v', 'png', '-f', 'image2pipe', 'pipe:1'],
  ].flat()
}

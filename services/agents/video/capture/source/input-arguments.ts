import { CAPTURE_LIMITS } from '../limits.ts'

/** What ffmpeg opens, after everything about it has been checked. */
export type InputSpec =
  | { kind: 'file'; path: string }
  /** Over TCP; `url` names our relay, which checks each connection. */
  | { kind: 'rtsp'; url: string }
  /** Everything goes through `proxy`, which checks each address; https is spoken by the proxy. */
  | { kind: 'http'; url: string; proxy: string; isMotionJpeg?: boolean }
  | { kind: 'device'; path: string }
  /** yuv4mpeg2 on stdin. */
  | { kind: 'scene' }

export interface InputOptions {
  /**
   * Comes by itself and can't wait. What is read to find out about it is decoded all the same (no `-fflags nobuffer`): the key frame is in it that
   * cameras send to whoever connects, and the next one may be half a minute away.
   */
  isCamera: boolean
  /** Reads a recorded source at its own pace. */
  paced: boolean
  /** Major version of ffmpeg. */
  version: number
  /** What it is is known: only its codecs have to be found. */
  isKnown?: boolean
}

/** Containers that hold everything themselves: playlists and concat scripts open other files and addresses. */
const CONTAINERS = 'mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,mpegts,mpeg,avi,flv,ogg'
const STREAMS = `${CONTAINERS},mpjpeg,mjpeg,hls,applehttp,aac,mp3,ac3,webvtt`
/** Only for the case that nobody is left who watches: a source that hangs is otherwise ended from outside. Microseconds. */
const SILENCE_US = '30000000'

/** Its pictures have no times: what counts is when they come. */
const MOTION_JPEG = ['-f', 'mpjpeg', '-use_wallclock_as_timestamps', '1']

const WHITELISTS: Record<InputSpec['kind'], { protocols: string; formats: string }> = {
  file: { protocols: 'file', formats: CONTAINERS },
  // Only the relay: media comes over the same connection, and TLS is spoken there.
  rtsp: { protocols: 'tcp', formats: 'rtsp,sdp,rtp,mpegts' },
  // No https here: what is not plain http through the proxy can't be opened at all.
  http: { protocols: 'http,tcp,crypto', formats: STREAMS },
  device: { protocols: 'file', formats: 'video4linux2,v4l2' },
  scene: { protocols: 'pipe', formats: 'yuv4mpegpipe' },
}

/** ffmpeg's arguments for an input, `-i` included. Pure. */
export function inputArguments(spec: InputSpec, options: InputOptions): string[] {
  const { protocols, formats } = WHITELISTS[spec.kind]
  return [
    ...(options.isCamera
      ? ['-flags', 'low_delay', '-analyzeduration', options.isKnown ? '500000' : '2000000']
      : []),
    ...(options.paced ? ['-re'] : []),
    ...['-protocol_whitelist', protocols, '-format_whitelist', formats],
    ...['-max_pixels', String(CAPTURE_LIMITS.pixels)],
    ...kindArguments(spec, options),
    ...['-i', addressOf(spec)],
  ]
}

function kindArguments(spec: InputSpec, { version }: InputOptions): string[] {
  switch (spec.kind) {
    case 'rtsp':
      // Older ones understand -timeout as "wait for a caller".
      return ['-rtsp_transport', 'tcp', ...(version >= 5 ? ['-timeout', SILENCE_US] : [])]
    case 'http':
      return [...(spec.isMotionJpeg ? MOTION_JPEG : []), ...['-rw_timeout', SILENCE_US]]
    case 'device':
      return ['-f', 'v4l2']
    case 'scene':
      return ['-f', 'yuv4mpegpipe']
    case 'file':
      return []
  }
}

/**
 * What ffmpeg finds in its environment: the proxy with its password, which would stand for everybody to read among its arguments. Pure.
 */
export function inputEnvironment(spec: InputSpec): Record<string, string> {
  return spec.kind === 'http' ? { http_proxy: spec.proxy } : {}
}

function addressOf(spec: InputSpec): string {
  switch (spec.kind) {
    case 'file':
      // Without the prefix a name with a colon would be taken for a protocol.
      return `file:${spec.path}`
    case 'device':
      return spec.path
    case 'scene':
      return 'pipe:0'
    default:
      return spec.url
  }
}

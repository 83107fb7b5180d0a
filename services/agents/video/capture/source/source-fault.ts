import { MurmurError, messageOf } from '#platform/errors/murmur-error.ts'
import { ForbiddenAddressError } from '#platform/http/address-guard.ts'
import type { MediaFacts } from '#platform/media/media-facts.ts'
import { lastErrorLine } from '#platform/media/stderr-tail.ts'
import { CAPTURE_LIMITS } from '../limits.ts'
import type { InputSpec } from './input-arguments.ts'

const SOURCE_FAULTS: ReadonlySet<string> = new Set([
  'INVALID_STEP_INPUT',
  'UNSUPPORTED_FORMAT',
  'BROKEN_FILE',
  'LIMIT_EXCEEDED',
  'ADDRESS_FORBIDDEN',
  'SECRET_NOT_GRANTED',
  'CREDENTIALS_INLINE',
  'CREDENTIALS_REFUSED',
  'SOURCE_UNAVAILABLE',
  'BLOB_NOT_FOUND',
  'BLOB_CORRUPT',
  'PAYLOAD_TOO_LARGE',
  'MODEL_MISSING',
  'MODEL_UNUSABLE',
])

/** Faults of what was asked for: the same request fails again, so they are the answer. All others are tried again. */
export function isSourceFault(error: unknown): error is MurmurError {
  return error instanceof MurmurError && SOURCE_FAULTS.has(error.code)
}

const READ_FORMATS = 'MP4, MOV, WebM, Matroska, MPEG-TS, AVI, FLV and Ogg'

/** Why ffmpeg could not make a picture of a source, from what it wrote. Pure. */
export function sourceFault(kind: InputSpec['kind'], stderr: string): MurmurError {
  const tooLarge = /Picture size (\d+)x(\d+) exceeds/.exec(stderr)
  if (tooLarge) return sizeFault(Number(tooLarge[1]), Number(tooLarge[2]))
  if (/not on whitelist|not in allowed_\w*extensions|blocked for security reasons/i.test(stderr))
    return playlistFault(kind)
  if (/^Input #0/m.test(stderr) && !/: Video: (?!.*attached pic)/.test(stderr))
    return new MurmurError('UNSUPPORTED_FORMAT', 'the source holds no moving picture')
  if (kind === 'file') return brokenFile(stderr)
  if (kind === 'http' && /Invalid data found/i.test(stderr))
    return new MurmurError(
      'UNSUPPORTED_FORMAT',
      `what the address gives is no video that is read: ${READ_FORMATS}, MJPEG or HLS`,
    )
  return new MurmurError('SOURCE_UNAVAILABLE', `the source can't be opened: ${lastErrorLine(stderr)}`)
}

/** @throws MurmurError LIMIT_EXCEEDED */
export function assertWithinLimits({
  width,
  height,
  durationSec = 0,
}: Pick<MediaFacts, 'width' | 'height' | 'durationSec'>): void {
  const { edgePx, pixels, recordedSec } = CAPTURE_LIMITS
  if (Math.max(width, height) > edgePx || width * height > pixels) throw sizeFault(width, height)
  if (durationSec > recordedSec) {
    const message = `the source lasts ${Math.round(durationSec)} s, at most ${recordedSec} s are read`
    throw new MurmurError('LIMIT_EXCEEDED', message)
  }
}

function sizeFault(width: number, height: number): MurmurError {
  const { edgePx } = CAPTURE_LIMITS
  const message = `the source has ${width} × ${height} pixels, at most ${edgePx} × ${edgePx} are read`
  return new MurmurError('LIMIT_EXCEEDED', message)
}

/** A playlist or a script that would open something else. */
function playlistFault(kind: InputSpec['kind']): MurmurError {
  return kind === 'http'
    ? new MurmurError(
        'ADDRESS_FORBIDDEN',
        'the source is a playlist that opens something else than http and https addresses',
      )
    : new MurmurError(
        'UNSUPPORTED_FORMAT',
        `the file is a playlist or another format that is not read; ${READ_FORMATS} are`,
      )
}

function brokenFile(stderr: string): MurmurError {
  return /moov atom not found/i.test(stderr)
    ? new MurmurError('BROKEN_FILE', 'the file is cut off: its index is missing')
    : new MurmurError('BROKEN_FILE', `the file is no video that can be read: ${lastErrorLine(stderr)}`)
}

/** Says also what would mend it: cameras are often where nothing else may be called. */
export function forbiddenSource(address: string, host: string): MurmurError {
  const via = address === host ? '' : ` (${host})`
  const message = `video from ${address}${via} is not allowed here; MURMUR_VIDEO_NETWORKS names the networks that are, by tenant`
  return new MurmurError('ADDRESS_FORBIDDEN', message)
}

/** The same for ports. */
export function forbiddenPort(port: number): MurmurError {
  const message = `video from port ${port} is not allowed here; MURMUR_VIDEO_PORTS names the ports that are, by tenant`
  return new MurmurError('ADDRESS_FORBIDDEN', message)
}

/** Why there is no connection to a source, from what a connector threw. */
export function unreachableSource(error: unknown, host: string): MurmurError {
  const cause = error instanceof MurmurError ? error : error instanceof Error ? error.cause : undefined
  if (cause instanceof ForbiddenAddressError) return forbiddenSource(cause.address, host)
  if (cause instanceof MurmurError) return cause
  return new MurmurError('SOURCE_UNAVAILABLE', `${host} can't be reached: ${messageOf(error)}`, {
    cause: error,
  })
}

/** A source that asks who is there. */
export function refusedUser(host: string, hasUser: boolean): MurmurError {
  const message = hasUser
    ? `${host} refuses this user and password`
    : `${host} asks for a user and a password: name a secret that has them, rtsp://{cam-1}@${host}/…`
  return new MurmurError('CREDENTIALS_REFUSED', message)
}

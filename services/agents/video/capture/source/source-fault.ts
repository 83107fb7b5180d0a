import { MurmurError } from '#platform/errors/murmur-error.ts'
import { CAPTURE_LIMITS } from '../limits.ts'
import { lastErrorLine } from '../program/stderr-tail.ts'
import type { InputSpec } from './input-arguments.ts'
import type { SourceFacts } from './source-facts.ts'

const READ = 'MP4, MOV, WebM, Matroska, MPEG-TS, AVI, FLV and Ogg'

/** Why ffmpeg could not make a picture of a source, from what it wrote. Pure. */
export function sourceFault(kind: InputSpec['kind'], stderr: string): MurmurError {
  const tooLarge = /Picture size (\d+)x(\d+) exceeds/.exec(stderr)
  if (tooLarge) return sizeFault(Number(tooLarge[1]), Number(tooLarge[2]))
  if (/not on whitelist|not in allowed_\w*extensions|blocked for security reasons/i.test(stderr))
    return disguised(kind)
  if (/^Input #0/m.test(stderr) && !/: Video: (?!.*attached pic)/.test(stderr))
    return new MurmurError('UNSUPPORTED_FORMAT', 'the source holds no moving picture')
  if (kind === 'file') return brokenFile(stderr)
  if (kind === 'http' && /Invalid data found/i.test(stderr))
    return new MurmurError(
      'UNSUPPORTED_FORMAT',
      `what the address gives is no video that is read: ${READ}, MJPEG or HLS`,
    )
  return new MurmurError('SOURCE_UNAVAILABLE', `the source can't be opened: ${lastErrorLine(stderr)}`)
}

/** @throws MurmurError LIMIT_EXCEEDED */
export function assertWithinLimits({ width, height, durationSec = 0 }: SourceFacts): void {
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
function disguised(kind: InputSpec['kind']): MurmurError {
  return kind === 'http'
    ? new MurmurError(
        'ADDRESS_FORBIDDEN',
        'the source is a playlist that opens something else than http and https addresses',
      )
    : new MurmurError(
        'UNSUPPORTED_FORMAT',
        `the file is a playlist or another format that is not read; ${READ} are`,
      )
}

function brokenFile(stderr: string): MurmurError {
  return /moov atom not found/i.test(stderr)
    ? new MurmurError('BROKEN_FILE', 'the file is cut off: its index is missing')
    : new MurmurError('BROKEN_FILE', `the file is no video that can be read: ${lastErrorLine(stderr)}`)
}

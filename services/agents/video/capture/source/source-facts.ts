/** What is known about a source before its first frame. */
export interface SourceFacts {
  /** As shown, after rotation. Pixels. */
  width: number
  height: number
  /** Frames a second; missing where the source does not say. */
  fps?: number
  /** Whether frames come at even distances: their times then follow from counting. */
  constantRate: boolean
  /** Missing for what has no end. Seconds. */
  durationSec?: number
}

/**
 * From what ffmpeg writes about its input; undefined when it names no moving picture. Read from ffmpeg rather than ffprobe,
 * which the npm package does not bring.
 */
export function factsFromDescription(text: string): SourceFacts | undefined {
  const video = text
    .split('\n')
    .find((line) => /^\s*Stream #0:\d+.*: Video: /.test(line) && !line.includes('(attached pic)'))
  if (video === undefined) return undefined
  const [, width, height] = /, (\d{1,5})x(\d{1,5})(?=[ ,[]|$)/.exec(video) ?? []
  if (!Number(width) || !Number(height)) return undefined
  const rotation = Number(/rotation of (-?\d+(?:\.\d+)?)/.exec(text)?.[1] ?? 0)
  const lying = Math.abs(Math.round(rotation / 90)) % 2 === 1
  const average = rate(video, 'fps')
  const base = rate(video, 'tbr')
  const fps = average ?? base
  const durationSec = duration(text)
  return {
    width: Number(lying ? height : width),
    height: Number(lying ? width : height),
    ...(fps !== undefined && { fps }),
    constantRate: average !== undefined && base !== undefined && Math.abs(average - base) / base < 0.005,
    ...(durationSec !== undefined && { durationSec }),
  }
}

/** From the first line of a yuv4mpeg2 stream: `YUV4MPEG2 W640 H360 F10:1 …`; undefined when it is none. */
export function factsFromY4mHeader(line: string): SourceFacts | undefined {
  const [magic, ...fields] = line.trim().split(' ')
  if (magic !== 'YUV4MPEG2') return undefined
  const field = (letter: string) => fields.find((one) => one.startsWith(letter))?.slice(1)
  const [above, below] = (field('F') ?? '').split(':').map(Number)
  const [width, height] = [Number(field('W')), Number(field('H'))]
  if (!width || !height || !above || !below) return undefined
  return { width, height, fps: above / below, constantRate: true }
}

/** ffmpeg writes two decimals: 23.98 is 24000/1001, and over an hour the difference is half a second. */
function rate(line: string, unit: 'fps' | 'tbr'): number | undefined {
  const [, digits, thousands] = new RegExp(`, (\\d+(?:\\.\\d+)?)(k?) ${unit}`).exec(line) ?? []
  const value = Number(digits) * (thousands ? 1000 : 1)
  if (!(value > 0)) return undefined
  const ntsc = (Math.ceil(value) * 1000) / 1001
  return !Number.isInteger(value) && Math.abs(ntsc - value) < 0.006 ? ntsc : value
}

function duration(text: string): number | undefined {
  const [, hours, minutes, seconds] = /Duration: (\d+):(\d\d):(\d\d(?:\.\d+)?)/.exec(text) ?? []
  const value = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)
  return value > 0 ? value : undefined
}

import { z } from 'zod'
import { parseMoment } from '../clock/parse-moment.ts'
import { parseRational, type Rational, rationalFromPrintedRate, toNumber } from './rational.ts'

/** What a file or stream says about its moving picture and itself; what it does not say is missing. */
export interface MediaFacts {
  /** The container: `mp4`, `matroska`, else as ffmpeg names it; `unknown`. */
  format: string
  /** As ffmpeg names it; `unknown`. */
  codec: string
  /** As shown, after rotation. Pixels; 0 where it does not say. */
  width: number
  /** As shown, after rotation. Pixels; 0 where it does not say. */
  height: number
  /** Frames a second on average. */
  frameRate?: Rational
  /** Whether frames come at even distances: their times then follow from counting. */
  hasConstantRate: boolean
  /** Missing for what has no end. Seconds. */
  durationSec?: number
  hasAudio: boolean
  /** When it was recorded, as it says itself. Unix milliseconds. */
  createdAtMs?: number
}

const tagsSchema = z.object({ creation_time: z.string().optional() }).default({})

const streamSchema = z.object({
  codec_type: z.string().default(''),
  codec_name: z.string().default('unknown'),
  width: z.number().default(0),
  height: z.number().default(0),
  avg_frame_rate: z.string().default('0/0'),
  r_frame_rate: z.string().default('0/0'),
  duration: z.string().optional(),
  tags: tagsSchema,
  disposition: z.object({ attached_pic: z.number().default(0) }).default({ attached_pic: 0 }),
  side_data_list: z.array(z.object({ rotation: z.number().optional() })).default([]),
})

const probeSchema = z.object({
  streams: z.array(streamSchema).default([]),
  format: z.object({ format_name: z.string(), duration: z.string().optional(), tags: tagsSchema }),
})

/**
 * From the JSON of `ffprobe -show_format -show_streams`; undefined when there is no moving picture. Pure.
 * @throws Error when it is no such JSON
 */
export function factsFromProbe(json: string): MediaFacts | undefined {
  const { streams, format } = probeSchema.parse(JSON.parse(json))
  const video = streams.find((one) => one.codec_type === 'video' && one.disposition.attached_pic === 0)
  if (!video) return undefined
  const rotation = video.side_data_list.find((data) => data.rotation !== undefined)?.rotation ?? 0
  return {
    format: containerName(format.format_name),
    codec: video.codec_name,
    ...shownSize(video.width, video.height, rotation),
    ...rates(parseRational(video.avg_frame_rate), parseRational(video.r_frame_rate)),
    ...duration(Number(format.duration ?? video.duration)),
    ...createdAt(format.tags.creation_time ?? video.tags.creation_time),
    hasAudio: streams.some((one) => one.codec_type === 'audio'),
  }
}

/**
 * From what ffmpeg itself writes about its input, for machines without ffprobe, which the npm package does not bring;
 * undefined when it names no moving picture. Pure.
 */
export function factsFromDescription(text: string): MediaFacts | undefined {
  const streams = text.split('\n').filter((line) => /^\s*Stream #0:/.test(line))
  const video = streams.find((line) => line.includes(': Video: ') && !line.includes('(attached pic)'))
  if (video === undefined) return undefined
  const [, width, height] = /, (\d{1,5})x(\d{1,5})(?=[ ,[]|$)/.exec(video) ?? []
  const rotation = /^\s*displaymatrix: rotation of (-?\d+(?:\.\d+)?)/m.exec(text)?.[1]
  return {
    format: containerName(/^Input #0, (.+), from '/m.exec(text)?.[1] ?? 'unknown'),
    codec: /: Video: ([A-Za-z0-9_]+)/.exec(video)?.[1] ?? 'unknown',
    ...shownSize(Number(width ?? 0), Number(height ?? 0), Number(rotation ?? 0)),
    ...rates(printedRate(video, 'fps'), printedRate(video, 'tbr')),
    ...duration(printedDuration(text)),
    // That of the file comes before those of its streams.
    ...createdAt(/^\s*creation_time\s*: (\S+)/m.exec(text)?.[1]),
    hasAudio: streams.some((line) => line.includes(': Audio: ')),
  }
}

/** From the first line of a yuv4mpeg2 stream: `YUV4MPEG2 W640 H360 F10:1 …`; undefined when it is none. Pure. */
export function factsFromY4mHeader(line: string): MediaFacts | undefined {
  const [magic, ...fields] = line.trim().split(' ')
  if (magic !== 'YUV4MPEG2') return undefined
  const field = (letter: string) => fields.find((one) => one.startsWith(letter))?.slice(1) ?? ''
  const frameRate = parseRational(field('F'))
  const [width, height] = [Number(field('W')), Number(field('H'))]
  if (!width || !height || !frameRate) return undefined
  return {
    format: 'yuv4mpegpipe',
    codec: 'rawvideo',
    width,
    height,
    frameRate,
    hasConstantRate: true,
    hasAudio: false,
  }
}

/** A demuxer goes by all the names of its family: the best known stands for them. */
function containerName(names: string): string {
  if (names.startsWith('mov,mp4')) return 'mp4'
  return names.startsWith('matroska') ? 'matroska' : names
}

function shownSize(width: number, height: number, rotation: number): Pick<MediaFacts, 'width' | 'height'> {
  const isTurned = Math.abs(Math.round(rotation / 90)) % 2 === 1
  return isTurned ? { width: height, height: width } : { width, height }
}

/** @param base the smallest rate in which all times of frames can be counted: the average itself where they are even */
function rates(
  average: Rational | undefined,
  base: Rational | undefined,
): Pick<MediaFacts, 'frameRate' | 'hasConstantRate'> {
  const frameRate = average ?? base
  const isEven = average && base && Math.abs(toNumber(average) - toNumber(base)) / toNumber(base) < 0.005
  return { ...(frameRate && { frameRate }), hasConstantRate: isEven === true }
}

function duration(seconds: number): Pick<MediaFacts, 'durationSec'> {
  return Number.isFinite(seconds) && seconds > 0 ? { durationSec: seconds } : {}
}

/** Programs that don't know the time write the beginning of an epoch: 1904, 1970. */
const FIRST_CREATION_MS = Date.UTC(1990, 0, 1)

function createdAt(text: string | undefined): Pick<MediaFacts, 'createdAtMs'> {
  const atMs = text === undefined ? undefined : parseMoment(text)
  return atMs !== undefined && atMs >= FIRST_CREATION_MS ? { createdAtMs: atMs } : {}
}

function printedRate(line: string, unit: 'fps' | 'tbr'): Rational | undefined {
  const [, digits, thousands] = new RegExp(`, (\\d+(?:\\.\\d+)?)(k?) ${unit}`).exec(line) ?? []
  return rationalFromPrintedRate(Number(digits) * (thousands ? 1000 : 1))
}

function printedDuration(text: string): number {
  const [, hours, minutes, seconds] = /^\s*Duration: (\d+):(\d\d):(\d\d(?:\.\d+)?)/m.exec(text) ?? []
  return Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)
}

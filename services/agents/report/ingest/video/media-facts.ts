import { z } from 'zod'

/** What a video says about itself; zeros where it does not say. */
export interface MediaFacts {
  format: string
  codec: string
  durationSec: number
  /** As shown, after rotation. */
  widthPx: number
  heightPx: number
  fps: number
  hasAudio: boolean
}

const streamSchema = z.object({
  codec_type: z.string().default(''),
  codec_name: z.string().default('unknown'),
  width: z.number().default(0),
  height: z.number().default(0),
  avg_frame_rate: z.string().default('0/0'),
  r_frame_rate: z.string().default('0/0'),
  duration: z.string().optional(),
  disposition: z.object({ attached_pic: z.number().default(0) }).default({ attached_pic: 0 }),
  side_data_list: z.array(z.object({ rotation: z.number().optional() })).default([]),
})

const probeSchema = z.object({
  streams: z.array(streamSchema).default([]),
  format: z.object({ format_name: z.string(), duration: z.string().optional() }),
})

/** From the JSON of ffprobe; undefined when there is no moving picture in the file. @throws when it is no such JSON */
export function factsFromProbe(json: string): MediaFacts | undefined {
  const { streams, format } = probeSchema.parse(JSON.parse(json))
  const video = streams.find((one) => one.codec_type === 'video' && one.disposition.attached_pic === 0)
  if (!video) return undefined
  const rotation = video.side_data_list.find((data) => data.rotation !== undefined)?.rotation ?? 0
  return {
    format: containerName(format.format_name),
    codec: video.codec_name,
    durationSec: positive(Number(format.duration ?? video.duration)),
    ...shownSize(video.width, video.height, rotation),
    fps: ratio(video.avg_frame_rate) || ratio(video.r_frame_rate),
    hasAudio: streams.some((one) => one.codec_type === 'audio'),
  }
}

/** From what ffmpeg writes about its input, for machines without ffprobe; undefined when it names no moving picture. */
export function factsFromDescription(text: string): MediaFacts | undefined {
  const format = /^Input #0, (.+), from '/m.exec(text)?.[1]
  const streams = text.split('\n').filter((line) => /^\s*Stream #0:/.test(line))
  const video = streams.find((line) => line.includes(': Video: ') && !line.includes('(attached pic)'))
  if (!format || !video) return undefined
  const [, width, height] = /, (\d{1,5})x(\d{1,5})(?=[ ,[]|$)/.exec(video) ?? []
  const rotation = /displaymatrix: rotation of (-?\d+(?:\.\d+)?)/.exec(text)?.[1]
  return {
    format: containerName(format),
    codec: /: Video: ([A-Za-z0-9_]+)/.exec(video)?.[1] ?? 'unknown',
    durationSec: clockTime(text),
    ...shownSize(Number(width ?? 0), Number(height ?? 0), Number(rotation ?? 0)),
    fps: positive(Number(/, (\d+(?:\.\d+)?) fps/.exec(video)?.[1])),
    hasAudio: streams.some((line) => line.includes(': Audio: ')),
  }
}

/** A demuxer goes by all the names of its family: the best known stands for them. */
function containerName(names: string): string {
  if (names.startsWith('mov,mp4')) return 'mp4'
  return names.startsWith('matroska') ? 'matroska' : names
}

function shownSize(width: number, height: number, rotation: number): { widthPx: number; heightPx: number } {
  const lying = Math.abs(Math.round(rotation / 90)) % 2 === 1
  return lying ? { widthPx: height, heightPx: width } : { widthPx: width, heightPx: height }
}

function clockTime(text: string): number {
  const [, hours, minutes, seconds] = /Duration: (\d+):(\d\d):(\d\d(?:\.\d+)?)/.exec(text) ?? []
  return positive(Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds))
}

/** `30000/1001`, in frames a second to two places. */
function ratio(text: string): number {
  const [above, below] = text.split('/').map(Number)
  return Math.round(positive(above! / (below ?? 1)) * 100) / 100
}

function positive(value: number): number {
  return Number.isFinite(value) && value > 0 ? value : 0
}

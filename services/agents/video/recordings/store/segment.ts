import { z } from 'zod'

/** A file of recorded video, as its index tells of it. */
export const segmentSchema = z.object({
  /** Of the file, within the folder of its day. */
  name: z.string(),
  /** When it was begun, on the line that recordings are ordered and grow old by. Milliseconds. */
  lineMs: z.number(),
  /** By the wall's clock at that time: Unix milliseconds. */
  startMs: z.number(),
  endMs: z.number(),
  /** The same in the time of the stream, since it was opened. Milliseconds. */
  streamStartMs: z.number(),
  streamEndMs: z.number(),
  bytes: z.number(),
  monitor: z.string(),
  /** Capture of the monitor, and opening of the source within it: stream times of one session go on. */
  session: z.string(),
  /** The same where one can be played behind the other. */
  init: z.string(),
  codec: z.string(),
  width: z.number(),
  height: z.number(),
  /** Something was seen in it. */
  isActive: z.boolean(),
  /** A copy is in the archive. */
  isArchived: z.boolean().optional(),
})
export type SegmentFacts = z.infer<typeof segmentSchema>

/** A segment in memory. */
export interface Segment extends SegmentFacts {
  /** It is being written. */
  isOpen: boolean
  /** An event of a rule is near. */
  isHeld: boolean
  /** The file is here; it may be in the archive only. */
  isLocal: boolean
}

/** What stands in a file about itself, so that its index can be made again. */
export const segmentNoteSchema = z.object({ v: z.literal(1), monitor: z.string(), session: z.string() })
export type SegmentNote = z.infer<typeof segmentNoteSchema>

/** A file with what was seen by frames, as far as its index goes. */
export interface DetectionFile {
  name: string
  lineMs: number
  startMs: number
  /** Of what is in it. */
  endMs: number
  bytes: number
  isOpen: boolean
}

export const VIDEO_SUFFIX = '.mp4'
export const DETECTIONS_SUFFIX = '.detections'

/** `<line>-<wall>`: both are known of a file whatever becomes of its index. Pure. */
export function fileName(times: { lineMs: number; startMs: number }, suffix: string): string {
  return `${digits(times.lineMs)}-${digits(times.startMs)}${suffix}`
}

/** The times in the name of a file; undefined when it is none of ours. Pure. */
export function timesOf(name: string, suffix: string): { lineMs: number; startMs: number } | undefined {
  if (!name.endsWith(suffix)) return undefined
  const [, line, start] = /^(\d{13,16})-(\d{13,16})$/.exec(name.slice(0, -suffix.length)) ?? []
  return line === undefined ? undefined : { lineMs: Number(line), startMs: Number(start) }
}

/** The folder of a day on the line of age, as `2026-11-30`. Pure. */
export function dayOf(lineMs: number): string {
  return new Date(lineMs).toISOString().slice(0, 10)
}

export const DAY_PATTERN = /^\d{4}-\d\d-\d\d$/

function digits(ms: number): string {
  return String(Math.max(0, Math.round(ms))).padStart(13, '0')
}

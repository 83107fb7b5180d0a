import { z } from 'zod'
import { taskSummarySchema } from '#schemas/task.ts'

/** The version of what stands in segments, indexes and manifests. Readers refuse a later one by name. */
export const HISTORY_SCHEMA_VERSION = 1
export const HISTORY_FORMAT = 'murmuration-history'

const common = {
  format: z.literal(HISTORY_FORMAT),
  schemaVersion: z.int().min(1),
  /** Of Murmuration, that wrote it. */
  software: z.string(),
  /** Which LOG stream it comes from: when that was made, as a name. */
  log: z.string(),
  partition: z.int().min(0),
  partitions: z.int().min(1),
  /** It has every event of its partition from this sequence number of the log on. */
  fromSeq: z.int().min(1),
}

/** The first line of a segment. */
export const segmentHeaderSchema = z.object(common)
export type SegmentHeader = z.infer<typeof segmentHeaderSchema>

/** A part of a segment that is compressed by itself: a zstd frame. Bytes of the file, and of its text. */
export const frameSchema = z.object({
  offset: z.int().min(0),
  bytes: z.int().min(1),
  rawBytes: z.int().min(1),
  fromSeq: z.int().min(0),
  toSeq: z.int().min(0),
})
export type Frame = z.infer<typeof frameSchema>

/** The first line of an index. */
export const indexHeaderSchema = z.object({ ...common, frames: z.array(frameSchema) })

/** A line of an index: what a segment has of one task. */
export const indexedTaskSchema = z.object({
  taskId: z.string(),
  /** Unknown of what was never accepted. */
  tenant: z.string().optional(),
  events: z.int().min(1),
  /** Frames with events of it, by their place in the header. */
  frames: z.array(z.int().min(0)),
  /** `fromSeq` of the segment of the same partition with the events before these; absent: there are none. */
  previous: z.int().min(1).optional(),
  /** Of a task that ended in this segment. */
  summary: taskSummarySchema.optional(),
  /** What the summary leaves out because it is payload, encrypted: `labels` and `error`. */
  sealed: z.string().optional(),
  endedSeq: z.int().optional(),
  stateHash: z.string().optional(),
})
export type IndexedTaskLine = z.infer<typeof indexedTaskSchema>

const fileSchema = z.object({
  key: z.string(),
  bytes: z.int().min(1),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
})

/** A segment as the manifest has it: only what stands there is part of the archive. */
export const manifestEntrySchema = z.object({
  ...common,
  toSeq: z.int().min(1),
  /** When the broker stored the first and the last event. Unix milliseconds. */
  fromMs: z.number(),
  toMs: z.number(),
  events: z.int().min(1),
  tasks: z.int().min(0),
  /** Tasks that ended in it, and when the oldest and the newest of those were created. Unix milliseconds. */
  ended: z.int().min(0),
  createdFromMs: z.number().optional(),
  createdToMs: z.number().optional(),
  /** Of the text, before it was compressed. */
  rawBytes: z.int().min(1),
  data: fileSchema,
  index: fileSchema,
  /** Sequence numbers that had gone from the log before they were written; absent: nothing is missing. */
  gap: z.object({ fromSeq: z.int(), toSeq: z.int() }).optional(),
})
export type ManifestEntry = z.infer<typeof manifestEntrySchema>

/** What all files of one partition of one log have in common. */
export interface ArchivedPartition {
  log: string
  partition: number
  partitions: number
}

export const MANIFEST = 'manifest/'
export const SEGMENTS = 'segments/'
const SEQ_DIGITS = 16

/** A stream's time of creation as a name for files: `2026-11-29T16:34:38.123456789Z` is `20261129T163438.123456789Z`. Pure. */
export function logName(streamCreated: string): string {
  return streamCreated.replace(/[^0-9A-Za-z.]/g, '')
}

/** `20261129T163438.1Z/p07of16/`. Pure. */
export function partitionFolder({ log, partition, partitions }: ArchivedPartition): string {
  const digits = String(partitions - 1).length
  return `${log}/p${String(partition).padStart(digits, '0')}of${partitions}/`
}

export function manifestKey(of: ArchivedPartition, fromSeq: number): string {
  return `${MANIFEST}${partitionFolder(of)}${padded(fromSeq)}.json`
}

/** Named by its content: two writers of the same write the same, and never over each other. */
export function segmentKey(of: ArchivedPartition, range: { fromSeq: number; toSeq: number }, sha256: string) {
  return `${SEGMENTS}${partitionFolder(of)}${padded(range.fromSeq)}-${padded(range.toSeq)}-${sha256.slice(0, 12)}`
}

function padded(seq: number): string {
  return String(seq).padStart(SEQ_DIGITS, '0')
}

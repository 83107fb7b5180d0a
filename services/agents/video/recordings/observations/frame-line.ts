import { z } from 'zod'
import type { Track } from '#schemas/camera.ts'
import { detectionSchema } from '#schemas/detection.ts'

/**
 * A message about a frame, as far as it matters here: what else it says is kept as it came, so that whoever looks at it again sees what
 * the tracker saw.
 */
export const seenFrameSchema = z.looseObject({
  v: z.literal(1),
  camera: z.string(),
  monitor: z.string(),
  epoch: z.number(),
  seq: z.int(),
  /** Of the wall, for cameras: Unix milliseconds. */
  atMs: z.number(),
  detections: z.array(detectionSchema.loose()).max(1000).optional(),
  /** Share of the picture that moved, where somebody has measured it. */
  motion: z.number().optional(),
})
export type SeenFrame = z.infer<typeof seenFrameSchema>

/** A frame as it was seen, and what the tracker made of it. */
export interface ObservedFrame {
  readonly seen: SeenFrame
  /** Missing: the tracker has not used it. */
  readonly tracks?: readonly Track[] | undefined
  /** Why it has not: it came too late, or there was no tracker. */
  readonly unused?: 'late' | 'away' | undefined
  /** From where on detections counted, as the monitor and the model had it. */
  readonly minScore?: number | undefined
}

const SHARED = ['v', 'camera', 'monitor', 'epoch', 'pace'] as const
/** Said of every frame, and of no use afterwards. */
const LEFT_OUT: ReadonlySet<string> = new Set([...SHARED, 'detector', 'skipped', 'inferMs', 'tenant'])
/** What replaces it, where a schema wants it. */
const FILLED_IN = { detector: '', skipped: 0, inferMs: 0 }

/** What stays the same over the frames of a block. Pure. */
export function headOf({ seen, minScore }: ObservedFrame): string {
  const shared = Object.fromEntries(SHARED.map((key) => [key, seen[key]]))
  return JSON.stringify({ ...shared, ...(minScore !== undefined && { minScore }) })
}

/**
 * A frame as a line: boxes and scores of detections as they came, to the last digit, so that whoever looks at them again sees the same;
 * tracks for people, rounded. Pure.
 */
export function lineOf({ seen, tracks, unused }: ObservedFrame): string {
  const own = Object.fromEntries(Object.entries(seen).filter(([key]) => !LEFT_OUT.has(key)))
  return JSON.stringify({ d: own, ...(tracks && { t: tracks.map(rounded) }), ...(unused && { u: unused }) })
}

function rounded(track: Track) {
  const box = track.box.map((value) => Math.round(value * 1e4) / 1e4)
  return { ...track, score: Math.round(track.score * 100) / 100, box }
}

/**
 * The frames in the text of a block: the head, then a line each. What does not read as a frame is passed over. Only what says which
 * frame it is is looked at here: whoever uses the rest checks it. Pure.
 */
export function framesIn(text: string): ObservedFrame[] {
  const [first = '', ...lines] = text.split('\n')
  const head = objectIn(first)
  if (!head) return []
  const { minScore, ...shared } = head
  const about = typeof minScore === 'number' ? { minScore } : {}
  return lines.flatMap((line) => {
    const { d: own, t: tracks, u: unused } = objectIn(line) ?? {}
    if (typeof own !== 'object' || own === null) return []
    const seen = { ...shared, ...('detections' in own ? FILLED_IN : {}), ...own } as SeenFrame
    if (!isFrame(seen)) return []
    return [
      {
        seen,
        ...about,
        ...(Array.isArray(tracks) && { tracks: tracks as Track[] }),
        ...((unused === 'late' || unused === 'away') && { unused }),
      },
    ]
  })
}

function isFrame({ atMs, seq, epoch, monitor, camera }: SeenFrame): boolean {
  const numbers = [atMs, seq, epoch]
  return numbers.every(Number.isFinite) && typeof monitor === 'string' && typeof camera === 'string'
}

function objectIn(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}

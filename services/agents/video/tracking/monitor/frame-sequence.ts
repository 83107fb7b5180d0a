import { z } from 'zod'
import type { FrameGate } from '#schemas/frame.ts'

/** Which frames have come, and which are missing. */
export const frameOrderSchema = z.object({
  epoch: z.number(),
  /** The newest of this epoch. */
  seq: z.int().min(0),
  /** The last few that came, newest last: what is delivered twice is not late. */
  recent: z.array(z.int()),
  analysed: z.int().min(0),
  late: z.int().min(0),
  /** Frames up to the newest of each epoch, all epochs together. */
  expected: z.int().min(0),
  /** Frames that were not looked at because nothing new was to be seen, all epochs together. */
  gated: z.int().min(0).optional(),
  /** Those of this epoch, as its capture told last. */
  gatedInEpoch: z.int().min(0).optional(),
})
export type FrameOrder = z.infer<typeof frameOrderSchema>

export const NO_FRAMES: FrameOrder = { epoch: 0, seq: 0, recent: [], analysed: 0, late: 0, expected: 0 }

/** `next`: to be used. `late`: came after a later one. `stale`: of a capture that was replaced, or known already. */
export type FrameVerdict = 'next' | 'late' | 'stale'

const MAX_RECENT = 64

/** A frame as it is judged: `gated` when it was not looked at because nothing had moved. */
export interface OrderedFrame {
  epoch: number
  seq: number
  gated?: true | undefined
  gate?: FrameGate | undefined
}

/** Judges a frame by its number, and counts it. Pure. */
export function orderFrame(
  order: FrameOrder,
  frame: OrderedFrame,
): { order: FrameOrder; verdict: FrameVerdict } {
  const { epoch, seq } = frame
  if (epoch < order.epoch) return { order, verdict: 'stale' }
  const before =
    epoch > order.epoch
      ? { ...order, epoch, seq: 0, recent: [], ...(order.gated && { gatedInEpoch: 0 }) }
      : order
  if (before.recent.includes(seq)) return { order, verdict: 'stale' }
  const recent = [...before.recent, seq].slice(-MAX_RECENT)
  if (seq <= before.seq) {
    // One that was not looked at brings nothing when it is late, and is counted with those after it.
    if (frame.gated) return { order, verdict: 'stale' }
    return { order: { ...before, recent, late: before.late + 1 }, verdict: 'late' }
  }
  const expected = before.expected + seq - before.seq
  const analysed = before.analysed + (frame.gated ? 0 : 1)
  return {
    order: { ...before, seq, recent, expected, analysed, ...gatedWith(before, frame) },
    verdict: 'next',
  }
}

function gatedWith(order: FrameOrder, { gate }: OrderedFrame): Pick<FrameOrder, 'gated' | 'gatedInEpoch'> {
  if (!gate) return {}
  const known = order.gatedInEpoch ?? 0
  const gatedInEpoch = Math.max(known, gate.gated)
  return { gated: (order.gated ?? 0) + gatedInEpoch - known, gatedInEpoch }
}

/** Whether all frames between the newest one and a frame were not looked at because nothing had moved since that. Pure. */
export function isCovered(order: FrameOrder, { epoch, gate }: OrderedFrame): boolean {
  return gate !== undefined && epoch === order.epoch && gate.after > 0 && order.seq >= gate.after
}

/** What a capture reports at its end: the frames that its decoder gave, and those of them that it did not send. */
export interface CaptureCounts {
  epoch: number
  decoded: number
  droppedAtCapture: number
  gated?: number | undefined
}

/**
 * Frames that were sent and not analysed: what is missing between the numbers that came, and after the last of them,
 * when the capture has reported how many it sent. Pure.
 */
export function droppedFrames(order: FrameOrder, captureCounts?: CaptureCounts): number {
  const { seq, expected, analysed, late } = order
  const isNewer = captureCounts !== undefined && captureCounts.epoch > order.epoch
  const last = isNewer ? 0 : seq
  const known = isNewer ? 0 : (order.gatedInEpoch ?? 0)
  const gated = (order.gated ?? 0) + Math.max(0, (captureCounts?.gated ?? 0) - known)
  const after = captureCounts ? Math.max(0, captureCounts.decoded - captureCounts.droppedAtCapture - last) : 0
  return Math.max(0, expected + after - analysed - late - gated)
}

/**
 * Time that never goes back. A clip that begins again, or a clock that is set, must not stop tracks from ageing or rules from
 * counting: what they count in is this, and `offsetMs` leads from it to the time of the event shown.
 */
export const timelineSchema = z.object({ lastMs: z.number().optional(), offsetMs: z.number() })
export type Timeline = z.infer<typeof timelineSchema>

export const NEW_TIMELINE: Timeline = { offsetMs: 0 }

/** The assumed interval of two frames whose times give none. Milliseconds. */
const USUAL_STEP_MS = 100

/** The time line at a frame of this time; `lastMs` of the result is the frame's. Pure. */
export function advanceTo({ lastMs, offsetMs }: Timeline, atMs: number): Timeline & { lastMs: number } {
  if (lastMs === undefined || atMs - offsetMs > lastMs) return { lastMs: atMs - offsetMs, offsetMs }
  return { lastMs: lastMs + USUAL_STEP_MS, offsetMs: atMs - lastMs - USUAL_STEP_MS }
}

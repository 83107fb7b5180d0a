import { parseMoment } from '#platform/clock/parse-moment.ts'
import type { CaptureSummary } from '#schemas/monitor-steps.ts'

/** When a recording begins, and who says so. */
export type RecordingStart = NonNullable<CaptureSummary['recording']>

/** A clock that goes ahead by less may be that of the camera. Milliseconds. */
const AHEAD_MS = 24 * 3_600_000

/**
 * When a recording begins: as the request says, else as the file does, else now. A file that says it comes from the future says nothing. Pure.
 * @param startsAt a time with its zone @param createdAtMs Unix milliseconds
 */
export function recordingStart(
  startsAt: string | undefined,
  createdAtMs: number | undefined,
  nowMs: number,
): RecordingStart {
  const asked = startsAt === undefined ? undefined : parseMoment(startsAt)
  if (asked !== undefined) return { startsAtMs: asked, from: 'request' }
  if (createdAtMs !== undefined && createdAtMs < nowMs + AHEAD_MS)
    return { startsAtMs: createdAtMs, from: 'file' }
  return { startsAtMs: nowMs, from: 'clock' }
}

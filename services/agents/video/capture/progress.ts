import type { CameraState, Tracks } from '#schemas/camera.ts'
import type { CaptureInput } from '#schemas/monitor-steps.ts'

/** `live · 10.0 fps · 3 persons`, for watchers of the task. Pure. */
export function progressNote(
  { status, reason, fps }: { status: CameraState['status']; reason: string | undefined; fps: number },
  seen: Pick<Tracks, 'persons' | 'vehicles'> | undefined,
): string {
  if (status !== 'live') return reason === undefined ? status : `${status} · ${reason}`
  const counts = seen
    ? [counted(seen.persons, 'person'), ...(seen.vehicles > 0 ? [counted(seen.vehicles, 'vehicle')] : [])]
    : []
  return [status, `${fps.toFixed(1)} fps`, ...counts].join(' · ')
}

/** How far a source is, 0 to 1; 0 for what has no end. Pure. */
export function progressFraction(mediaMs: number, totalMs: number | undefined): number {
  return totalMs === undefined || totalMs <= 0 ? 0 : Math.min(1, mediaMs / totalMs)
}

/** How long a source is read, of which `durationSec` is known where it is a recording. Milliseconds; undefined for what has no end. Pure. */
export function totalMs(
  { durationMs, loop }: Pick<CaptureInput, 'durationMs' | 'loop'>,
  durationSec: number | undefined,
): number | undefined {
  const ofSource = durationSec === undefined || loop ? Number.POSITIVE_INFINITY : durationSec * 1000
  const total = Math.min(durationMs ?? Number.POSITIVE_INFINITY, ofSource)
  return Number.isFinite(total) ? total : undefined
}

/** `1 person`, `3 persons`. Pure. */
export function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`
}

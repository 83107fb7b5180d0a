import { givesPictures } from '#schemas/camera.ts'
import type { CameraView, CameraViewStatus } from '#schemas/camera-view.ts'
import type { LiveCamera } from './live-cameras.ts'

/** A camera tells how it is every second: what it said last holds for so long. Milliseconds. */
const FRESH_MS = 3000

/**
 * How a camera is just now: as it tells itself while it is heard, else as the list of cameras has it. Pure.
 * @param view what the list says; undefined: it is not there, or not known yet
 * @param nowMs by the clock of this page
 */
export function cameraNow(
  view: CameraView | undefined,
  live: LiveCamera | undefined,
  nowMs: number,
): CameraView | undefined {
  const { state, stateHeardAtMs } = live ?? {}
  if (!state || stateHeardAtMs === undefined || (view && nowMs - stateHeardAtMs > FRESH_MS)) return view
  const { v: _v, epoch: _epoch, atMs, frames, sinceMs, ...told } = state
  const { reason: _reason, ...known } = view ?? {}
  return {
    detectStream: state.mainStream ? 'substream' : 'main',
    ...known,
    ...told,
    sinceMs: sinceMs ?? view?.sinceMs ?? atMs,
    frames: { ...frames, droppedAtDetection: frames.droppedAtDetection ?? 0 },
  }
}

/** Whether pictures come from a camera that is like this. Pure. */
export function hasPictures(status: CameraViewStatus): boolean {
  return status !== 'waiting' && status !== 'unwatched' && givesPictures(status)
}

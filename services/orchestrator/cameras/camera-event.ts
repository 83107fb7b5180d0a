import { type CameraEvent, cameraStateEvent, type StateMoment } from '#schemas/camera-event.ts'
import type { TaskState } from '#schemas/task.ts'
import { plannedCaptures } from './judge-camera.ts'

type About = Pick<CameraEvent, 'tenant' | 'monitor' | 'camera'>
/** What orchestrators tell of a camera, unasked. */
type Kind = 'camera-unwatched' | 'monitor-ended'

const COOLDOWN_MS = 60_000

/** Nobody watches a camera that a monitor is to watch, or somebody does again. `sinceMs`: since when, Unix milliseconds. Pure. */
export function unwatchedEvent(
  about: About,
  { phase, sinceMs, reason }: { phase: 'begin' | 'end'; sinceMs: number; reason: string },
  nowMs: number,
): CameraEvent {
  const forS = Math.max(0, Math.round((nowMs - sinceMs) / 1000))
  const message =
    phase === 'begin'
      ? `Nobody watches camera ${about.camera} for ${forS} s: ${reason}`
      : `Camera ${about.camera} is watched again`
  return eventOf(about, 'camera-unwatched', { phase, sinceMs, message, atMs: nowMs })
}

/** A monitor has failed: its cameras are not watched any more, and nobody has asked for that. Pure. */
export function monitorEndedEvents(task: TaskState): CameraEvent[] {
  if (task.status !== 'failed') return []
  const { tenant, id: monitor, error, finishedAtMs = task.createdAtMs } = task
  const why = error ? `${error.code}: ${error.message}` : 'for an unknown reason'
  const cameras = new Set(plannedCaptures(task).map(({ camera }) => camera))
  return [...cameras].map((camera) => {
    const message = `The monitor of camera ${camera} has failed, and nobody watches it now: ${why}`
    const moment = { phase: 'begin' as const, sinceMs: finishedAtMs, message, atMs: finishedAtMs }
    return eventOf({ tenant, monitor, camera }, 'monitor-ended', moment)
  })
}

/**
 * A monitor sees its camera for the first time: whatever was told of it before, by whichever monitor, is over. Ends of what has not
 * begun change nothing. Pure.
 */
export function firstSeenEvents(about: About, nowMs: number): CameraEvent[] {
  const message = `Camera ${about.camera} is watched by another monitor`
  return [
    eventOf(about, 'monitor-ended', { phase: 'end', sinceMs: nowMs, message, atMs: nowMs }),
    unwatchedEvent(about, { phase: 'end', sinceMs: nowMs, reason: '' }, nowMs),
  ]
}

/** The same from every orchestrator that comes to it. */
function eventOf(about: About, kind: Kind, moment: Omit<StateMoment, 'mediaMs'>): CameraEvent {
  const rule = { id: kind, kind, severity: 'high', cooldownMs: COOLDOWN_MS } as const
  return cameraStateEvent({ ...about, rule }, { ...moment, mediaMs: 0 })
}

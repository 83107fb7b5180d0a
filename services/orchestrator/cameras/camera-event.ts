import type { CameraEvent } from '#schemas/camera-event.ts'
import { kindOfAgent } from '#schemas/site.ts'
import type { TaskState } from '#schemas/task.ts'

type About = Pick<CameraEvent, 'tenant' | 'monitor' | 'camera'>

const MAX_MESSAGE = 500

/** Nobody watches a camera that a monitor is to watch, or somebody does again. `sinceMs`: since when, Unix milliseconds. Pure. */
export function unwatchedEvent(
  about: About,
  { phase, sinceMs, reason }: { phase: 'begin' | 'end'; sinceMs: number; reason: string },
  nowMs: number,
): CameraEvent {
  const { tenant, monitor, camera } = about
  const forS = Math.max(0, Math.round((nowMs - sinceMs) / 1000))
  const message =
    phase === 'begin'
      ? `Nobody watches camera ${camera} for ${forS} s: ${reason}`
      : `Camera ${camera} is watched again`
  return {
    ...base({ tenant, monitor, camera }, nowMs),
    // The same from every orchestrator that comes to it.
    id: `${monitor}:camera-unwatched:${camera}:${phase}:${sinceMs}`.slice(0, 256),
    rule: { id: 'camera-unwatched', kind: 'camera-unwatched', severity: 'high', cooldownMs: 60_000 },
    state: { phase, sinceMs },
    message: message.slice(0, MAX_MESSAGE),
  }
}

/** A monitor has failed: its cameras are not watched any more, and nobody has asked for that. Pure. */
export function monitorEndedEvents(task: TaskState): CameraEvent[] {
  if (task.status !== 'failed') return []
  const { tenant, id: monitor, error, finishedAtMs = task.createdAtMs } = task
  const why = error ? `${error.code}: ${error.message}` : 'for an unknown reason'
  return camerasOf(task).map((camera) => ({
    ...base({ tenant, monitor, camera }, finishedAtMs),
    id: `${monitor}:monitor-ended:${camera}:${finishedAtMs}`.slice(0, 256),
    rule: { id: 'monitor-ended', kind: 'monitor-ended', severity: 'high', cooldownMs: 0 },
    message: `The monitor of camera ${camera} has failed, and nobody watches it now: ${why}`.slice(
      0,
      MAX_MESSAGE,
    ),
  }))
}

/** The cameras that the plan of a task captures. Pure. */
function camerasOf({ plan }: Pick<TaskState, 'plan'>): string[] {
  const cameras = plan.steps.flatMap(({ agent, input }) => {
    if (agent === undefined || kindOfAgent(agent) !== 'capture') return []
    const { camera } = (input ?? {}) as { camera?: unknown }
    return typeof camera === 'string' ? [camera] : []
  })
  return [...new Set(cameras)]
}

function base(about: About, atMs: number): Omit<CameraEvent, 'id' | 'rule' | 'message'> {
  return { v: 1, ...about, subject: 'camera', atMs, mediaMs: 0, objects: [] }
}

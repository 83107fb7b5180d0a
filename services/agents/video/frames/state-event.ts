import type { CameraEvent, StateChange } from '#schemas/camera-event.ts'

/** What a state is about. */
export interface CameraStateOf {
  tenant: string
  monitor: string
  camera: string
  rule: CameraEvent['rule']
  /** `camera` by default: what of the camera it is about, where one rule is about several things. */
  subject?: string
}

export interface StateMoment extends StateChange {
  /** One sentence for people: what it is like now, and why. */
  message: string
  /** When it was noticed, Unix milliseconds, and how long into the monitor. */
  atMs: number
  mediaMs: number
}

/** An alerting of an earlier release knows no ends: within this time it counts one to its alert, and raises none. */
const END_COOLDOWN_MS = 86_400_000
const MAX_MESSAGE = 500

/**
 * The event that says that a state of a camera has begun or ended: away, blind, lagging. The same moment gives the same id,
 * so it may be sent again. Pure.
 */
export function cameraStateEvent(about: CameraStateOf, moment: StateMoment): CameraEvent {
  const { tenant, monitor, camera, rule, subject = 'camera' } = about
  const { phase, sinceMs, message, atMs, mediaMs } = moment
  return {
    v: 1,
    id: `${monitor}:${rule.id}:${subject}:${phase}:${Math.round(sinceMs)}`,
    ...{ tenant, monitor, camera },
    rule: phase === 'end' ? { ...rule, cooldownMs: END_COOLDOWN_MS } : rule,
    subject,
    message: message.slice(0, MAX_MESSAGE),
    atMs,
    mediaMs,
    objects: [],
    state: { phase, sinceMs },
  }
}

import { createHash } from 'node:crypto'
import type { Alert } from '#schemas/alert.ts'
import type { CameraEvent } from '#schemas/camera-event.ts'

/** The alert that an event becomes: the same event, and all of its group, give the same alert on every instance. Pure. */
export function alertFromEvent(event: CameraEvent, raisedAtMs: number): Alert {
  const { v: _v, id, group, falsePositive: _known, ...about } = event
  const { frame } = event
  return {
    ...about,
    id: alertIdOf(group?.id ?? id),
    severity: event.rule.severity,
    status: 'open',
    raisedAtMs,
    // Clocks of two machines may disagree by more than it took.
    ...(frame && { latencyMs: Math.max(0, raisedAtMs - frame.capturedAtMs) }),
    occurrences: 1,
    ...(group && { subjects: group.subjects }),
    lastSeenAtMs: event.atMs,
  }
}

/** Made from the event's id, so that a redelivered event finds its alert again. Pure. */
export function alertIdOf(eventId: string): string {
  return `a${digest(eventId).slice(0, 23)}`
}

/**
 * The key of a cooldown: the camera, the rule and its subject. Rules and tracks have their names within a monitor:
 * `track-3` of another one is another object. Pure.
 */
export function cooldownKeyOf(
  about: Pick<CameraEvent, 'tenant' | 'monitor' | 'camera' | 'rule' | 'subject'>,
): string {
  const { tenant, monitor, camera, rule, subject } = about
  // A hash, because a subject may hold any characters; the list keeps ["a", "b-c"] and ["a-b", "c"] apart.
  return digest(JSON.stringify([tenant, monitor, camera, rule.id, subject])).slice(0, 32)
}

/** Names what an event id is remembered by. Pure. */
export function eventKeyOf(eventId: string): string {
  return digest(eventId).slice(0, 32)
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

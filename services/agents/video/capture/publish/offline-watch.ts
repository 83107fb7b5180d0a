import type { Clock } from '#platform/clock/clock.ts'
import type { CameraEvent } from '#schemas/camera-event.ts'
import type { OfflineRule } from '#schemas/monitor-steps.ts'
import { isActive } from '../../frames/schedule.ts'

/** Notices that a camera has given no picture for too long. */
export interface OfflineWatch {
  /** There is a picture now, or there could not be one before now. */
  picture(): void
  /** Events of the rules that have come true, each once an outage. */
  due(reason: string): CameraEvent[]
}

/** Counts from the last picture; a rule that comes due outside its hours does so when they begin. Pure but for the clock. */
export function createOfflineWatch(
  rules: readonly OfflineRule[],
  about: { tenant: string; monitor: string; camera: string },
  clock: Pick<Clock, 'nowMs' | 'monotonicMs'>,
): OfflineWatch {
  const startedAtMs = clock.nowMs()
  const reported = new Set<string>()
  let pictureAtMs = clock.monotonicMs()

  function eventOf({ id, kind, severity, cooldownMs, afterMs }: OfflineRule, reason: string): CameraEvent {
    const atMs = clock.nowMs()
    const message = `Camera ${about.camera} has given no picture for ${afterMs / 1000} s: ${reason}`
    return {
      v: 1,
      id: `${about.monitor}:${id}:camera:${atMs}`,
      ...about,
      rule: { id, kind, severity, cooldownMs },
      subject: 'camera',
      message: message.slice(0, 500),
      atMs,
      mediaMs: Math.max(0, atMs - startedAtMs),
      objects: [],
    }
  }

  return {
    picture() {
      pictureAtMs = clock.monotonicMs()
      if (reported.size > 0) reported.clear()
    },
    due(reason) {
      const outageMs = clock.monotonicMs() - pictureAtMs
      const due = rules.filter(
        ({ id, afterMs, schedule }) =>
          outageMs >= afterMs && !reported.has(id) && isActive(schedule, clock.nowMs()),
      )
      for (const { id } of due) reported.add(id)
      return due.map((rule) => eventOf(rule, reason))
    },
  }
}

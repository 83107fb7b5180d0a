import type { Clock } from '#platform/clock/clock.ts'
import { type CameraEvent, cameraStateEvent } from '#schemas/camera-event.ts'
import type { OfflineRule } from '#schemas/monitor-steps.ts'
import { isActive } from '../../frames/schedule.ts'

/** Notices that a camera has given no picture for too long, and that it is back. */
export interface OfflineWatch {
  /** There is a picture now. */
  picture(): void
  /** There could not be one before now: nobody looks, or it is a recording. */
  excuse(): void
  /** Events of rules that have come true since, each once an outage, and of those that are over. */
  due(reason: string): CameraEvent[]
}

/** A camera that gives pictures for so long is back: one that shows a single picture is not. Milliseconds. */
const BACK_AFTER_MS = 1000

/**
 * Counts from the last picture; a rule that comes due outside its hours does so when they begin. An earlier instance may have
 * said that the camera is away, and nobody knows whether it could say more: the first pictures here end that, for every rule.
 * Pure but for the clock.
 */
export function createOfflineWatch(
  rules: readonly OfflineRule[],
  about: { tenant: string; monitor: string; camera: string },
  clock: Pick<Clock, 'nowMs' | 'monotonicMs'>,
): OfflineWatch {
  const startedAtMs = clock.nowMs()
  /** Rules of which it was said that they hold, or an earlier instance may have said so. */
  const reported = new Set<string>()
  const unknown = new Set(rules.map(({ id }) => id))
  const shortestMs = Math.min(...rules.map(({ afterMs }) => afterMs))
  let pictureAtMs = clock.monotonicMs()
  /** Since when there are pictures again; undefined: there are none, or it has been said. */
  let backAtMs: number | undefined
  let awaySinceMs: number | undefined

  function eventOf(rule: OfflineRule, phase: 'begin' | 'end', sinceMs: number, message: string): CameraEvent {
    const { id, kind, severity, cooldownMs } = rule
    const atMs = clock.nowMs()
    const mediaMs = Math.max(0, atMs - startedAtMs)
    const moment = { phase, sinceMs, message, atMs, mediaMs }
    return cameraStateEvent({ ...about, rule: { id, kind, severity, cooldownMs } }, moment)
  }

  /** Of a monotonic time, the time on the wall. */
  function wallMs(monotonicMs: number): number {
    return clock.nowMs() - (clock.monotonicMs() - monotonicMs)
  }

  function begins(reason: string): CameraEvent[] {
    const outageMs = clock.monotonicMs() - pictureAtMs
    const due = rules.filter(
      ({ id, afterMs, schedule }) =>
        outageMs >= afterMs && !reported.has(id) && isActive(schedule, clock.nowMs()),
    )
    if (due.length === 0) return []
    backAtMs = undefined
    awaySinceMs ??= pictureAtMs
    for (const { id } of due) {
      reported.add(id)
      unknown.delete(id)
    }
    return due.map((rule) => {
      const message = `Camera ${about.camera} has given no picture for ${rule.afterMs / 1000} s: ${reason}`
      return eventOf(rule, 'begin', wallMs(pictureAtMs), message)
    })
  }

  function ends(): CameraEvent[] {
    if (backAtMs === undefined || pictureAtMs - backAtMs < BACK_AFTER_MS) return []
    const over = rules.filter(({ id }) => reported.has(id) || unknown.has(id))
    const sinceMs = wallMs(backAtMs)
    const away = awaySinceMs === undefined ? '' : `, after ${duration(backAtMs - awaySinceMs)}`
    const message = `Camera ${about.camera} gives pictures again${away}`
    reported.clear()
    unknown.clear()
    backAtMs = undefined
    awaySinceMs = undefined
    return over.map((rule) => eventOf(rule, 'end', sinceMs, message))
  }

  return {
    picture() {
      const nowMs = clock.monotonicMs()
      // A gap that is an outage by itself: it begins anew to be back.
      if (nowMs - pictureAtMs >= shortestMs) backAtMs = undefined
      pictureAtMs = nowMs
      if (reported.size > 0 || unknown.size > 0) backAtMs ??= nowMs
    },
    excuse() {
      // What is known to be away stays so until there are pictures.
      if (reported.size === 0) pictureAtMs = clock.monotonicMs()
    },
    due: (reason) => [...ends(), ...begins(reason)],
  }
}

/** `12 s`, `4 min 10 s`, `2 h 5 min` */
function duration(ms: number): string {
  const s = Math.round(ms / 1000)
  if (s < 60) return `${s} s`
  if (s < 3600) return `${Math.floor(s / 60)} min ${s % 60} s`
  return `${Math.floor(s / 3600)} h ${Math.floor((s % 3600) / 60)} min`
}

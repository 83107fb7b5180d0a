import { MESSAGE_IDS, SUBJECTS } from '#subjects/subjects.ts'
import type { CaptureSession } from './capture-session.ts'
import { progressFraction, progressNote } from './progress.ts'

const INTERVAL_MS = 100
const PROGRESS_INTERVAL_MS = 1000

/** What a session does by the clock. */
export interface SessionTimer {
  /** What was seen last, for watchers. */
  seen(counts: { persons: number; vehicles: number }): void
  stop(): void
}

/** States and progress every second, frames that never come back, cameras that are away. */
export function startSessionTimer(session: CaptureSession): SessionTimer {
  const { window, flow, reporter, ctx, deps } = session
  let seen: { persons: number; vehicles: number } | undefined
  let toldAtMs = deps.clock.monotonicMs()

  function beat(): void {
    window.expire()
    flow.pump()
    reporter.tick()
    if (reporter.status === 'ended') return
    tellOffline(session)
    const nowMs = deps.clock.monotonicMs()
    if (nowMs - toldAtMs < PROGRESS_INTERVAL_MS) return
    toldAtMs = nowMs
    ctx.progress(progressFraction(flow.mediaMs, totalMs(session)), progressNote(reporter, seen))
  }

  const timer = setInterval(beat, INTERVAL_MS)
  return {
    seen(counts) {
      seen = counts
    },
    stop: () => clearInterval(timer),
  }
}

/** Recordings are never away, and a camera is not before it was there or an attempt has failed. */
function tellOffline({ phase, reporter, watch, deps, ctx }: CaptureSession): void {
  if (phase === 'recording' || reporter.status === 'connecting') {
    watch.picture()
    return
  }
  for (const event of watch.due(reporter.reason ?? 'no frame comes')) {
    const msgId = MESSAGE_IDS.cameraEvent(event.id)
    deps.bus.publisher
      .publish(SUBJECTS.cameraEvents(event.camera), JSON.stringify(event), { msgId })
      .catch((err: unknown) => ctx.log.error({ err, event: event.id }, 'an event could not be stored'))
  }
}

function totalMs({ input, durationSec }: CaptureSession): number | undefined {
  const ofSource = durationSec === undefined || input.loop ? Number.POSITIVE_INFINITY : durationSec * 1000
  const total = Math.min(input.durationMs ?? Number.POSITIVE_INFINITY, ofSource)
  return Number.isFinite(total) ? total : undefined
}

import type { Clock } from '#platform/clock/clock.ts'
import type { Bus } from '#platform/nats/bus.ts'
import { givesPictures, type Tracks } from '#schemas/camera.ts'
import type { CaptureInput } from '#schemas/monitor-steps.ts'
import type { AgentLog } from '#sdk/define-agent.ts'
import { progressFraction, progressNote, totalMs } from './progress.ts'
import type { CameraReporter } from './publish/camera-state.ts'
import type { FrameFlow } from './publish/frame-flow.ts'
import type { OfflineWatch } from './publish/offline-watch.ts'
import { publishCameraEvent } from './publish/publish-event.ts'
import type { SeeingReport } from './publish/seeing-report.ts'

const INTERVAL_MS = 100
const PROGRESS_INTERVAL_MS = 1000

export interface MonitorTimerDeps {
  bus: Pick<Bus, 'publisher'>
  clock: Pick<Clock, 'monotonicMs'>
  log: Pick<AgentLog, 'error'>
  flow: Pick<FrameFlow, 'tick' | 'mediaMs'>
  reporter: CameraReporter
  watch: OfflineWatch
  conditions: Pick<SeeingReport, 'tick'>
  input: Pick<CaptureInput, 'durationMs' | 'loop'>
  /** How far it is, 0 to 1, and a note for people. */
  onProgress: (fraction: number, note: string) => void
}

/** What a monitor does by the clock. */
export interface MonitorTimer {
  /** What was seen last, for the progress note. */
  seen(counts: Pick<Tracks, 'persons' | 'vehicles'>): void
  /** The source is a recording of this length, where it says so: it is never away. Seconds. */
  recording(durationSec: number | undefined): void
  stop(): void
}

/** States and progress every second, frames that never come back, cameras that are away. */
export function startMonitorTimer(deps: MonitorTimerDeps): MonitorTimer {
  const { clock, flow, reporter, watch, conditions, input } = deps
  let counts: Pick<Tracks, 'persons' | 'vehicles'> | undefined
  let recorded: { durationSec: number | undefined } | undefined
  let progressAtMs = clock.monotonicMs()

  function tick(): void {
    flow.tick()
    conditions.tick(givesPictures(reporter.status))
    reporter.tick()
    if (reporter.status === 'ended') return
    // Recordings are never away, and a camera is not before it was there or an attempt has failed.
    if (recorded || reporter.status === 'connecting') watch.excuse()
    else for (const event of watch.due(reporter.reason ?? 'no frame comes')) publishCameraEvent(deps, event)
    const nowMs = clock.monotonicMs()
    if (nowMs - progressAtMs < PROGRESS_INTERVAL_MS) return
    progressAtMs = nowMs
    const fraction = progressFraction(flow.mediaMs, totalMs(input, recorded?.durationSec))
    deps.onProgress(fraction, progressNote(reporter, counts))
  }

  const timer = setInterval(tick, INTERVAL_MS)
  return {
    seen({ persons, vehicles }) {
      counts = { persons, vehicles }
    },
    recording(durationSec) {
      recorded = { durationSec }
    },
    stop: () => clearInterval(timer),
  }
}

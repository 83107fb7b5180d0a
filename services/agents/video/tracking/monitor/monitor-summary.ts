import type { TrackingSummary } from '#schemas/monitor-steps.ts'
import { type CaptureCounts, droppedFrames } from './frame-order.ts'
import type { LatencyHistogram } from './latency-histogram.ts'
import type { MonitorState } from './monitor-state.ts'

/** What came of a monitor; `told` is what its capture counted, if that is known. Pure. */
export function summarise(
  camera: string,
  { order, tracker, tallies }: MonitorState,
  latency: LatencyHistogram,
  told?: CaptureCounts,
): TrackingSummary {
  const { detections, peak, sum, events, model } = tallies
  const frames = Math.max(1, order.analysed)
  return {
    camera,
    frames: { analysed: order.analysed, late: order.late, droppedAtDetection: droppedFrames(order, told) },
    detections,
    tracks: tracker.confirmed,
    peak,
    mean: { persons: sum.persons / frames, vehicles: sum.vehicles / frames },
    events: Object.fromEntries(events),
    latencyMs: latency.percentiles(),
    ...(model !== undefined && { model }),
  }
}

/** For people: `3 persons, 1 vehicle · 2 alerts`. Pure. */
export function progressNote(now: { persons: number; vehicles: number }, alerts: number): string {
  const objects = `${counted(now.persons, 'person')}, ${counted(now.vehicles, 'vehicle')}`
  return `${objects} · ${counted(alerts, 'alert')}`
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`
}

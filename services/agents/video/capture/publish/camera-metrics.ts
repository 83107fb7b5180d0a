import type { Metrics } from '#platform/telemetry/metrics.ts'
import { givesPictures } from '#schemas/camera.ts'
import type { CameraReporter } from './camera-state.ts'

type Watched = Pick<CameraReporter, 'status' | 'fps' | 'counts' | 'reconnects' | 'cuts' | 'lagMs'>

/** Shows the cameras that are captured here. */
export interface CameraMetrics {
  /** @returns a function that ends it: a camera that nobody captures is neither up nor down */
  watch(camera: string, reporter: Watched): () => void
}

const STATUSES = ['connecting', 'live', 'blind', 'lagging', 'offline'] as const

export function createCameraMetrics(metrics: Metrics): CameraMetrics {
  const watched = new Map<
    Watched,
    {
      camera: string
      told: { decoded: number; dropped: number; gated: number; reconnects: number; cuts: number }
    }
  >()

  /** What has been counted since it was last told. */
  function tell(reporter: Watched): void {
    const entry = watched.get(reporter)
    if (!entry) return
    const { camera, told } = entry
    const { counts, reconnects, cuts } = reporter
    metrics
      .counter('murmur_camera_frames_total')
      .labels(camera)
      .inc(counts.decoded - told.decoded)
    metrics
      .counter('murmur_camera_frames_dropped_total')
      .labels(camera, 'capture')
      .inc(counts.droppedAtCapture - told.dropped)
    metrics
      .counter('murmur_camera_frames_gated_total')
      .labels(camera)
      .inc(counts.gated - told.gated)
    metrics
      .counter('murmur_camera_reconnects_total')
      .labels(camera)
      .inc(reconnects - told.reconnects)
    metrics
      .counter('murmur_camera_backlogs_cut_total')
      .labels(camera)
      .inc(cuts - told.cuts)
    entry.told = {
      decoded: counts.decoded,
      dropped: counts.droppedAtCapture,
      gated: counts.gated,
      reconnects,
      cuts,
    }
  }

  metrics.onScrape(() => {
    const up = metrics.gauge('murmur_camera_up')
    const fps = metrics.gauge('murmur_camera_fps')
    const blind = metrics.gauge('murmur_camera_blind')
    const lag = metrics.gauge('murmur_camera_lag_seconds')
    for (const gauge of [up, fps, blind, lag]) gauge.clear()
    const byStatus = new Map<string, number>(STATUSES.map((status) => [status, 0]))
    for (const [reporter, { camera }] of watched) {
      tell(reporter)
      const isUp = givesPictures(reporter.status)
      up.labels(camera).set(isUp ? 1 : 0)
      fps.labels(camera).set(isUp ? reporter.fps : 0)
      blind.labels(camera).set(reporter.status === 'blind' ? 1 : 0)
      if (isUp && reporter.lagMs !== undefined) lag.labels(camera).set(reporter.lagMs / 1000)
      byStatus.set(reporter.status, (byStatus.get(reporter.status) ?? 0) + 1)
    }
    for (const [status, count] of byStatus) metrics.gauge('murmur_cameras').labels(status).set(count)
  })
  return {
    watch(camera, reporter) {
      watched.set(reporter, { camera, told: { decoded: 0, dropped: 0, gated: 0, reconnects: 0, cuts: 0 } })
      return () => {
        tell(reporter)
        watched.delete(reporter)
      }
    },
  }
}

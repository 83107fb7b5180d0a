import t from 'tap'
import { createMetrics } from '#platform/telemetry/metrics.ts'
import { createCameraMetrics } from '../../../../../services/agents/video/capture/publish/camera-metrics.ts'
import type { CameraReporter } from '../../../../../services/agents/video/capture/publish/camera-state.ts'

t.test('a camera is shown while it is captured; its counts stay', async (t) => {
  const metrics = createMetrics({ parts: ['capture'] })
  const cameras = createCameraMetrics(metrics)
  const reporter = {
    status: 'live' as CameraReporter['status'],
    fps: 24.5,
    counts: { decoded: 100, droppedAtCapture: 7, gated: 20 },
    reconnects: 2,
    cuts: 1,
    lagMs: 2750 as number | undefined,
  }
  const end = cameras.watch('gate', reporter)
  const first = await metrics.expose()
  for (const line of [
    'murmur_camera_up{camera="gate"} 1',
    'murmur_camera_fps{camera="gate"} 24.5',
    'murmur_cameras{status="live"} 1',
    'murmur_cameras{status="offline"} 0',
    'murmur_camera_frames_total{camera="gate"} 100',
    'murmur_camera_frames_dropped_total{camera="gate",stage="capture"} 7',
    'murmur_camera_reconnects_total{camera="gate"} 2',
    'murmur_camera_blind{camera="gate"} 0',
    'murmur_camera_lag_seconds{camera="gate"} 2.75',
    'murmur_camera_backlogs_cut_total{camera="gate"} 1',
  ])
    t.ok(first.includes(`${line}\n`), line)
  reporter.status = 'blind'
  const blind = await metrics.expose()
  t.ok(blind.includes('murmur_camera_blind{camera="gate"} 1\n'))
  t.ok(blind.includes('murmur_camera_up{camera="gate"} 1\n'), 'pictures still come')
  t.ok(blind.includes('murmur_cameras{status="blind"} 1\n'))
  reporter.status = 'offline'
  reporter.counts.decoded = 130
  const second = await metrics.expose()
  t.ok(second.includes('murmur_camera_up{camera="gate"} 0\n'))
  t.ok(second.includes('murmur_camera_frames_total{camera="gate"} 130\n'), 'what was told is not told again')
  reporter.counts.decoded = 131
  end()
  const last = await metrics.expose()
  t.notMatch(last, 'murmur_camera_up{camera="gate"}')
  t.ok(last.includes('murmur_camera_frames_total{camera="gate"} 131\n'))
})

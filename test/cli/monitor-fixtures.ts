import type { Alert, AlertCloudEvent } from '#schemas/alert.ts'
import type { CameraState, Tracks } from '#schemas/camera.ts'
import type { MonitorSummary } from '#schemas/monitor-steps.ts'
import type { TaskState } from '#schemas/task.ts'

export function tracksOf(monitor: string, fields: Partial<Tracks> = {}): Tracks {
  const { seq = 1 } = fields
  return {
    v: 1,
    camera: 'yard',
    monitor,
    epoch: 1,
    seq,
    capturedAtMs: 0,
    atMs: 0,
    mediaMs: seq * 100,
    tracks: [],
    persons: 2,
    vehicles: 1,
    latencyMs: 20,
    frames: seq,
    ...fields,
  }
}

export function stateOf(monitor: string, fields: Partial<CameraState> = {}): CameraState {
  return {
    v: 1,
    camera: 'yard',
    monitor,
    epoch: 1,
    status: 'live',
    reconnects: 0,
    fps: 10,
    frames: { decoded: 10, droppedAtCapture: 0 },
    atMs: 0,
    ...fields,
  }
}

export function alertOf(monitor: string, fields: Partial<Alert> = {}): Alert {
  return {
    id: 'a1',
    severity: 'critical',
    status: 'open',
    tenant: 'default',
    monitor,
    camera: 'yard',
    rule: { id: 'gate-access', kind: 'intrusion', severity: 'critical', cooldownMs: 60_000 },
    subject: 'track-3',
    message: 'Person entered gate',
    atMs: Date.UTC(2026, 4, 1, 12, 0, 0),
    mediaMs: 12_340,
    objects: [{ id: 3, class: 'person', label: 'person', score: 0.83, box: [0.2, 0.4, 0.25, 0.6] }],
    raisedAtMs: Date.UTC(2026, 4, 1, 12, 0, 1),
    latencyMs: 45,
    occurrences: 1,
    lastSeenAtMs: Date.UTC(2026, 4, 1, 12, 0, 0),
    ...fields,
  }
}

export function alertEventOf(alert: Alert): AlertCloudEvent {
  return {
    specversion: '1.0',
    id: alert.id,
    source: '/test',
    type: 'murmuration.alert.raised',
    subject: alert.camera,
    time: new Date(alert.raisedAtMs).toISOString(),
    datacontenttype: 'application/json',
    data: alert,
  }
}

export function summaryOf(fields: Partial<MonitorSummary> = {}): MonitorSummary {
  return {
    schema: 'murmuration.monitor/1',
    camera: 'yard',
    ended: 'end of source',
    source: { width: 960, height: 540, fps: 10 },
    durationMs: 40_000,
    frames: { decoded: 400, analysed: 390, droppedAtCapture: 1, droppedAtDetection: 7, late: 2 },
    reconnects: 0,
    detections: 1200,
    tracks: { person: 10, vehicle: 1 },
    peak: { persons: 6, vehicles: 1 },
    mean: { persons: 2.567, vehicles: 1 },
    latencyMs: {
      tracked: { p50: 20.4, p95: 41, p99: 60, max: 1234 },
      alert: { p50: 30, p95: 45, p99: 45, max: 45 },
    },
    model: 'starter',
    alertsBySeverity: { critical: 1, high: 0, medium: 0, low: 2 },
    alerts: [],
    ...fields,
  }
}

/** A monitor that has just been dispatched: capture and track are out, the summary waits for both. */
export function monitorTask(id: string, fields: Partial<TaskState> = {}): TaskState {
  return {
    v: 1,
    id,
    tenant: 'default',
    type: 'monitor',
    status: 'running',
    rev: 1,
    seq: 1,
    priority: 1,
    bodyHash: '',
    createdAtMs: 1_000,
    startAtMs: 1_000,
    deadlineAtMs: 1_000_000_000,
    input: {},
    plan: {
      steps: [
        { id: 'capture', agent: 'capture' },
        { id: 'track', agent: 'tracking' },
        { id: 'summary', agent: 'alerting', needs: ['capture', 'track'] },
      ],
    },
    steps: {
      capture: { status: 'dispatched', attempt: 1, dispatchedAtMs: 1_001 },
      track: { status: 'dispatched', attempt: 1, dispatchedAtMs: 1_001 },
      summary: { status: 'waiting', attempt: 0 },
    },
    ...fields,
  }
}

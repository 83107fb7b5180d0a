import { alertChangeCloudEventSchema, alertCloudEventSchema } from '#schemas/alert.ts'
import { frameHeaderExample } from '#schemas/frame.ts'
import { ERRORS, type Problem } from '#schemas/problem.ts'
import { ALERT, TASK_ID } from '#subjects/operations/examples.ts'

export const PROBLEM: Problem = {
  code: 'TASK_NOT_FOUND',
  status: ERRORS.TASK_NOT_FOUND.status,
  message: `there is no task "${TASK_ID}"`,
  fix: ERRORS.TASK_NOT_FOUND.fix,
}

export const RAISED = alertCloudEventSchema.parse({
  specversion: '1.0',
  id: ALERT.id,
  source: '/murmuration/default/monitors/kq3v9x/cameras/yard',
  type: 'murmuration.alert.raised',
  subject: 'gate-access/track-3',
  time: '2026-09-21T13:33:21.700Z',
  datacontenttype: 'application/json',
  data: ALERT,
})

export const CHANGED = alertChangeCloudEventSchema.parse({
  ...RAISED,
  id: `${ALERT.id}:acknowledged`,
  type: 'murmuration.alert.changed',
  change: 'acknowledged',
  data: { ...ALERT, status: 'acknowledged', changedBy: 'anna', changedAtMs: 1_790_000_009_000 },
})

const { width: _w, height: _h, contentWidth: _cw, contentHeight: _ch, ...seen } = frameHeaderExample
export const DETECTIONS = {
  ...seen,
  detections: [{ class: 'person', label: 'person', score: 0.83, box: [0.2, 0.4, 0.25, 0.6] }],
  model: 'yolox-nano',
  detector: 'detector-1',
  skipped: 0,
  inferMs: 12.5,
}

const { pace: _pace, ...frame } = seen
export const TRACKS = {
  ...frame,
  tracks: [{ ...DETECTIONS.detections[0], id: 3, predicted: false, zones: ['gate'] }],
  persons: 1,
  vehicles: 0,
  latencyMs: 45,
  frames: 17,
}

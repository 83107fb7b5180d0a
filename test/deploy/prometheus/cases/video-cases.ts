import type { AlertCase } from '../alert-case.ts'

const failures = (outcome: string) => `murmur_alert_sink_failures_total{sink="webhook",outcome="${outcome}"}`
const WEBHOOK = { sink: 'webhook' }

export const VIDEO_CASES: readonly AlertCase[] = [
  {
    alert: 'CameraOffline',
    labels: { camera: 'gate' },
    gauges: {
      'murmur_camera_up{camera="gate"}': [1, 0],
      // Nobody watches this one any more.
      'murmur_camera_up{camera="yard"}': [1, '_', '_'],
    },
  },
  {
    alert: 'CameraBlind',
    labels: { camera: 'gate' },
    gauges: { 'murmur_camera_blind{camera="gate"}': [0, 1], 'murmur_camera_blind{camera="yard"}': [0, 0] },
  },
  {
    alert: 'CameraLags',
    labels: { camera: 'gate' },
    counters: { 'murmur_camera_backlogs_cut_total{camera="gate"}': [0, 6] },
  },
  {
    alert: 'CamerasUnwatched',
    labels: { status: 'waiting' },
    gauges: {
      'murmur_cameras_unwatched{status="waiting"}': [0, 48],
      'murmur_cameras_unwatched{status="unwatched"}': [0, 0],
    },
  },
  {
    alert: 'DetectorHangs',
    labels: { state: 'silent' },
    gauges: { 'murmur_detectors{state="silent"}': [0, 1], 'murmur_detectors{state="ready"}': [1, 1] },
  },
  {
    alert: 'SiteCutOff',
    labels: { site: 'yard' },
    gauges: { 'murmur_site_up{site="yard"}': [1, 0], 'murmur_site_up{site="gate"}': [1, 1] },
  },
  {
    alert: 'FramesNotAnalysed',
    counters: {
      'murmur_camera_frames_total{camera="gate"}': [600, 600],
      murmur_frames_analysed_total: [1, 0],
    },
  },
  { alert: 'InferenceFails', counters: { murmur_frames_failed_total: [1, 1.1] }, minutes: 35 },
  {
    alert: 'SinkBreakerOpen',
    labels: WEBHOOK,
    gauges: { 'murmur_alert_sink_breaker_open{sink="webhook"}': [0, 1] },
  },
  {
    alert: 'SinkFails',
    labels: WEBHOOK,
    // As long as some go through, it is slow and not broken.
    counters: {
      [failures('again')]: [2, 2],
      'murmur_alert_sink_deliveries_total{sink="webhook"}': [(minute) => (minute % 5 === 0 ? 1 : 0), 0],
    },
    minutes: 35,
  },
  {
    alert: 'AlertsDropped',
    labels: WEBHOOK,
    counters: { [failures('dropped')]: [0, (minute) => (minute === 15 ? 1 : 0)] },
    clears: 65,
  },
  {
    alert: 'CameraEventsRejected',
    counters: { murmur_camera_events_rejected_total: [0, (minute) => (minute === 15 ? 1 : 0)] },
    clears: 65,
  },
  {
    alert: 'NotificationsFail',
    labels: { integration: 'slack' },
    counters: { 'alertmanager_notifications_failed_total{integration="slack"}': [0, 1] },
  },
  {
    alert: 'RulesFail',
    labels: { rule_group: 'alerts.yaml;work-alerts' },
    counters: { 'prometheus_rule_evaluation_failures_total{rule_group="alerts.yaml;work-alerts"}': [0, 1] },
  },
]

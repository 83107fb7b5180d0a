import { BoolYesNo, NoUnit, PercentUnit, Seconds, Short } from '@grafana/grafana-foundation-sdk/units'
import { type BoardSpec, consoleLink } from '../board.ts'
import { figure, graph, heatmapOf, tableOf } from '../panels.ts'
import { buckets, increase, is, like, max, min, orZero, quantile, rate, ratio, sum } from '../promql.ts'
import { ofServiceLevel } from '../recorded.ts'
import { labelVariable } from '../variables.ts'
import { ALERTS, LATENCY, SINKS } from './video-alerts.ts'

const CAMERA = { camera: like('$camera') }
const EACH = { where: CAMERA, by: ['camera'] } as const
const QUANTILES = [0.5, 0.95, 0.99] as const
const FRAMES = 'suffix: frames/s'

const cameras = [
  figure({
    title: 'Cameras that give frames',
    description: 'Of the cameras that monitors capture now.',
    unit: NoUnit,
    width: 4,
    queries: [{ expr: orZero(sum('murmur_camera_up', { where: CAMERA })), legend: 'up' }],
  }),
  figure({
    title: 'Cameras offline',
    description: 'That a monitor captures and that give no frames: they are tried again all the time.',
    unit: NoUnit,
    width: 4,
    limits: { warning: 1, critical: 2 },
    queries: [
      { expr: orZero(sum('murmur_cameras', { where: { status: is('offline') } })), legend: 'offline' },
    ],
  }),
  figure({
    title: 'Frames decoded',
    description: 'Frames a second, of all cameras that are chosen.',
    unit: FRAMES,
    width: 4,
    queries: [{ expr: orZero(rate('murmur_camera_frames_total', { where: CAMERA })), legend: 'decoded' }],
  }),
  figure({
    title: 'Frames let go',
    description:
      'Share of the decoded frames of the last minutes that no tracker saw: under load the newest are looked at, and older ones are let go.',
    unit: PercentUnit,
    width: 4,
    limits: { warning: 0.2, critical: 0.5 },
    queries: [
      {
        expr: orZero(
          ratio(
            orZero(rate('murmur_camera_frames_dropped_total', { where: CAMERA })),
            rate('murmur_camera_frames_total', { where: CAMERA }),
          ),
        ),
        legend: 'let go',
      },
    ],
  }),
  figure({
    title: 'Alerts in the time shown',
    description: 'That were raised, of all severities.',
    unit: NoUnit,
    width: 4,
    queries: [{ expr: orZero(increase('murmur_alerts_raised_total')), legend: 'alerts' }],
  }),
  figure({
    title: 'Alerts within 500 ms, 30 days',
    description:
      'Share of the alerts that were raised within 500 ms of their frame. The service level is 95 %.',
    unit: PercentUnit,
    width: 4,
    limits: { warning: 0.97, critical: 0.95, below: true },
    queries: [
      {
        expr: ofServiceLevel('slo:compliance:ratio_rate30d', 'alert-freshness'),
        legend: 'fresh',
      },
    ],
  }),
  tableOf({
    title: 'Cameras',
    description:
      'One row for each camera that a monitor captures. Let go: share of its frames, by any stage.',
    width: 12,
    rows: [{ label: 'camera', title: 'Camera' }],
    columns: [
      {
        title: 'Up',
        unit: BoolYesNo,
        expr: min('murmur_camera_up', EACH),
        limits: { critical: 1, below: true },
      },
      { title: 'Decoded', unit: FRAMES, expr: max('murmur_camera_fps', EACH) },
      { title: 'Followed', unit: FRAMES, expr: rate('murmur_camera_frames_tracked_total', EACH) },
      {
        title: 'Let go',
        unit: PercentUnit,
        expr: ratio(
          `(${rate('murmur_camera_frames_dropped_total', EACH)}) or 0 * (${rate('murmur_camera_frames_total', EACH)})`,
          rate('murmur_camera_frames_total', EACH),
        ),
        limits: { warning: 0.2, critical: 0.5 },
      },
      {
        title: 'Opened again',
        unit: Short,
        expr: `(${increase('murmur_camera_reconnects_total', EACH)}) or 0 * (${max('murmur_camera_up', EACH)})`,
        limits: { warning: 1, critical: 10 },
      },
    ],
    sortBy: 'Let go',
    rowLinks: [
      {
        title: '${__value.raw} in the console',
        url: consoleLink('cameras?camera=${__value.raw}'),
        targetBlank: true,
      },
    ],
  }),
  graph({
    title: 'Frames a second by camera',
    description:
      'That are decoded. Less than the camera gives: the network, the processor, or the camera itself.',
    unit: FRAMES,
    width: 12,
    queries: [{ expr: max('murmur_camera_fps', EACH), legend: '{{camera}}' }],
  }),
]

const frames = [
  graph({
    title: 'Frames let go by stage',
    description:
      'capture: before they were published; detection: newer ones were there, the detector is too slow for its cameras; late: they came after newer ones.',
    unit: FRAMES,
    width: 8,
    stacked: true,
    queries: [
      {
        expr: orZero(rate('murmur_camera_frames_dropped_total', { where: CAMERA, by: ['camera', 'stage'] }), {
          name: 'stage',
          value: 'none',
        }),
        legend: '{{camera}} {{stage}}',
      },
    ],
  }),
  graph({
    title: 'Frames at the detector',
    description: 'That the network has looked at, and those that it has not, by why.',
    unit: FRAMES,
    width: 8,
    queries: [
      { expr: rate('murmur_frames_analysed_total'), legend: 'analysed' },
      { expr: rate('murmur_frames_skipped_total'), legend: 'skipped for newer ones' },
      { expr: rate('murmur_frames_failed_total'), legend: 'runtime failed' },
      { expr: rate('murmur_frames_unsuitable_total'), legend: 'unsuitable size' },
      { expr: rate('murmur_frames_malformed_total'), legend: 'no frames' },
    ],
  }),
  graph({
    title: 'Cameras by how they are',
    description: 'Of all that are captured: connecting, live, offline.',
    unit: Short,
    width: 8,
    stacked: true,
    queries: [{ expr: sum('murmur_cameras', { by: ['status'] }), legend: '{{status}}' }],
  }),
  graph({
    title: 'Inference by provider',
    description:
      'Time of the network for one frame, its share of the batch; tensorrt and cuda are GPUs, cpu is not.',
    unit: Seconds,
    width: 12,
    queries: QUANTILES.map((q) => ({
      expr: quantile(q, 'murmur_inference_seconds', { by: ['provider'] }),
      legend: `{{provider}} P${q * 100}`,
    })),
  }),
  heatmapOf({
    title: 'How long inference takes',
    description: 'Each column is a moment, each cell a range of durations; the brighter, the more frames.',
    unit: Seconds,
    width: 12,
    queries: [{ expr: buckets('murmur_inference_seconds'), legend: '{{le}}' }],
  }),
]

export const VIDEO: BoardSpec = {
  name: 'video',
  description: 'Do cameras give frames, are they looked at in time, and do alerts get to people?',
  variables: [
    labelVariable({
      name: 'camera',
      title: 'Camera',
      description: 'Of the monitors that run.',
      label: 'camera',
      series: 'murmur_camera_frames_total',
    }),
  ],
  rows: [
    { title: 'Cameras', panels: cameras },
    { title: 'Frames and inference', panels: frames },
    { title: 'Latency', panels: LATENCY },
    { title: 'Alerts', panels: ALERTS },
    { title: 'Sinks', panels: SINKS },
  ],
}

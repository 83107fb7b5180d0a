import type { CameraRecording, Clip, Timeline } from '#schemas/recording.ts'
import type { Paint } from '../output/paint.ts'
import { count, formatBytes, formatDuration, textSparkline } from '../output/quantities.ts'
import { renderTable } from '../output/table.ts'
import { printable } from '../output/terminal-text.ts'

/** A line for each camera: since when, how much, and whether it goes on. */
export function renderRecordings(
  recordings: readonly CameraRecording[],
  nowMs: number,
  paint: Paint,
): string[] {
  const rows = recordings.map(({ camera, fromMs, toMs, bytes, alertBytes, isRecording, reason }) => [
    { text: camera },
    { text: fromMs === undefined ? 'no video' : timeText(fromMs) },
    { text: toMs === undefined ? '' : ago(toMs, nowMs) },
    { text: formatBytes(bytes) },
    { text: formatBytes(alertBytes) },
    stateOf({ isRecording, reason, toMs }),
  ])
  const columns = [
    { title: 'camera' },
    { title: 'since' },
    { title: 'to' },
    { title: 'size', align: 'right' as const },
    { title: 'around events', align: 'right' as const },
    { title: 'now', flexible: true },
  ]
  return renderTable(columns, rows, { paint })
}

function stateOf({ isRecording, reason, toMs }: Pick<CameraRecording, 'isRecording' | 'reason' | 'toMs'>) {
  if (isRecording && toMs === undefined)
    return { text: 'waits for the first picture', style: 'yellow' as const }
  if (isRecording) return { text: 'recording', style: 'green' as const }
  return reason === undefined
    ? { text: 'not captured', style: 'dim' as const }
    : { text: reason, style: 'red' as const }
}

const DEFAULT_COLUMNS = 80

/** What is recorded, what was going on as a row of bars, and events. */
export function renderTimeline(timeline: Timeline, paint: Paint, columns = DEFAULT_COLUMNS): string[] {
  const { camera, fromMs, toMs, spans, events, isCut } = timeline
  const lines = [`${printable(camera)}, ${timeText(fromMs)} to ${timeText(toMs)}`, '']
  const video = spans.map(
    (span) =>
      `  ${timeText(span.fromMs)}  ${formatDuration(span.toMs - span.fromMs)}  ${codecName(span.codec)}, ${span.width} × ${span.height}`,
  )
  lines.push(paint.dim('Video'), ...(video.length > 0 ? video : ['  none']))
  lines.push(
    '',
    paint.dim(`Objects, at most ${mostObjects(timeline)} at a time`),
    `  ${activityBars(timeline, columns - 2)}`,
  )
  lines.push('', paint.dim(count(events.length, 'event')))
  for (const { atMs, severity, message, rule } of events)
    lines.push(`  ${timeText(atMs)}  ${severity.padEnd(8)}  ${printable(message)} (${printable(rule)})`)
  if (isCut) lines.push(paint.dim('There is more than an answer holds: ask for less time.'))
  return lines
}

function mostObjects({ activity }: Timeline): number {
  return activity.reduce((most, { persons, vehicles }) => Math.max(most, persons + vehicles), 0)
}

/** A part of the time is as wide as it lasted, until the next one begins. */
function activityBars({ activity, fromMs, toMs, stepMs }: Timeline, columns: number): string {
  const bars = new Array<number>(Math.max(10, columns)).fill(0)
  const columnOf = (ms: number) => ((ms - fromMs) / (toMs - fromMs)) * bars.length
  for (const { atMs, persons, vehicles } of activity) {
    const first = Math.max(0, Math.floor(columnOf(atMs)))
    const last = Math.max(first, Math.ceil(columnOf(Math.min(toMs, atMs + stepMs))) - 1)
    for (let at = first; at <= Math.min(bars.length - 1, last); at++)
      bars[at] = Math.max(bars[at]!, persons + vehicles)
  }
  return textSparkline(bars, bars.length)
}

/** As people know them; in files stands the four-letter code of the sample entry. */
const CODEC_NAMES: Readonly<Record<string, string>> = {
  avc1: 'H.264',
  avc3: 'H.264',
  hvc1: 'H.265',
  hev1: 'H.265',
  av01: 'AV1',
  mp4v: 'MPEG-4',
}

function codecName(code: string): string {
  return CODEC_NAMES[code] ?? printable(code)
}

/** What a clip is, in a line. */
export function spanText({ fromMs, durationMs, bytes, codec, width, height, gaps }: Clip): string {
  const missing = gaps.length === 0 ? '' : `, ${count(gaps.length, 'gap')}`
  return `${formatDuration(durationMs)} from ${timeText(fromMs)} (${codecName(codec)}, ${width} × ${height}, ${formatBytes(bytes)}${missing})`
}

function ago(atMs: number, nowMs: number): string {
  return nowMs - atMs < 60_000 ? 'now' : timeText(atMs)
}

/** `2026-11-30 14:03:27`, where the reader is. */
export function timeText(atMs: number): string {
  const date = new Date(atMs)
  const two = (value: number) => String(value).padStart(2, '0')
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`
}

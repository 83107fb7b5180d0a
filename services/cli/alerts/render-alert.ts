import type { Alert, Incident } from '#schemas/alert.ts'
import { SEVERITIES, type Severity } from '#schemas/watch-rule.ts'
import type { Paint } from '../output/paint.ts'
import { count, formatBytes, formatDuration, timeOfDay } from '../output/quantities.ts'
import { type Cell, renderTable, type TableColumn } from '../output/table.ts'
import { printable } from '../output/terminal-text.ts'

interface RenderOptions {
  paint: Paint
  /** Columns of the terminal; unlimited when absent. */
  width?: number
}

const COLUMNS: readonly TableColumn[] = [
  { title: 'alert' },
  { title: 'severity' },
  { title: 'status' },
  { title: 'camera' },
  { title: 'age', align: 'right' },
  { title: 'times', align: 'right' },
  { title: 'what', flexible: true },
]
/** Columns of a time at the begin of a line. */
export const TIME_WIDTH = 10
const STATUS_STYLES: Readonly<Record<Alert['status'], keyof Paint>> = {
  open: 'bold',
  acknowledged: 'yellow',
  resolved: 'green',
}

/** A table of alerts, one a line; what speaks against relying on a model stands once, below. */
export function renderAlertList(alerts: readonly Alert[], nowMs: number, options: RenderOptions): string[] {
  const warnings = [...new Set(alerts.flatMap(({ modelWarning }) => modelWarning ?? []))]
  const noteMark = (warning: string) => '*'.repeat(warnings.indexOf(warning) + 1)
  const rows = alerts.map((alert): Cell[] => [
    { text: alert.id },
    { text: alert.severity, style: severityStyle(alert.severity) },
    {
      text: alert.snoozed ? `${alert.status}, snoozed` : alert.status,
      style: STATUS_STYLES[alert.status],
    },
    { text: alert.camera },
    { text: formatDuration(nowMs - alert.raisedAtMs), style: 'dim' },
    { text: String(alert.occurrences) },
    {
      text: alert.modelWarning
        ? `${withSubjects(alert)} ${noteMark(alert.modelWarning)}`
        : withSubjects(alert),
    },
  ])
  const notes = warnings.map(
    (warning) => `  ${options.paint.yellow(`${noteMark(warning)} ${printable(warning)}`)}`,
  )
  return [...renderTable(COLUMNS, rows, options), ...notes]
}

/** Those who came together are one alert. */
function withSubjects({ message, subjects = 1 }: Alert): string {
  return subjects > 1 ? `${message}, and ${count(subjects - 1, 'other')} with it` : message
}

/** An alert that has just been raised, on one line. */
export function renderRaised(alert: Alert, paint: Paint): string {
  return [
    timeOfDay(alert.raisedAtMs),
    severityChip(alert.severity, paint),
    paint.bold(printable(alert.camera)),
    `${printable(alert.message)} ${paint.dim(`(${printable(alert.rule.id)}, ${alert.id}${modelOf(alert)})`)}`,
    ...warningOf(alert, paint),
  ].join('  ')
}

/** What somebody has just done about an alert, on one line. */
export function renderChanged(alert: Alert, paint: Paint): string {
  const what = `${alert.status}${alert.changedBy ? ` by ${printable(alert.changedBy)}` : ''}`
  const note = alert.note ? `: ${printable(alert.note)}` : ''
  return [
    timeOfDay(alert.changedAtMs ?? alert.raisedAtMs),
    paint[STATUS_STYLES[alert.status]](what),
    `${printable(alert.message)} ${paint.dim(`(${alert.id})`)}${note}`,
  ].join('  ')
}

/** One alert in full. */
export function renderAlertInFull(alert: Alert, options: RenderOptions): string[] {
  const { paint } = options
  const rows = factsOf(alert).map(([what, value]): Cell[] => [{ text: what, style: 'dim' }, { text: value }])
  return [
    `${paint.bold(alert.id)}  ${severityChip(alert.severity, paint)}  ${paint[STATUS_STYLES[alert.status]](alert.status)}`,
    ...renderTable([{ title: 'what' }, { title: 'value', flexible: true }], rows, {
      ...options,
      header: false,
    }),
  ]
}

function factsOf(alert: Alert): [what: string, value: string][] {
  const { rule, zone, line, direction, latencyMs, objects, occurrences, snapshot, note } = alert
  const { incident, snoozed, review, model, modelWarning } = alert
  const where = [
    ...(zone ? [`zone ${zone.id}`] : []),
    ...(line ? [`line ${line.id}`] : []),
    ...(direction ? [direction.replaceAll('-', ' ')] : []),
  ]
  const after = latencyMs === undefined ? '' : `, ${formatDuration(latencyMs)} after the frame`
  const seen = objects.map(({ id, label, score }) => `${label} ${id} (${score.toFixed(2)})`)
  return [
    ['what', withSubjects(alert)],
    ['camera', alert.camera],
    ['monitor', alert.monitor],
    ['rule', [`${rule.id}, ${rule.kind}`, ...where].join(', ')],
    ['when', `${dateAndTime(alert.atMs)}, ${formatDuration(alert.mediaMs)} into the video`],
    ['raised', `${dateAndTime(alert.raisedAtMs)}${after}`],
    ['seen', `${count(occurrences, 'time')}, last ${dateAndTime(alert.lastSeenAtMs)}`],
    ...(model ? [['model', modelWarning ? `${model}: ${modelWarning}` : model] as [string, string]] : []),
    ...(seen.length > 0 ? [['objects', seen.join(', ')] as [string, string]] : []),
    ['snapshot', snapshot ? `${formatBytes(snapshot.size)}, --snapshot FILE writes it` : 'none'],
    ...(alert.changedAtMs !== undefined
      ? [
          ['changed', `${dateAndTime(alert.changedAtMs)} by ${alert.changedBy ?? 'somebody'}`] as [
            string,
            string,
          ],
        ]
      : []),
    ...(note ? [['note', note] as [string, string]] : []),
    ...(incident ? [['incident', incidentText(incident)] as [string, string]] : []),
    ...(snoozed ? [['snoozed', snoozeText(snoozed)] as [string, string]] : []),
    ...(review ? [['review', review] as [string, string]] : []),
  ]
}

/** `ongoing, since …`, `over, 3 times, 4 min in all: Camera yard gives pictures again` */
function incidentText({ phase, times, sinceMs, totalMs, reason, closesAtMs }: Incident): string {
  const parts = [
    phase,
    ...(times > 1 ? [`${times} times`] : []),
    phase === 'ongoing' ? `since ${dateAndTime(sinceMs)}` : `${formatDuration(totalMs)} in all`,
    ...(closesAtMs === undefined ? [] : [`closed at ${dateAndTime(closesAtMs)} unless it begins again`]),
  ]
  return `${parts.join(', ')}${reason === undefined ? '' : `: ${reason}`}`
}

function snoozeText({ by, untilMs, reason }: NonNullable<Alert['snoozed']>): string {
  return `by ${by} until ${dateAndTime(untilMs)}${reason === undefined ? '' : `: ${reason}`}; no sink was told`
}

/** Where the reader is. */
function dateAndTime(atMs: number): string {
  const at = new Date(atMs)
  const two = (n: number) => String(n).padStart(2, '0')
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${timeOfDay(atMs)}`
}

const STYLES: Readonly<Record<Severity, keyof Paint>> = {
  critical: 'red',
  high: 'yellow',
  medium: 'cyan',
  low: 'dim',
}
const MAX_SEVERITY_LENGTH = Math.max(...SEVERITIES.map((severity) => severity.length))

/** How a severity is painted. */
export function severityStyle(severity: Severity): keyof Paint {
  return STYLES[severity]
}

/** ` CRITICAL `, as wide as the longest. */
export function severityChip(severity: Severity, paint: Paint): string {
  const text = ` ${severity.toUpperCase().padEnd(MAX_SEVERITY_LENGTH)} `
  return paint[STYLES[severity]](paint.inverse(text))
}

/** `1 critical  2 low`; `none`. */
export function severityCounts(counts: Readonly<Record<Severity, number>>, paint: Paint): string {
  const some = SEVERITIES.filter((severity) => counts[severity] > 0)
  if (some.length === 0) return paint.dim('none')
  return some.map((severity) => paint[STYLES[severity]](`${counts[severity]} ${severity}`)).join('  ')
}

/** One alert on one line: when, how urgent, what, by which rule. */
export function renderAlert(alert: Alert, time: string, paint: Paint): string {
  const { severity, message, rule, latencyMs } = alert
  const after = latencyMs === undefined ? '' : `, ${formatDuration(latencyMs)} after the frame`
  return [
    time.padStart(TIME_WIDTH),
    severityChip(severity, paint),
    `${printable(message)} ${paint.dim(`(${rule.id}${after}${modelOf(alert)})`)}`,
    ...warningOf(alert, paint),
  ].join('  ')
}

function modelOf({ model }: Alert): string {
  return model === undefined ? '' : `, seen by ${printable(model)}`
}

/** What speaks against an alert, where it can't be overlooked. */
function warningOf({ modelWarning }: Alert, paint: Paint): string[] {
  return modelWarning === undefined ? [] : [paint.yellow(printable(modelWarning))]
}

/** When an alert was: by the position in a recording, by the clock on the wall for a camera. */
export function alertTime({ mediaMs, atMs }: Pick<Alert, 'mediaMs' | 'atMs'>, isRecorded: boolean): string {
  return isRecorded ? formatDuration(mediaMs) : timeOfDay(atMs)
}

import type { Occurrence, Schedule, ScheduleSummary } from '#schemas/schedule.ts'
import type { Paint } from '../output/paint.ts'
import { formatDuration } from '../output/quantities.ts'
import { type Cell, renderTable } from '../output/table.ts'
import { printable } from '../output/terminal-text.ts'

export const SCHEDULE_COLUMNS = [
  { title: 'schedule' },
  { title: 'when', flexible: true },
  { title: 'state' },
  { title: 'next run' },
  { title: 'in', align: 'right' },
  { title: 'started', align: 'right' },
  { title: 'skipped', align: 'right' },
  { title: 'last task' },
] as const

type Shown = Omit<ScheduleSummary, 'type'>

/** One line of a list. Pure. */
export function scheduleRow(schedule: ScheduleSummary, nowMs: number): Cell[] {
  const { name, nextRuns, counts, lastRun } = schedule
  const [next] = nextRuns
  const state = stateOf(schedule)
  return [
    { text: name },
    { text: whenOf(schedule) },
    { text: state, style: state === 'active' ? 'green' : 'dim' },
    { text: next?.local ?? '' },
    { text: next ? formatDuration(next.atMs - nowMs) : '', style: 'dim' },
    { text: String(counts.started) },
    { text: String(skippedOf(schedule)) },
    { text: lastRun?.taskId ?? '', style: 'dim' },
  ]
}

/** All of one: what it is, how it does, and its next runs. Pure. */
export function renderSchedule(schedule: Schedule, nowMs: number, paint: Paint): string[] {
  const rows = factsOf(schedule, nowMs).map(([title, text]): Cell[] => [
    { text: title, style: 'dim' },
    { text },
  ])
  const table = renderTable([{ title: 'fact' }, { title: 'text' }], rows, { paint, header: false })
  const next = schedule.nextRuns
  return next.length === 0 ? table : [...table, '', ...renderNextRuns(next, nowMs, paint)]
}

/** Times at which something runs. Pure. */
export function renderNextRuns(runs: readonly Occurrence[], nowMs: number, paint: Paint): string[] {
  const columns = [{ title: 'next runs' }, { title: 'in UTC' }, { title: 'in', align: 'right' }] as const
  const rows = runs.map(({ atMs, local }): Cell[] => [
    { text: local },
    { text: new Date(atMs).toISOString(), style: 'dim' },
    { text: formatDuration(atMs - nowMs), style: 'dim' },
  ])
  return renderTable(columns, rows, { paint })
}

function factsOf(schedule: Schedule, nowMs: number): [title: string, text: string][] {
  const { name, submission, overlap, catchUp, jitterMs, paused, counts, lastRun, lastSkip, running } =
    schedule
  const ago = (atMs: number) => `${formatDuration(nowMs - atMs)} ago`
  const { policy, windowMs, maxRuns } = catchUp
  const window = policy === 'skip' ? '' : ` within ${formatDuration(windowMs)}`
  const why = paused?.reason === undefined ? '' : `: ${printable(paused.reason)}`
  return [
    ['schedule', name],
    ['when', whenOf(schedule)],
    ['submits', submission.type],
    ['state', paused ? `paused ${ago(paused.atMs)}${why}` : stateOf(schedule)],
    ['overlap', overlap],
    ['catch-up', `${policy}${window}${policy === 'all' ? `, ${maxRuns} at once` : ''}`],
    ...(jitterMs > 0 ? [['jitter', `up to ${formatDuration(jitterMs)}`] as [string, string]] : []),
    ['started', String(counts.started)],
    [
      'skipped',
      `${counts.overlap} for overlap, ${counts.missed} missed, ${counts.paused} paused, ${counts.refused} refused`,
    ],
    ...(lastRun ? [['last run', `${lastRun.taskId}, ${ago(lastRun.startedAtMs)}`] as [string, string]] : []),
    ...(lastSkip
      ? [
          [
            'last skip',
            `${lastSkip.why}, ${ago(lastSkip.scheduledAtMs)}${lastSkip.problem ? `: ${printable(`${lastSkip.problem.code}: ${lastSkip.problem.message}`)}` : ''}`,
          ] as [string, string],
        ]
      : []),
    ...(running.length > 0
      ? [['runs now', running.map(({ taskId }) => taskId).join(' ')] as [string, string]]
      : []),
  ]
}

function whenOf({ cron, everyMs = 0, timezone }: Shown | Schedule): string {
  return cron === undefined ? `every ${formatDuration(everyMs)}` : `${printable(cron)} ${printable(timezone)}`
}

function stateOf({ paused, nextRuns }: Shown | Schedule): string {
  if (paused) return 'paused'
  return nextRuns.length > 0 ? 'active' : 'over'
}

function skippedOf({ counts }: Shown): number {
  return counts.overlap + counts.missed + counts.paused + counts.refused
}

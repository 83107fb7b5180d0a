import type { RulesReplay } from '#schemas/rules-replay.ts'
import type { Paint } from '../output/paint.ts'
import { count, formatDuration } from '../output/quantities.ts'
import { renderTable } from '../output/table.ts'
import { printable } from '../output/terminal-text.ts'
import { timeText } from './render-recordings.ts'

/** As many events as a person reads; all of them are in the JSON. */
const MAX_SHOWN = 50

/** What the rules would have raised: by rule, and the alerts one by one. */
export function renderReplay(replay: RulesReplay, paint: Paint): string[] {
  const { camera, frames, late, firstMs, lastMs, byRule, events, tookMs, timesRealTime } = replay
  if (firstMs === undefined || lastMs === undefined)
    return [`Nothing is kept of what ${printable(camera)} has seen at that time.`]
  const lines = [
    `${printable(camera)}, ${timeText(firstMs)} to ${timeText(lastMs)}: ${count(frames, 'frame')}${late > 0 ? `, ${late} of them too late` : ''}`,
    paint.dim(`Gone through in ${formatDuration(tookMs)}, ${timesRealTime} times as fast as it was.`),
    '',
  ]
  const rows = Object.entries(byRule).map(([rule, { events: raised, alerts }]) => [
    { text: rule },
    { text: String(alerts) },
    { text: String(raised) },
  ])
  const columns = [
    { title: 'rule' },
    { title: 'alerts', align: 'right' as const },
    { title: 'events', align: 'right' as const },
  ]
  lines.push(...renderTable(columns, rows, { paint }))
  const alerts = events.filter(({ isAlert }) => isAlert)
  if (alerts.length > 0) lines.push('')
  for (const { atMs, rule, message } of alerts.slice(0, MAX_SHOWN))
    lines.push(
      `  ${timeText(atMs)}  ${rule.severity.padEnd(8)}  ${printable(message)} (${printable(rule.id)})`,
    )
  if (alerts.length > MAX_SHOWN)
    lines.push(paint.dim(`  … and ${alerts.length - MAX_SHOWN} more; --json has them.`))
  return lines
}

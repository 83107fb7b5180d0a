import { relative } from 'node:path'
import type { CliContext } from '../cli-context.ts'
import { count } from '../output/quantities.ts'
import { renderAlerts, renderSummary } from './render-summary.ts'
import type { FinishedMonitor } from './run-monitor.ts'

const MAX_ALERTS = 20

/** The end of a monitor: what it saw, what it raised, where everything is. */
export function presentMonitor({ folder, json, terminal }: CliContext, finished: FinishedMonitor): void {
  const { task, summary, snapshots, clip, timeOf } = finished
  if (json) {
    terminal.printJson({ taskId: task.id, summary, folder: finished.folder, snapshots, clip })
    return
  }
  const { outPaint: paint, columns } = terminal
  const options = { paint, ...(columns !== undefined && { width: columns }) }
  const { alerts, alertsBySeverity } = summary
  const shownAlerts = alerts.slice(0, MAX_ALERTS)
  // The summary lists the most urgent ones; how many there were is counted.
  const left = Object.values(alertsBySeverity).reduce((sum, n) => sum + n, 0) - shownAlerts.length
  const shown = (file: string) => {
    const path = relative(folder, file)
    return path.startsWith('..') ? file : path
  }
  terminal.print(
    '',
    ...renderSummary(summary, options),
    ...(shownAlerts.length > 0 ? ['', ...renderAlerts(shownAlerts, timeOf, options)] : []),
    ...(left > 0
      ? [paint.dim(`  … and ${left} more: npx murmur alerts --monitor ${task.id} --limit 500`)]
      : []),
    '',
    `  Folder  ${shown(finished.folder)}  ${paint.dim(`summary.json, ${count(snapshots.length, 'snapshot')}`)}`,
    ...(clip ? [`  Clip    ${shown(clip)}`] : []),
  )
}

import { relative } from 'node:path'
import type { CliContext } from '../cli-context.ts'
import { formatDuration } from '../output/quantities.ts'
import { printable, wrap } from '../output/terminal-text.ts'
import { renderTask } from '../task-view/render-task.ts'
import { stepTimes, taskDurationMs, taskViewOf } from '../task-view/task-view.ts'
import type { FinishedReport } from './make-report.ts'

const HIGHLIGHTS = 3

/** The end of a report: how long each step took, what it found, where it is. */
export function presentReport(context: CliContext, finished: FinishedReport): void {
  if (context.json) context.terminal.printJson(reportAsJson(finished))
  else printReport(context, finished)
}

function printReport({ terminal, clock, folder }: CliContext, finished: FinishedReport): void {
  const { task, report } = finished
  const { outPaint: paint, columns: width } = terminal
  const steps = renderTask(taskViewOf(task), {
    paint,
    nowMs: clock.nowMs(),
    ...(width !== undefined && { width }),
  })
  const more = report.summary.filter(({ text }) => text !== report.headline.text).slice(0, HIGHLIGHTS)
  const shown = (file: string) => {
    const path = relative(folder, file)
    return path.startsWith('..') ? file : path
  }
  terminal.print(
    '',
    ...steps,
    '',
    `${paint.bold(printable(report.title))}`,
    ...wrap(printable(report.headline.text), width).map((line) => paint.bold(paint.cyan(line))),
    ...more.flatMap(({ text }) => wrap(printable(text), width)),
    '',
    `  HTML  ${shown(finished.htmlFile)}`,
    `  JSON  ${shown(finished.jsonFile)}`,
    `  ${paint.dim(`made in ${formatDuration(taskDurationMs(task, clock.nowMs()))}`)}`,
  )
}

function reportAsJson({ task, report, htmlFile, jsonFile }: FinishedReport) {
  return {
    taskId: task.id,
    status: task.status,
    durationMs: taskDurationMs(task, task.createdAtMs),
    title: report.title,
    headline: report.headline.text,
    files: { html: htmlFile, json: jsonFile },
    steps: task.plan.steps.map((step) => {
      const state = task.steps[step.id]
      return { id: step.id, agent: step.agent, status: state?.status, ...(state && stepTimes(state)) }
    }),
  }
}

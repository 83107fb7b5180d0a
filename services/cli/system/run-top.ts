import { MurmurError } from '#platform/errors/murmur-error.ts'
import type { SystemStatus } from '#schemas/system-status.ts'
import type { TaskSummary } from '#schemas/task.ts'
import type { CliContext } from '../cli-context.ts'
import type { MurmurClient } from '../client/murmur-client.ts'
import { formatDuration, textSparkline, timeOfDay } from '../output/quantities.ts'
import { renderTable } from '../output/table.ts'
import { TASK_COLUMNS, taskRow } from '../task-view/render-task.ts'
import { renderStatus, renderStatusLine, stepSums } from './render-status.ts'

/** Samples that are kept for the curve. */
const MAX_SAMPLES = 60
const MIN_TASKS = 3
/** Lines above the tasks beside those of the status: the head, the curve, two blanks, a title, a header. */
const OTHER_LINES = 6

interface Sample {
  status: SystemStatus
  tasks: readonly TaskSummary[]
}

/**
 * The whole system, asked for again and again until the command is asked to end: a screen on a terminal, a line each time
 * elsewhere, a document each time with --json. Who does not answer for a while is waited for.
 * @throws MurmurError when the first question is not answered, or a later one is refused
 */
export async function runTop(context: CliContext, client: MurmurClient, intervalMs: number): Promise<void> {
  const { clock, json, signal, terminal } = context
  const waiting: number[] = []
  let last: Sample | undefined
  let silentSinceMs: number | undefined
  while (!signal.aborted) {
    const fromMs = clock.monotonicMs()
    try {
      last = await sample(client, terminal.isLive)
      silentSinceMs = undefined
      waiting.push(stepSums(last.status).waiting)
      if (waiting.length > MAX_SAMPLES) waiting.shift()
    } catch (error) {
      const mayPass =
        error instanceof MurmurError && (error.code === 'UNAVAILABLE' || error.code === 'RATE_LIMITED')
      if (!last || !mayPass) throw error
      silentSinceMs ??= fromMs
    }
    if (signal.aborted) return
    if (json) {
      if (silentSinceMs === undefined) terminal.printJson(last.status)
    } else if (silentSinceMs !== undefined && !terminal.isLive) {
      terminal.log(`No answer for ${formatDuration(clock.monotonicMs() - silentSinceMs)}.`)
    } else if (terminal.isLive) {
      const silentMs = silentSinceMs === undefined ? undefined : clock.monotonicMs() - silentSinceMs
      terminal.drawLive(renderTop(context, client.address, last, { waiting, silentMs }))
    } else terminal.print(`${timeOfDay(clock.nowMs())}  ${renderStatusLine(last.status, terminal.outPaint)}`)
    await clock.sleep(Math.max(0, intervalMs - (clock.monotonicMs() - fromMs)), signal).catch(() => undefined)
  }
}

async function sample(client: MurmurClient, withTasks: boolean): Promise<Sample> {
  const [status, running] = await Promise.all([
    client.status(),
    withTasks ? client.list({ status: 'running', limit: 50 }) : { tasks: [] },
  ])
  return { status, tasks: running.tasks }
}

/** The screen of `murmur top`, no longer than the terminal. */
export function renderTop(
  { clock, terminal }: Pick<CliContext, 'clock' | 'terminal'>,
  address: string,
  { status, tasks }: Sample,
  { waiting, silentMs }: { waiting: readonly number[]; silentMs?: number | undefined },
): string[] {
  const { paint, liveColumns: width, liveRows } = terminal
  const state =
    silentMs === undefined
      ? paint.dim(timeOfDay(clock.nowMs()))
      : paint.red(`no answer for ${formatDuration(silentMs)}`)
  const upper = [
    `${paint.bold('murmuration')}  ${address}  ${state}  ${paint.dim('Ctrl-C ends it')}`,
    ...renderStatus(status, { paint, width }),
    '',
    `  waiting ${String(waiting.at(-1) ?? 0).padStart(6)}  ${paint.cyan(textSparkline(waiting, Math.min(MAX_SAMPLES, width - 20)))}`,
  ]
  const room = Math.max(MIN_TASKS, liveRows - upper.length - OTHER_LINES)
  const rows = tasks.slice(0, room).map((task) => taskRow(task, clock.nowMs()))
  const left = tasks.length - rows.length
  return [
    ...upper,
    '',
    paint.dim(`Running, newest first${left > 0 ? `, and ${left} more` : ''}`),
    ...(rows.length > 0 ? renderTable(TASK_COLUMNS, rows, { paint, width }) : [paint.dim('  nothing')]),
  ].slice(0, liveRows - 1)
}

import { kindOf, type Step } from '#schemas/plan.ts'
import type { TaskError } from '#schemas/problem.ts'
import type { StepState, TaskState, TaskSummary } from '#schemas/task.ts'
import type { Paint } from '../output/paint.ts'
import { count, formatDuration, progressBar } from '../output/quantities.ts'
import { type Cell, renderTable, type TableColumn } from '../output/table.ts'
import { printable } from '../output/terminal-text.ts'
import { drawPlanGraph, type GraphRow } from './plan-graph.ts'
import { inputNameOf, type LeveledStep, listShortly, stepsByLevel } from './plan-order.ts'
import { doneText, severalRunsText, waitingText } from './step-text.ts'
import { liveStepTimes, type TaskView, taskDurationMs } from './task-view.ts'

export interface RenderOptions {
  paint: Paint
  nowMs: number
  /** Columns of the terminal; unlimited when absent. */
  width?: number
  /** Lines at most; unlimited when absent. Steps that have least to say are left out first. */
  maxLines?: number
}

const MARKS: Record<StepState['status'], { mark: string; style: keyof Paint }> = {
  waiting: { mark: '○', style: 'dim' },
  dispatched: { mark: '●', style: 'cyan' },
  backoff: { mark: '↻', style: 'yellow' },
  running: { mark: '●', style: 'cyan' },
  sleeping: { mark: '☾', style: 'dim' },
  'awaiting-signal': { mark: '?', style: 'yellow' },
  'awaiting-approval': { mark: '?', style: 'yellow' },
  completed: { mark: '✓', style: 'green' },
  failed: { mark: '✗', style: 'red' },
  skipped: { mark: '–', style: 'dim' },
  cancelled: { mark: '–', style: 'yellow' },
}

const STATUS_STYLES: Record<TaskState['status'], keyof Paint> = {
  scheduled: 'yellow',
  running: 'cyan',
  paused: 'yellow',
  compensating: 'yellow',
  completed: 'green',
  failed: 'red',
  cancelled: 'yellow',
}

/** Which steps stay when there is no room for all. */
const IMPORTANCE: StepState['status'][] = [
  'failed',
  'awaiting-approval',
  'backoff',
  'running',
  'dispatched',
  'awaiting-signal',
  'sleeping',
  'completed',
  'waiting',
  'cancelled',
  'skipped',
]

const COLUMNS: readonly TableColumn[] = [
  { title: '' },
  { title: 'step' },
  { title: 'agent' },
  { title: 'waited', align: 'right' },
  { title: 'ran', align: 'right' },
  { title: 'state', flexible: true },
]

export function statusStyle(status: TaskState['status']): keyof Paint {
  return STATUS_STYLES[status]
}

export function stepMark(status: StepState['status']): { mark: string; style: keyof Paint } {
  return MARKS[status]
}

/**
 * The task as lines: a head, then its steps, each behind those it needs, with lines from those to it; where there is no room for
 * lines, further in instead.
 */
export function renderTask(view: TaskView, options: RenderOptions): string[] {
  const placed = stepsByLevel(view.task.plan)
  const room = options.maxLines === undefined ? placed.length : Math.max(1, options.maxLines - 3)
  const shown = placed.length <= room ? placed : mostImportant(placed, view.task, room)
  // Lines that lead to steps which are left out would lead nowhere.
  const graph = shown === placed ? drawPlanGraph(placed.map(({ step }) => step)) : undefined
  const rows = shown.map(({ step, level }, i) => stepRow(view, step, graph?.[i] ?? level, options))
  const { paint, width } = options
  const left = placed.length - shown.length
  return [
    renderHead(view, options),
    ...renderTable(COLUMNS, rows, { paint, ...(width !== undefined && { width }) }),
    ...(left > 0 ? [paint.dim(`  … and ${count(left, 'more step')}`)] : []),
  ]
}

/** `report  t3Kd…  running  4 of 8 steps  1.24 s` */
export function renderHead({ task }: TaskView, { paint, nowMs }: RenderOptions): string {
  const steps = Object.values(task.steps)
  const over = steps.filter(({ status }) => status === 'completed' || status === 'failed').length
  const parts = [
    paint.bold(printable(task.template ?? task.type)),
    task.id,
    paint[STATUS_STYLES[task.status]](statusText(task)),
    `${over} of ${count(steps.length, 'step')}`,
    paint.dim(formatDuration(taskDurationMs(task, nowMs))),
  ]
  return parts.join('  ')
}

function statusText({ status, pauseReason }: TaskState): string {
  return status === 'paused' && pauseReason !== undefined ? `paused (${printable(pauseReason)})` : status
}

function mostImportant(placed: readonly LeveledStep[], task: TaskState, room: number): LeveledStep[] {
  const rank = ({ step }: LeveledStep) => IMPORTANCE.indexOf(task.steps[step.id]?.status ?? 'waiting')
  const kept = new Set(placed.toSorted((a, b) => rank(a) - rank(b)).slice(0, room))
  return placed.filter((entry) => kept.has(entry))
}

function stepRow(view: TaskView, step: Step, place: GraphRow | number, options: RenderOptions): Cell[] {
  const state = view.task.steps[step.id] ?? { status: 'waiting', attempt: 0 }
  const { mark, style } = MARKS[state.status]
  const { waitedMs, ranMs } = liveStepTimes(view, step.id, options.nowMs)
  const idle = state.status === 'waiting' || state.status === 'skipped'
  return [
    typeof place === 'number' ? { text: mark, style } : graphCell(place, mark, style),
    {
      text: typeof place === 'number' ? `${'  '.repeat(Math.min(place, 8))}${step.id}` : step.id,
      ...(idle && { style: 'dim' as const }),
    },
    { text: step.agent ?? kindOf(step), style: 'dim' },
    { text: waitedMs === undefined ? '' : formatDuration(waitedMs), style: 'dim' },
    { text: ranMs === undefined ? '' : formatDuration(ranMs) },
    stateCell(view, step, state, options.nowMs),
  ]
}

/** The mark in its colour, the lines around it faint. */
function graphCell({ text, markAt }: GraphRow, mark: string, style: keyof Paint): Cell {
  return {
    text: `${text.slice(0, markAt)}${mark}${text.slice(markAt + 1)}`,
    style: (padded, paint) =>
      `${paint.dim(padded.slice(0, markAt))}${paint[style](mark)}${paint.dim(padded.slice(markAt + 1))}`,
  }
}

function stateCell(view: TaskView, step: Step, state: StepState, nowMs: number): Cell {
  const subject = inputNameOf(step, view.task)
  const about = (text: string) => [text, subject].filter((part) => part !== '').join(' · ')
  switch (state.status) {
    case 'waiting':
      return {
        text: step.needs?.length ? `after ${listShortly(step.needs)}` : about('waiting'),
        style: 'dim',
      }
    case 'dispatched':
      return { text: about(runningText(view, step.id, state)), style: 'cyan' }
    case 'backoff':
      return { text: backoffText(state, nowMs), style: 'yellow' }
    case 'running':
      return { text: about(severalRunsText(step, state, view.progress[step.id])), style: 'cyan' }
    case 'sleeping':
    case 'awaiting-signal':
    case 'awaiting-approval':
      return { text: waitingText(step, state, nowMs), style: 'yellow' }
    case 'completed':
      return { text: about(doneText(state, view.task)) }
    case 'failed':
      return { text: about(errorText(state.error)), style: 'red' }
    default:
      return { text: state.status, style: 'dim' }
  }
}

function runningText(view: TaskView, stepId: string, state: StepState): string {
  const attempt = state.attempt > 1 ? `attempt ${state.attempt} ` : ''
  const progress = view.progress[stepId]
  if (progress?.attempt !== state.attempt) return `${attempt}queued`
  const percent = `${Math.round(progress.fraction * 100)} %`.padStart(5)
  return `${attempt}${progressBar(progress.fraction)} ${percent}${progress.note ? ` ${progress.note}` : ''}`
}

function backoffText(state: StepState, nowMs: number): string {
  const due = state.retryAtMs === undefined ? '' : `, again in ${formatDuration(state.retryAtMs - nowMs)}`
  return `attempt ${state.attempt} failed${due}: ${errorText(state.error)}`
}

export function errorText(error: TaskError | undefined): string {
  return error ? `${error.code}: ${error.message}` : 'failed'
}

/** Columns of a table of tasks. */
export const TASK_COLUMNS = [
  { title: 'task' },
  { title: 'type' },
  { title: 'status' },
  { title: 'steps', align: 'right' },
  { title: 'took', align: 'right' },
  { title: 'age', align: 'right' },
  { title: 'about', flexible: true },
] as const

/** A task as a line of it. Pure. */
export function taskRow(task: TaskSummary, nowMs: number): Cell[] {
  const labels = Object.entries(task.labels ?? {}).map(([key, value]) => `${key}=${value}`)
  const about = [...labels, ...(task.error ? [`${task.error.code}: ${task.error.message}`] : [])]
  const { completed, total } = task.steps
  return [
    { text: task.id },
    { text: task.type },
    { text: task.status, style: statusStyle(task.status) },
    { text: `${completed}/${total}` },
    { text: formatDuration((task.finishedAtMs ?? nowMs) - task.createdAtMs) },
    { text: formatDuration(nowMs - task.createdAtMs), style: 'dim' },
    { text: about.join(' '), style: 'dim' },
  ]
}

import type { TaskSummary } from '#schemas/task.ts'
import { formatDuration } from '../output/quantities.ts'
import type { Cell } from '../output/table.ts'
import { statusStyle } from './render-task.ts'

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

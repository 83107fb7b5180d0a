import type { ChangedTask } from '#schemas/task-controls.ts'
import type { Cell } from '../output/table.ts'
import { printable } from '../output/terminal-text.ts'
import { statusStyle } from '../task-view/render-task.ts'

export const CHANGED_COLUMNS = [
  { title: 'task' },
  { title: 'type' },
  { title: 'was' },
  { title: 'outcome' },
  { title: 'became' },
  { title: 'why', flexible: true },
] as const

/** What became of one task. Pure. */
export function changedRow({ taskId, type = '', status, outcome, newTaskId, problem }: ChangedTask): Cell[] {
  return [
    { text: taskId },
    { text: type },
    status === undefined ? { text: '' } : { text: status, style: statusStyle(status) },
    { text: outcome, style: outcome === 'failed' ? 'red' : outcome === 'done' ? 'green' : 'dim' },
    { text: newTaskId ?? '' },
    { text: problem ? printable(`${problem.code}: ${problem.message}`) : '', style: 'dim' },
  ]
}

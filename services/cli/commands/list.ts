import { type Command, Option } from 'commander'
import { taskTypeSchema } from '#schemas/identifiers.ts'
import { TASK_STATUSES, type TaskStatus, type TaskSummary } from '#schemas/task.ts'
import type { CliContext } from '../cli-context.ts'
import { EXIT } from '../exit-codes.ts'
import { formatDuration } from '../output/quantities.ts'
import { type Cell, renderTable } from '../output/table.ts'
import { withClient } from '../session/session.ts'
import { statusStyle } from '../task-view/render-task.ts'
import { checkedBy, wholeNumber } from './arguments.ts'
import type { Run } from './run.ts'

interface ListOptions {
  status?: TaskStatus
  type?: string
  limit: number
}

const COLUMNS = [
  { title: 'task' },
  { title: 'type' },
  { title: 'status' },
  { title: 'steps', align: 'right' },
  { title: 'took', align: 'right' },
  { title: 'age', align: 'right' },
  { title: 'about', flexible: true },
] as const

export function addList(program: Command, run: Run): void {
  program
    .command('list')
    .description('list tasks, newest first')
    .addOption(new Option('--status <status>', 'only these').choices(TASK_STATUSES))
    .option('--type <type>', 'only these', checkedBy(taskTypeSchema))
    .option('--limit <n>', 'at most so many', wholeNumber(1, 500), 50)
    .action((options: ListOptions) => run((context) => list(context, options)))
}

async function list(context: CliContext, options: ListOptions) {
  const { terminal, clock, json } = context
  const tasks = await withClient(context, (client) => client.list(options))
  if (json) terminal.printJson({ tasks })
  else if (tasks.length === 0) terminal.say('No tasks.')
  else {
    const { outPaint: paint, columns: width } = terminal
    const rows = tasks.map((task) => taskRow(task, clock.nowMs()))
    terminal.print(...renderTable(COLUMNS, rows, { paint, ...(width !== undefined && { width }) }))
  }
  return EXIT.ok
}

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

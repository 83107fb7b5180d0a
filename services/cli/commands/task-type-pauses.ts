import type { Command } from 'commander'
import { taskTypeSchema } from '#schemas/identifiers.ts'
import { type PausedTaskType, setTaskTypePauseRequestSchema } from '#schemas/task-type.ts'
import type { CliContext, Run } from '../cli-context.ts'
import { EXIT } from '../exit-codes.ts'
import { formatDuration } from '../output/quantities.ts'
import { type Cell, renderTable } from '../output/table.ts'
import { printable } from '../output/terminal-text.ts'
import { withClient } from '../session/session.ts'
import { checkedBy } from './arguments.ts'

const COLUMNS = [
  { title: 'type' },
  { title: 'waiting', align: 'right' },
  { title: 'for', align: 'right' },
  { title: 'reason', flexible: true },
] as const

/** `murmur tasks pause-type|resume-type|paused-types`: all tasks of a type or of a template at once. */
export function addTaskTypes(tasks: Command, run: Run): void {
  const name = checkedBy(taskTypeSchema)
  tasks
    .command('pause-type')
    .description('pause all tasks of a type or a template: what runs ends, no new step begins')
    .argument('<type>', 'a type of tasks, or the name of a template', name)
    .option(
      '--reason <text>',
      'for those who look at it later',
      checkedBy(setTaskTypePauseRequestSchema.shape.reason.unwrap()),
    )
    .action((type: string, { reason }: { reason?: string }) =>
      run((context) => set(context, type, { paused: true, reason })),
    )
  tasks
    .command('resume-type')
    .description('let the tasks of a type or a template go on')
    .argument('<type>', 'a type of tasks, or the name of a template', name)
    .action((type: string) => run((context) => set(context, type, { paused: false })))
  tasks
    .command('paused-types')
    .description('types of tasks and templates that are paused, and how many steps wait for that')
    .action(() => run(list))
}

async function set(
  context: CliContext,
  name: string,
  { paused, reason }: { paused: boolean; reason?: string | undefined },
) {
  const request = { name, paused, ...(reason !== undefined && { reason }) }
  const pause = await withClient(context, ({ dispatch }) => dispatch.setTypePause(request))
  if (context.json) context.terminal.printJson(pause)
  else if (paused) context.terminal.log(`Tasks of type ${name} take no new steps; what runs ends.`)
  else context.terminal.log(`Tasks of type ${name} go on.`)
  return EXIT.ok
}

async function list(context: CliContext) {
  const { terminal, json, clock } = context
  const paused = await withClient(context, ({ dispatch }) => dispatch.pausedTypes())
  if (json) terminal.printJson({ paused })
  else if (paused.length === 0) terminal.log('No type of tasks is paused.')
  else {
    const { outPaint: paint, columns: width } = terminal
    const rows = paused.map((one) => rowOf(one, clock.nowMs()))
    terminal.print(...renderTable(COLUMNS, rows, { paint, ...(width !== undefined && { width }) }))
  }
  return EXIT.ok
}

function rowOf({ name, waiting, sinceMs, reason = '' }: PausedTaskType, nowMs: number): Cell[] {
  return [
    { text: name, style: 'bold' },
    { text: String(waiting) },
    { text: formatDuration(Math.max(0, nowMs - sinceMs)), style: 'dim' },
    { text: printable(reason), style: 'dim' },
  ]
}

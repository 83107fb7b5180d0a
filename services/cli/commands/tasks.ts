import { randomUUID } from 'node:crypto'
import { type Command, Option } from 'commander'
import { taskIdSchema, taskTypeSchema } from '#schemas/identifiers.ts'
import { TASK_STATUSES, type TaskStatus } from '#schemas/task.ts'
import { type ChangeTasksRequest, changeTasksRequestSchema } from '#schemas/task-controls.ts'
import type { CliContext, Run } from '../cli-context.ts'
import { CliError } from '../cli-error.ts'
import { changeMany, type TaskSelection } from '../controls/change-many.ts'
import { CHANGED_COLUMNS, changedRow } from '../controls/render-changed.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { presentChanges } from '../output/change-pages.ts'
import { withClient } from '../session/session.ts'
import { checkedBy, label, resolveTime, TIME_FORMS, textSchema, timeOption } from './arguments.ts'
import { addTaskTypes } from './task-type-pauses.ts'

interface ChangeOptions {
  status?: TaskStatus
  type?: string
  label?: Record<string, string>
  text?: string
  since?: number
  before?: number
  dryRun?: boolean
  reason?: string
  requestId?: string
}

type Action = ChangeTasksRequest['action']

const ABOUT: Readonly<Record<Action, string>> = {
  cancel: 'end tasks',
  pause: 'pause tasks: what runs ends, nothing new begins',
  resume: 'let paused tasks go on',
  retry: 'run what failed in tasks again, each as a new task',
}
const { reason: reasonSchema, requestId: requestIdSchema } = changeTasksRequestSchema.shape

/** `murmur tasks cancel|pause|resume|retry`: the same for many. */
export function addTasks(program: Command, run: Run): void {
  const tasks = program
    .command('tasks')
    .description(
      'change many tasks: cancel, pause, resume, retry, those that are named or that a filter finds',
    )
  addTaskTypes(tasks, run)
  for (const action of Object.keys(ABOUT) as Action[]) {
    const command = selecting(tasks.command(action).description(ABOUT[action]))
    if (action === 'cancel' || action === 'pause')
      command.option('--reason <text>', 'for those who look at them later', checkedBy(reasonSchema.unwrap()))
    if (action === 'retry')
      command.option(
        '--request-id <text>',
        'the same id again gives the same new tasks; a new id unless given',
        checkedBy(requestIdSchema.unwrap()),
      )
    command.action((ids: string[] | undefined, options: ChangeOptions) =>
      run((context) => change(context, { action, ids: ids ?? [], options })),
    )
  }
}

function selecting(command: Command): Command {
  const idOption = checkedBy(taskIdSchema)
  return command
    .argument('[ids...]', 'ids of the tasks', (text: string, earlier: string[] = []) => [
      ...earlier,
      idOption(text),
    ])
    .addOption(new Option('--status <status>', 'only these').choices(TASK_STATUSES))
    .option('--type <type>', 'only these', checkedBy(taskTypeSchema))
    .option('--label <key=value>', 'only with this label; may be given several times', label)
    .option('--text <text>', 'only with this in id, type, status, labels or error', checkedBy(textSchema))
    .option('--since <when>', `only those created since then: ${TIME_FORMS}`, timeOption)
    .option('--before <when>', 'only those created before that, in the same forms', timeOption)
    .option('--dry-run', 'change nothing, and say which and how many would be')
}

async function change(
  context: CliContext,
  { action, ids: taskIds, options }: { action: Action; ids: string[]; options: ChangeOptions },
): Promise<ExitCode> {
  const filter = filterOf(options, context.clock.nowMs())
  assertSelection(taskIds, Object.keys(filter).length > 0)
  const { reason, requestId = randomUUID() } = options
  const dryRun = options.dryRun === true
  const about = {
    action,
    ...(reason !== undefined && { reason }),
    ...(action === 'retry' && { requestId }),
  }
  const results = await withClient(context, ({ controls }) =>
    changeMany(
      { taskIds, filter, dryRun },
      (page) => controls.changeMany({ ...about, ...page }),
      context.signal,
    ),
  )
  presentChanges(context, results, { dryRun, columns: CHANGED_COLUMNS, rowOf: changedRow })
  if (context.signal.aborted) return EXIT.interrupted
  return results.some(({ outcome }) => outcome === 'failed') ? EXIT.failed : EXIT.ok
}

/** @throws CliError USAGE where it is not clear which are meant: nothing is changed by accident */
function assertSelection(taskIds: readonly string[], hasFilter: boolean): void {
  if (taskIds.length > 0 !== hasFilter) return
  throw new CliError('USAGE', 'name tasks by their ids or by a filter: one of both', {
    fix: 'Try it with --dry-run first; `murmur list` takes the same filters.',
  })
}

function filterOf(
  { status, type, label: labels, text, since, before }: ChangeOptions,
  nowMs: number,
): TaskSelection['filter'] {
  return {
    ...(status !== undefined && { status }),
    ...(type !== undefined && { type }),
    ...(labels && { labels }),
    ...(text !== undefined && { text }),
    ...(since !== undefined && { createdFromMs: Math.floor(resolveTime(since, nowMs)) }),
    ...(before !== undefined && { createdBeforeMs: Math.floor(resolveTime(before, nowMs)) }),
  }
}

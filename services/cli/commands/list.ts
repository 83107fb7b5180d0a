import { type Command, Option } from 'commander'
import { taskTypeSchema } from '#schemas/identifiers.ts'
import { TASK_STATUSES, type TaskStatus } from '#schemas/task.ts'
import { LIST_ORDERS, type ListOrder } from '#schemas/task-requests.ts'
import type { CliContext, Run } from '../cli-context.ts'
import type { TaskQuery } from '../client/murmur-client.ts'
import { EXIT } from '../exit-codes.ts'
import { EMPTY_PAGE, fullPage } from '../output/full-page.ts'
import { renderTable } from '../output/table.ts'
import { withClient } from '../session/session.ts'
import { TASK_COLUMNS, taskRow } from '../task-view/render-task.ts'
import {
  checkedBy,
  cursorSchema,
  integerOption,
  label,
  logNextPage,
  resolveTime,
  TIME_FORMS,
  textSchema,
  timeOption,
} from './arguments.ts'

interface ListOptions {
  status?: TaskStatus
  type?: string
  label?: Record<string, string>
  text?: string
  since?: number
  before?: number
  order?: ListOrder
  limit: number
  cursor?: string
}

export function addList(program: Command, run: Run): void {
  program
    .command('list')
    .description('list tasks, newest first or oldest first')
    .addOption(new Option('--status <status>', 'only these').choices(TASK_STATUSES))
    .option('--type <type>', 'only these', checkedBy(taskTypeSchema))
    .option('--label <key=value>', 'only with this label; may be given several times', label)
    .option('--text <text>', 'only with this in id, type, labels or error', checkedBy(textSchema))
    .option('--since <when>', `only those created since then: ${TIME_FORMS}`, timeOption)
    .option('--before <when>', 'only those created before that, in the same forms', timeOption)
    .addOption(new Option('--order <order>', 'which come first; newest unless given').choices(LIST_ORDERS))
    .option('--limit <n>', 'at most so many', integerOption(1, 500), 50)
    .option('--cursor <cursor>', 'go on where a page ended', checkedBy(cursorSchema))
    .action((options: ListOptions) => run((context) => list(context, options)))
}

async function list(context: CliContext, options: ListOptions) {
  const { terminal, clock, json } = context
  const query = queryOf(options, clock.nowMs())
  let searchedToMs: number | undefined
  const page = await withClient(context, (client) =>
    fullPage(options.limit, async (next) => {
      const { tasks: items, nextCursor, ...answer } = await client.list({ ...query, ...next })
      searchedToMs = answer.searchedToMs
      return { items, nextCursor }
    }),
  )
  const { items: tasks, nextCursor } = page
  const more = {
    ...(nextCursor !== undefined && { nextCursor }),
    ...(searchedToMs !== undefined && { searchedToMs }),
  }
  if (json) terminal.printJson({ tasks, ...more })
  else if (tasks.length === 0) terminal.log(nextCursor === undefined ? 'No tasks.' : EMPTY_PAGE)
  else {
    const { outPaint: paint, columns: width } = terminal
    const rows = tasks.map((task) => taskRow(task, clock.nowMs()))
    terminal.print(...renderTable(TASK_COLUMNS, rows, { paint, ...(width !== undefined && { width }) }))
  }
  if (!json && searchedToMs !== undefined) terminal.log(searchedLine(searchedToMs, options.order))
  if (!json) logNextPage(context, page)
  return EXIT.ok
}

function searchedLine(searchedToMs: number, order: ListOrder = 'newest'): string {
  const [way, others] = order === 'newest' ? ['back', 'older'] : ['up', 'newer']
  return `Searched ${way} to ${new Date(searchedToMs).toISOString()}, and not in ${others} ones.`
}

function queryOf({ label: labels, since, before, ...same }: ListOptions, nowMs: number): TaskQuery {
  return {
    ...same,
    ...(labels && { labels }),
    ...(since !== undefined && { createdFromMs: resolveTime(since, nowMs) }),
    ...(before !== undefined && { createdBeforeMs: resolveTime(before, nowMs) }),
  }
}

import type { Command } from 'commander'
import { scheduleNameSchema } from '#schemas/identifiers.ts'
import { MAX_NEXT_RUNS } from '#schemas/schedule.ts'
import type { CliContext, Run } from '../cli-context.ts'
import type { MurmurClient } from '../client/murmur-client.ts'
import { EXIT } from '../exit-codes.ts'
import { EMPTY_PAGE, fullPage } from '../output/full-page.ts'
import { renderTable } from '../output/table.ts'
import {
  renderNextRuns,
  renderSchedule,
  SCHEDULE_COLUMNS,
  scheduleRow,
} from '../schedules/render-schedule.ts'
import { withClient } from '../session/session.ts'
import { checkedBy, cursorSchema, integerOption, logNextPage } from './arguments.ts'
import { type TimetableOptions, timetableOf, withTimetable } from './schedule-options.ts'
import { addSchedulePut } from './schedule-put.ts'

interface ListOptions {
  limit: number
  cursor?: string
}
interface NextOptions extends TimetableOptions {
  count: number
}

/** `murmur schedules`: tasks at times of their own. */
export function addSchedules(program: Command, run: Run): void {
  const schedules = program
    .command('schedules')
    .description('tasks at times of their own: put, list, show, pause, resume, trigger, delete, next')
    .helpCommand(false)
  schedules
    .command('list', { isDefault: true })
    .description('list them by name')
    .option('--limit <n>', 'at most so many', integerOption(1, 200), 50)
    .option('--cursor <cursor>', 'go on where a page ended', checkedBy(cursorSchema))
    .action((options: ListOptions) => run((context) => list(context, options)))
  addSchedulePut(schedules, run)
  named(schedules, 'show', 'one of them, with its next runs and what runs of it').action((name: string) =>
    run((context) => withOne(context, (client) => client.schedules.get(name))),
  )
  named(schedules, 'pause', 'start nothing until it is resumed')
    .option('--reason <text>', 'why, for whoever looks at it')
    .action((name: string, { reason }: { reason?: string }) =>
      run((context) => withOne(context, (client) => client.schedules.pause(name, reason))),
    )
  named(schedules, 'resume', 'go on with the runs that come from now on').action((name: string) =>
    run((context) => withOne(context, (client) => client.schedules.resume(name))),
  )
  named(schedules, 'trigger', 'run it now, beside its times')
    .option('--request-id <text>', 'under the same id it is run once; a new id unless given')
    .action((name: string, options: { requestId?: string }) =>
      run((context) => trigger(context, name, options)),
    )
  named(schedules, 'delete', 'delete it; its tasks go on').action((name: string) =>
    run((context) => remove(context, name)),
  )
  const next = schedules
    .command('next')
    .description('when a schedule runs, or a cron would: nothing is stored')
    .argument('[schedule]', 'its name', checkedBy(scheduleNameSchema))
    .option('--count <n>', 'so many', integerOption(1, MAX_NEXT_RUNS), 10)
  withTimetable(next).action((name: string | undefined, options: NextOptions) =>
    run((context) => showNext(context, name, options)),
  )
}

function named(schedules: Command, verb: string, what: string): Command {
  return schedules
    .command(verb)
    .description(what)
    .argument('<schedule>', 'its name', checkedBy(scheduleNameSchema))
}

async function list(context: CliContext, { limit, cursor }: ListOptions) {
  const { terminal, clock, json } = context
  const { items, nextCursor } = await withClient(context, (client) =>
    fullPage(limit, async (next) => {
      const page = await client.schedules.list({ ...(cursor !== undefined && { cursor }), ...next })
      return { items: page.schedules, nextCursor: page.nextCursor }
    }),
  )
  if (json) terminal.printJson({ schedules: items, ...(nextCursor !== undefined && { nextCursor }) })
  else if (items.length === 0)
    terminal.log(
      nextCursor === undefined ? 'No schedules. murmur schedules put NAME --help makes one.' : EMPTY_PAGE,
    )
  else {
    const { outPaint: paint, columns: width } = terminal
    const rows = items.map((schedule) => scheduleRow(schedule, clock.nowMs()))
    terminal.print(...renderTable(SCHEDULE_COLUMNS, rows, { paint, ...(width !== undefined && { width }) }))
  }
  if (!json) logNextPage(context, { nextCursor })
  return EXIT.ok
}

/** Shows the schedule that comes of it. */
async function withOne(
  context: CliContext,
  ask: (client: MurmurClient) => ReturnType<MurmurClient['schedules']['get']>,
) {
  const { terminal, clock, json } = context
  const schedule = await withClient(context, ask)
  if (json) terminal.printJson({ schedule })
  else terminal.print(...renderSchedule(schedule, clock.nowMs(), terminal.outPaint))
  return EXIT.ok
}

async function trigger(context: CliContext, name: string, { requestId }: { requestId?: string }) {
  const { terminal, json } = context
  const receipt = await withClient(context, (client) =>
    client.schedules.trigger({ name, ...(requestId !== undefined && { requestId }) }),
  )
  if (json) terminal.printJson(receipt)
  else {
    const what = receipt.duplicate ? 'had been started before under this id' : 'started'
    terminal.log(`Task ${terminal.paint.bold(receipt.taskId)} ${what}; murmur watch ${receipt.taskId}`)
    terminal.print(receipt.taskId)
  }
  return EXIT.ok
}

async function remove(context: CliContext, name: string) {
  const { terminal, json } = context
  const answer = await withClient(context, (client) => client.schedules.delete(name))
  if (json) terminal.printJson(answer)
  else terminal.log(`Schedule ${name} is gone. Tasks that it has started go on.`)
  return EXIT.ok
}

async function showNext(context: CliContext, name: string | undefined, { count, ...options }: NextOptions) {
  const { terminal, clock, json } = context
  const nextRuns = await withClient(context, async ({ schedules }) => {
    if (name === undefined) return schedules.preview({ ...timetableOf(options), count })
    const { cron, everyMs, timezone, startAtMs, endAtMs } = await schedules.get(name)
    const own = {
      timezone,
      ...(cron !== undefined && { cron }),
      ...(everyMs !== undefined && { everyMs }),
      ...(startAtMs !== undefined && { startAtMs }),
      ...(endAtMs !== undefined && { endAtMs }),
    }
    return schedules.preview({ ...own, ...timetableOf(options), count })
  })
  if (json) terminal.printJson({ nextRuns })
  else if (nextRuns.length === 0) terminal.log('It would never run.')
  else terminal.print(...renderNextRuns(nextRuns, clock.nowMs(), terminal.outPaint))
  return EXIT.ok
}

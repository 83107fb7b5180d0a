import { type Command, Option } from 'commander'
import { scheduleNameSchema, taskTypeSchema } from '#schemas/identifiers.ts'
import type { JsonObject } from '#schemas/json.ts'
import { LIMITS } from '#schemas/limits.ts'
import { CATCH_UP_POLICIES, OVERLAP_POLICIES } from '#schemas/schedule.ts'
import type { CliContext, Run } from '../cli-context.ts'
import { CliError } from '../cli-error.ts'
import { EXIT } from '../exit-codes.ts'
import { renderSchedule } from '../schedules/render-schedule.ts'
import { withClient } from '../session/session.ts'
import { readSubmission, type SubmissionOptions, withOptions } from '../submission/read-submission.ts'
import { checkedBy, durationOption, integerOption, label, priorityOption } from './arguments.ts'
import { type TimetableOptions, timetableOf, withTimetable } from './schedule-options.ts'

interface PutOptions extends TimetableOptions, SubmissionOptions {
  overlap?: string
  catchUp?: string
  catchUpWindow?: number
  catchUpRuns?: number
  jitter?: number
  paused?: boolean
  reason?: string
}

const EXAMPLES = `
FILE holds what each run submits ({"type", "input" or "plan", …}), a bare plan ({"steps": […]}), or a whole schedule
({"cron" or "everyMs", "submission", …}); options stand above what it says. A schedule that is there is changed as a whole:
  murmur schedules put nightly plan.json --cron '30 2 * * *' --timezone Europe/Berlin
  murmur schedules put poll plan.json --every 15m --overlap queue --catch-up skip
  murmur schedules put report schedule.json
  murmur schedules next --cron '30 2 * * *' --timezone Europe/Berlin`

/** `murmur schedules put` */
export function addSchedulePut(schedules: Command, run: Run): void {
  const put = schedules
    .command('put')
    .description('make a schedule, or change all of its definition')
    .argument('<schedule>', 'its name', checkedBy(scheduleNameSchema))
    .argument('[file]', 'a file of JSON; - is standard input')
  withTimetable(put)
    .addOption(
      new Option('--overlap <policy>', 'what to do while its last task runs').choices(OVERLAP_POLICIES),
    )
    .addOption(
      new Option('--catch-up <policy>', 'what to do about runs that nobody started in time').choices(
        CATCH_UP_POLICIES,
      ),
    )
    .option('--catch-up-window <time>', 'later than this, a run is not started any more', durationOption)
    .option(
      '--catch-up-runs <n>',
      'with --catch-up all: so many at once, at most',
      integerOption(1, LIMITS.scheduleCatchUpRuns),
    )
    .option('--jitter <time>', 'each run is up to so much later', durationOption)
    .option('--paused', 'it starts nothing until it is resumed')
    .option('--reason <text>', 'why it is paused')
    .option('--type <type>', 'type of its tasks, such as report or plan', checkedBy(taskTypeSchema))
    .option('--input <json>', 'input of its tasks, a JSON object')
    .option('--label <key=value>', 'a label of its tasks; may be given several times', label)
    .addOption(priorityOption())
    .option('--deadline <time>', 'each task has to end within so long, as 90s, 15m or 2h', durationOption)
    .addHelpText('after', EXAMPLES)
    .action((name: string, file: string | undefined, options: PutOptions) =>
      run((context) => putSchedule(context, { name, file, options })),
    )
}

async function putSchedule(
  context: CliContext,
  about: { name: string; file: string | undefined; options: PutOptions },
) {
  const { terminal, clock, json } = context
  const request = await composeSchedule(context, about)
  const stored = await withClient(context, (client) => client.schedules.put(request))
  if (json) terminal.printJson(stored)
  else {
    terminal.log(`Schedule ${terminal.paint.bold(about.name)} ${stored.created ? 'made' : 'changed'}.`)
    terminal.print(...renderSchedule(stored.schedule, clock.nowMs(), terminal.outPaint))
  }
  return EXIT.ok
}

/** The request as it is sent: the file, with what the options say on top. The orchestrator checks it. @throws CliError USAGE, FILE_UNREADABLE */
async function composeSchedule(
  context: CliContext,
  { name, file, options }: { name: string; file: string | undefined; options: PutOptions },
): Promise<JsonObject> {
  if (file === undefined && options.type === undefined)
    throw new CliError('USAGE', 'nothing to submit: name a file, or a type with --type', {
      fix: '`npx murmur schedules put --help` shows examples.',
    })
  const fromFile = file === undefined ? {} : await readSubmission(context, file)
  const isWhole = isObject(fromFile.submission)
  const { submission, ...definition } = isWhole ? fromFile : { submission: fromFile }
  const times = timetableOf(options)
  // One of the two in the file gives way to the other on the command line.
  const { cron, everyMs, ...rest } = definition as JsonObject
  const hasTimes = times.cron !== undefined || times.everyMs !== undefined
  const ofFile = { ...(cron !== undefined && { cron }), ...(everyMs !== undefined && { everyMs }) }
  return {
    ...rest,
    ...(!hasTimes && ofFile),
    ...times,
    ...policiesOf(rest, options),
    name,
    submission: withOptions(submission as JsonObject, options),
  }
}

function policiesOf({ catchUp }: JsonObject, options: PutOptions): JsonObject {
  const { overlap, jitter, paused, reason, catchUp: policy, catchUpWindow, catchUpRuns } = options
  const caught = {
    ...(policy !== undefined && { policy }),
    ...(catchUpWindow !== undefined && { windowMs: catchUpWindow }),
    ...(catchUpRuns !== undefined && { maxRuns: catchUpRuns }),
  }
  return {
    ...(overlap !== undefined && { overlap }),
    ...(jitter !== undefined && { jitterMs: jitter }),
    ...(paused && { paused }),
    ...(reason !== undefined && { reason }),
    ...(Object.keys(caught).length > 0 && { catchUp: { ...(isObject(catchUp) ? catchUp : {}), ...caught } }),
  }
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

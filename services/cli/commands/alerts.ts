import { type Command, Option } from 'commander'
import { z } from 'zod'
import {
  ALERT_STATUSES,
  type AlertStatus,
  type ChangeAlertRequest,
  changeAlertRequestSchema,
} from '#schemas/alert.ts'
import { taskIdSchema } from '#schemas/identifiers.ts'
import { cameraSchema } from '#schemas/monitor-request.ts'
import { SEVERITIES, type Severity } from '#schemas/watch-rule.ts'
import { changeManyAlerts } from '../alerts/change-many.ts'
import { addFalsePositives } from '../alerts/false-positives.ts'
import { followAlerts } from '../alerts/follow-alerts.ts'
import { renderAlertList, renderChanged, renderRaised } from '../alerts/render-alert.ts'
import { showAlert } from '../alerts/show-alert.ts'
import type { CliContext, Run } from '../cli-context.ts'
import { CliError } from '../cli-error.ts'
import type { AlertListener } from '../client/transport.ts'
import { EXIT } from '../exit-codes.ts'
import { interruptionOf } from '../interruption.ts'
import { EMPTY_PAGE, fullPage } from '../output/full-page.ts'
import { withClient } from '../session/session.ts'
import { userName } from '../user-name.ts'
import {
  checkedBy,
  cursorSchema,
  integerOption,
  logNextPage,
  resolveTime,
  TIME_FORMS,
  timeOption,
} from './arguments.ts'

interface ListOptions {
  severity?: Severity
  status?: AlertStatus
  camera?: string
  monitor?: string
  since?: number
  limit: number
  cursor?: string
  follow?: boolean
}

const MAX = 500
const { id: alertIdSchema, note: noteSchema } = changeAlertRequestSchema.shape
const ruleIdSchema = z.string().min(1).max(64)

export function addAlerts(program: Command, run: Run): void {
  const alerts = program
    .command('alerts')
    .description(
      'list alerts, newest first; ack and resolve single ones or many, show one, or say that one is not this',
    )
    .addOption(new Option('--severity <severity>', 'only these').choices(SEVERITIES))
    .addOption(new Option('--status <status>', 'only these').choices(ALERT_STATUSES))
    .option('--camera <name>', 'only of this camera', checkedBy(cameraSchema))
    .option('--monitor <id>', 'only of this monitor', checkedBy(taskIdSchema))
    .option('--since <when>', `only those raised since then: ${TIME_FORMS}`, timeOption)
    .option('--limit <n>', 'at most so many', integerOption(1, MAX), 50)
    .option('--cursor <cursor>', 'go on where a page ended', checkedBy(cursorSchema))
    .option('--follow', 'go on with what is raised, acknowledged and resolved, until Ctrl-C')
    .action((options: ListOptions) => run((context) => list(context, options)))
  addChange(alerts, run, { name: 'ack', status: 'acknowledged', about: 'say that somebody takes care of it' })
  addChange(alerts, run, { name: 'resolve', status: 'resolved', about: 'say that it is over' })
  addFalsePositives(alerts, run)
  alerts
    .command('show')
    .description('one alert in full')
    .argument('<id>', 'id of the alert', checkedBy(alertIdSchema))
    .option('--snapshot <file>', 'write its picture there, a JPEG')
    .action((id: string, options: { snapshot?: string }) => run((context) => showAlert(context, id, options)))
}

interface ChangeOptions extends Omit<ListOptions, 'limit' | 'cursor' | 'follow'> {
  rule?: string
  note?: string
  dryRun?: boolean
}

function addChange(
  alerts: Command,
  run: Run,
  { name, status, about }: { name: string; status: ChangeAlertRequest['status']; about: string },
): void {
  alerts
    .command(name)
    .description(about)
    .argument('[ids...]', 'ids of alerts; or --severity, --status, --camera, --rule, --monitor, --since')
    .option('--rule <id>', 'all those of this rule', checkedBy(ruleIdSchema))
    .option('--dry-run', 'change nothing, and say what would be')
    .option('--note <text>', 'kept with it', checkedBy(noteSchema.unwrap()))
    .action((ids: string[], _own: object, command: Command) =>
      run((context) => change(context, { ids, status }, command.optsWithGlobals<ChangeOptions>())),
    )
}

async function change(
  context: CliContext,
  { ids, status }: { ids: string[]; status: ChangeAlertRequest['status'] },
  { severity, camera, monitor, rule, status: was, since, note, dryRun = false }: ChangeOptions,
) {
  for (const id of ids) assertAlertId(id)
  const found = { severity, camera, monitor, rule, status: was }
  const filter = {
    ...Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined)),
    ...(since !== undefined && { sinceMs: resolveTime(since, context.clock.nowMs()) }),
  }
  const isFiltered = Object.keys(filter).length > 0
  if (isFiltered === ids.length > 0) throw usage('name alerts, or say which: --camera, --rule, --status, …')
  const order = { status, by: userName(), ...(note !== undefined && { note }) }
  const [id] = ids
  if (ids.length === 1 && id !== undefined && !dryRun) return changeOne(context, { id, ...order })
  return changeManyAlerts(context, { ids, filter, dryRun, order })
}

async function changeOne(context: CliContext, request: ChangeAlertRequest) {
  const alert = await withClient(context, (client) => client.video.changeAlert(request))
  if (context.json) context.terminal.printJson({ alert })
  else context.terminal.log(`Alert ${alert.id} is ${alert.status}: ${alert.message}, ${alert.camera}.`)
  return EXIT.ok
}

/** @throws CliError USAGE */
function assertAlertId(id: string): void {
  const parsed = alertIdSchema.safeParse(id)
  if (!parsed.success) throw usage(`"${id.slice(0, 100)}" is no id of an alert`)
}

function usage(message: string): CliError {
  return new CliError('USAGE', message, { fix: '`npx murmur alerts ack --help` shows what may be said.' })
}

async function list(context: CliContext, { follow, since, limit, cursor, ...filter }: ListOptions) {
  const { clock, json, signal, terminal } = context
  const request = {
    ...filter,
    limit,
    ...(since !== undefined && { sinceMs: resolveTime(since, clock.nowMs()) }),
    ...(cursor !== undefined && { cursor }),
  }
  await withClient(context, async ({ video }) => {
    const failed = Promise.withResolvers<never>()
    const listener = { ...listenerOf(context), onFault: failed.reject }
    const following = follow ? await followAlerts(video, filter, listener) : undefined
    const { items: found, nextCursor } = await fullPage(limit, async (next) => {
      const page = await video.alerts({ ...request, ...next })
      return { items: page.alerts, nextCursor: page.nextCursor }
    })
    if (json) terminal.printJson({ alerts: found, ...(nextCursor !== undefined && { nextCursor }) })
    else if (found.length > 0) printList(context, found)
    else if (nextCursor !== undefined) terminal.log(EMPTY_PAGE)
    else terminal.log(following ? 'No alerts so far.' : 'No alerts.')
    if (!following) return json ? undefined : logNextPage(context, { nextCursor })
    following.begin(found)
    await Promise.race([interruptionOf(signal), failed.promise])
    following.end()
  })
  return EXIT.ok
}

function printList({ clock, terminal }: CliContext, alerts: Parameters<typeof renderAlertList>[0]): void {
  const { outPaint: paint, columns: width } = terminal
  terminal.print(...renderAlertList(alerts, clock.nowMs(), { paint, ...(width !== undefined && { width }) }))
}

function listenerOf({ json, terminal }: CliContext): AlertListener {
  if (json) {
    return {
      onRaised: (alert) => terminal.printJson({ alert }),
      onChanged: (changed) => terminal.printJson({ changed }),
    }
  }
  return {
    onRaised: (alert) => terminal.print(renderRaised(alert, terminal.outPaint)),
    onChanged: (alert) => terminal.print(renderChanged(alert, terminal.outPaint)),
  }
}

import { userInfo } from 'node:os'
import { type Command, Option } from 'commander'
import {
  ALERT_STATUSES,
  type AlertStatus,
  type ChangeAlertRequest,
  changeAlertRequestSchema,
} from '#schemas/alert.ts'
import { taskIdSchema } from '#schemas/identifiers.ts'
import { cameraSchema } from '#schemas/monitor-request.ts'
import { SEVERITIES, type Severity } from '#schemas/watch-rule.ts'
import { type AlertFollower, followAlerts } from '../alerts/follow-alerts.ts'
import { renderAlertList, renderChanged, renderRaised } from '../alerts/render-alert.ts'
import { showAlert } from '../alerts/show-alert.ts'
import type { CliContext } from '../cli-context.ts'
import { EXIT } from '../exit-codes.ts'
import { interruptionOf } from '../interruption.ts'
import { withClient } from '../session/session.ts'
import { checkedBy, wholeNumber } from './arguments.ts'
import type { Run } from './run.ts'

interface ListOptions {
  severity?: Severity
  status?: AlertStatus
  camera?: string
  monitor?: string
  limit: number
  follow?: boolean
}

const MOST = 500
const { id: alertIdSchema, note: noteSchema } = changeAlertRequestSchema.shape

export function addAlerts(program: Command, run: Run): void {
  const alerts = program
    .command('alerts')
    .description('list alerts, newest first; ack, resolve and show single ones')
    .addOption(new Option('--severity <severity>', 'only these').choices(SEVERITIES))
    .addOption(new Option('--status <status>', 'only these').choices(ALERT_STATUSES))
    .option('--camera <name>', 'only of this camera', checkedBy(cameraSchema))
    .option('--monitor <id>', 'only of this monitor', checkedBy(taskIdSchema))
    .option('--limit <n>', 'at most so many', wholeNumber(1, MOST), 50)
    .option('--follow', 'go on with what is raised, acknowledged and resolved, until Ctrl-C')
    .action((options: ListOptions) => run((context) => list(context, options)))
  addChange(alerts, run, { name: 'ack', status: 'acknowledged', about: 'say that somebody takes care of it' })
  addChange(alerts, run, { name: 'resolve', status: 'resolved', about: 'say that it is over' })
  alerts
    .command('show')
    .description('one alert in full')
    .argument('<id>', 'id of the alert', checkedBy(alertIdSchema))
    .option('--snapshot <file>', 'write its picture there, a JPEG')
    .action((id: string, options: { snapshot?: string }) => run((context) => showAlert(context, id, options)))
}

function addChange(
  alerts: Command,
  run: Run,
  { name, status, about }: { name: string; status: ChangeAlertRequest['status']; about: string },
): void {
  alerts
    .command(name)
    .description(about)
    .argument('<id>', 'id of the alert', checkedBy(alertIdSchema))
    .option('--note <text>', 'kept with it', checkedBy(noteSchema.unwrap()))
    .action((id: string, { note }: { note?: string }) =>
      run(async (context) => {
        const request = { id, status, by: userName(), ...(note !== undefined && { note }) }
        const alert = await withClient(context, (client) => client.video.changeAlert(request))
        if (context.json) context.terminal.printJson({ alert })
        else context.terminal.say(`Alert ${id} is ${alert.status}: ${alert.message}, ${alert.camera}.`)
        return EXIT.ok
      }),
    )
}

async function list(context: CliContext, { follow, ...request }: ListOptions) {
  const { json, signal, terminal } = context
  await withClient(context, async ({ video }) => {
    const following = follow ? followAlerts(video, request, followerOf(context)) : undefined
    const found = await video.alerts(request)
    if (json) terminal.printJson({ alerts: found })
    else if (found.length > 0) printList(context, found)
    else terminal.say(following ? 'No alerts so far.' : 'No alerts.')
    if (!following) return
    following.begin(found)
    await interruptionOf(signal)
    following.end()
  })
  return EXIT.ok
}

function printList({ clock, terminal }: CliContext, alerts: Parameters<typeof renderAlertList>[0]): void {
  const { outPaint: paint, columns: width } = terminal
  terminal.print(...renderAlertList(alerts, clock.nowMs(), { paint, ...(width !== undefined && { width }) }))
}

function followerOf({ json, terminal }: CliContext): AlertFollower {
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

/** Who acknowledges, for the others to ask. */
function userName(): string {
  try {
    return userInfo().username
  } catch {
    // In a container, a user may have a number and no name.
    return 'cli'
  }
}

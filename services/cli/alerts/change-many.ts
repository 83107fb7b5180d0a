import type { ChangeAlertRequest } from '#schemas/alert.ts'
import { type ChangeAlertsRequest, type ChangedAlert, MAX_BULK_ALERTS } from '#schemas/alert-changes.ts'
import type { CliContext } from '../cli-context.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { changeInPages, presentChanges } from '../output/change-pages.ts'
import type { Cell } from '../output/table.ts'
import { printable } from '../output/terminal-text.ts'
import { withClient } from '../session/session.ts'
import { severityStyle } from './render-alert.ts'

/** Which alerts a command is about, and what they become. */
export interface AlertSelection {
  readonly ids: readonly string[]
  readonly filter: NonNullable<ChangeAlertsRequest['filter']>
  readonly dryRun: boolean
  readonly order: Omit<ChangeAlertRequest, 'id'>
}

const COLUMNS = [
  { title: 'alert' },
  { title: 'severity' },
  { title: 'status' },
  { title: 'camera' },
  { title: 'outcome' },
  { title: 'what', flexible: true },
] as const

/** Acknowledges or resolves many alerts, page by page, and shows what became of each. @returns the exit code: 1 when one failed */
export async function changeManyAlerts(
  context: CliContext,
  { ids, filter, dryRun, order }: AlertSelection,
): Promise<ExitCode> {
  const results = await withClient(context, ({ video }) =>
    changeInPages({ named: ids, most: MAX_BULK_ALERTS, signal: context.signal }, (page) =>
      video.changeAlerts({
        ...order,
        dryRun,
        ...('ids' in page ? { ids: page.ids } : { filter, ...page }),
      }),
    ),
  )
  presentChanges(context, results, { dryRun, columns: COLUMNS, rowOf })
  return results.some(({ outcome }) => outcome === 'failed') ? EXIT.failed : EXIT.ok
}

function rowOf({ id, severity, status, camera = '', outcome, message = '', problem }: ChangedAlert): Cell[] {
  return [
    { text: id },
    severity === undefined ? { text: '' } : { text: severity, style: severityStyle(severity) },
    { text: status ?? '' },
    { text: camera },
    { text: outcome, style: outcome === 'failed' ? 'red' : outcome === 'done' ? 'green' : 'dim' },
    { text: printable(problem ? `${problem.code}: ${problem.message}` : message) },
  ]
}

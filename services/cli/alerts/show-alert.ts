import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { messageOf } from '#platform/errors/murmur-error.ts'
import type { Alert } from '#schemas/alert.ts'
import type { CliContext } from '../cli-context.ts'
import { CliError } from '../cli-error.ts'
import type { MurmurClient } from '../client/murmur-client.ts'
import { EXIT } from '../exit-codes.ts'
import { withClient } from '../session/session.ts'
import { renderAlertInFull } from './render-alert.ts'

/**
 * One alert in full, and its picture in a file where that is asked for.
 * @throws CliError NO_SNAPSHOT, FILE_UNREADABLE; MurmurError ALERT_NOT_FOUND, BLOB_NOT_FOUND
 */
export async function showAlert(context: CliContext, id: string, options: { snapshot?: string }) {
  const { json, terminal } = context
  await withClient(context, async (client) => {
    const alert = await client.video.alert(id)
    const file = options.snapshot === undefined ? undefined : resolve(context.folder, options.snapshot)
    if (file !== undefined) await writeSnapshot(client, alert, file)
    if (json) terminal.printJson({ alert, ...(file !== undefined && { snapshot: file }) })
    else {
      const { outPaint: paint, columns: width } = terminal
      terminal.print(...renderAlertInFull(alert, { paint, ...(width !== undefined && { width }) }))
      if (file !== undefined) terminal.log(`Snapshot written to ${options.snapshot}.`)
    }
  })
  return EXIT.ok
}

async function writeSnapshot(client: MurmurClient, alert: Alert, file: string): Promise<void> {
  if (!alert.snapshot) throw new CliError('NO_SNAPSHOT', `alert ${alert.id} has no snapshot`)
  const bytes = await client.download(alert.snapshot)
  await writeFile(file, bytes).catch((cause: unknown) => {
    throw new CliError('FILE_UNREADABLE', `${file} could not be written: ${messageOf(cause)}`, {
      cause,
      fix: 'Name a file in a folder that is there and that you may write to.',
    })
  })
}

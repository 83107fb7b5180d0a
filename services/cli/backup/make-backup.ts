import type { StreamBackups } from '#platform/nats/stream-backups.ts'
import { backupStreams } from '#subjects/backup-streams.ts'
import { BUCKET } from '#subjects/jetstream-api.ts'
import type { CliContext } from '../cli-context.ts'
import { CliError } from '../cli-error.ts'
import { throwIfInterrupted } from '../interruption.ts'
import { formatBytes } from '../output/quantities.ts'
import { waitingFor } from '../output/waiting.ts'
import { type BackupManifest, BackupWriter } from './backup-folder.ts'

export interface BackupOptions {
  readonly folder: string
  /** Without inputs, outputs and reports that lie in the object store: tasks that need one of them fail after a restore. */
  readonly withoutObjects: boolean
  readonly version: string
  readonly natsVersion: string
}

/**
 * Copies all streams into a folder, one after the other in the order that makes the copies fit together. Work goes on meanwhile.
 * @throws CliError FILE_EXISTS, FILE_UNREADABLE, NOTHING_TO_BACK_UP, INTERRUPTED; MurmurError UNAVAILABLE
 */
export async function makeBackup(
  context: CliContext,
  backups: Pick<StreamBackups, 'messagesIn' | 'snapshot'>,
  options: BackupOptions,
): Promise<BackupManifest> {
  const startedAtMs = context.clock.nowMs()
  const wanted = backupStreams().filter((name) => !(options.withoutObjects && name === BUCKET.stream))
  const counts = await Promise.all(wanted.map((name) => backups.messagesIn(name)))
  const names = wanted.filter((_, i) => counts[i] !== undefined)
  if (names.length === 0)
    throw new CliError('NOTHING_TO_BACK_UP', 'there is none of the streams of Murmuration on this NATS')
  const writer = await BackupWriter.create(options.folder)
  const abandon = context.beforeForcedExit(() => writer.abandon())
  try {
    for (const name of names) await copyStream(context, backups, writer, name)
    const { version, natsVersion } = options
    return await writer.finish({ version, natsVersion, startedAtMs, endedAtMs: context.clock.nowMs() })
  } catch (error) {
    await writer.abandon()
    throw error
  } finally {
    abandon()
  }
}

async function copyStream(
  context: CliContext,
  backups: Pick<StreamBackups, 'snapshot'>,
  writer: BackupWriter,
  name: string,
): Promise<void> {
  let bytes = 0
  const copy = writer.addStream(name, (write) =>
    backups.snapshot(name, async (chunk) => {
      throwIfInterrupted(context.signal)
      bytes += chunk.length
      await write(chunk)
    }),
  )
  await waitingFor(() => `copying ${name}, ${formatBytes(bytes)}`, copy, context)
}

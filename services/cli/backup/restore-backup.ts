import type { StreamBackup, StreamBackups } from '#platform/nats/stream-backups.ts'
import { replacedStreams } from '#subjects/backup-streams.ts'
import type { CliContext } from '../cli-context.ts'
import { CliError } from '../cli-error.ts'
import { throwIfInterrupted } from '../interruption.ts'
import { formatBytes } from '../output/quantities.ts'
import { waitingFor } from '../output/waiting.ts'
import type { BackedUpStream, ReadableBackup } from './backup-folder.ts'

export interface RestoreOptions {
  /** Streams that are there are deleted first. */
  readonly mayReplace: boolean
  /** Of every stream, instead of what it had. */
  readonly replicas: number | undefined
  readonly natsVersion: string
  /** Whether an orchestrator answers. */
  readonly isServed: () => Promise<boolean>
}

export interface RestoredStream {
  readonly name: string
  readonly messages: number
  /** That the backup has and the stream has not: they were too old to be kept. */
  readonly expired: number
}

/**
 * Brings back all streams of a backup, which has been compared with its manifest before. Nothing is touched unless everything can be.
 * @throws CliError STACK_RUNNING, STREAMS_EXIST, BACKUP_UNUSABLE (of a newer server), INTERRUPTED; MurmurError UNAVAILABLE
 */
export async function restoreBackup(
  context: CliContext,
  backups: Pick<StreamBackups, 'messagesIn' | 'delete' | 'restore'>,
  backup: ReadableBackup,
  options: RestoreOptions,
): Promise<RestoredStream[]> {
  const { manifest } = backup
  if (isOlder(options.natsVersion, manifest.natsVersion))
    throw tooOld(options.natsVersion, manifest.natsVersion)
  if (await options.isServed())
    throw new CliError(
      'STACK_RUNNING',
      'an orchestrator answers on this NATS: it would work on half of a backup',
    )
  const abouts = await Promise.all(manifest.streams.map(({ name }) => backup.about(name)))
  await makeRoom(backups, options)
  const restored: RestoredStream[] = []
  for (const [i, stream] of manifest.streams.entries()) {
    throwIfInterrupted(context.signal)
    restored.push(await restoreStream(context, backups, backup, stream, adapted(abouts[i]!, options)))
  }
  return restored
}

async function makeRoom(
  backups: Pick<StreamBackups, 'messagesIn' | 'delete'>,
  { mayReplace }: RestoreOptions,
): Promise<void> {
  const names = replacedStreams()
  const counts = await Promise.all(names.map((name) => backups.messagesIn(name)))
  const there = names.filter((_, i) => counts[i] !== undefined)
  if (there.length > 0 && !mayReplace)
    throw new CliError('STREAMS_EXIST', `this NATS has streams already: ${there.join(', ')}`)
  await Promise.all(there.map((name) => backups.delete(name)))
}

async function restoreStream(
  context: CliContext,
  backups: Pick<StreamBackups, 'restore'>,
  backup: ReadableBackup,
  stream: BackedUpStream,
  about: StreamBackup,
): Promise<RestoredStream> {
  const { name, fileBytes } = stream
  let bytes = 0
  const counted = async function* () {
    for await (const chunk of backup.chunks(name)) {
      throwIfInterrupted(context.signal)
      bytes += chunk.length
      yield chunk
    }
  }
  const text = () => `restoring ${name}, ${formatBytes(bytes)} of ${formatBytes(fileBytes)}`
  const { messages } = await waitingFor(text, backups.restore(about, counted()), context)
  return { name, messages, expired: Math.max(0, stream.messages - messages) }
}

function adapted(about: StreamBackup, { replicas }: RestoreOptions): StreamBackup {
  return replicas === undefined ? about : { ...about, config: { ...about.config, num_replicas: replicas } }
}

/** Servers read archives of earlier servers. */
function isOlder(server: string, backup: string): boolean {
  const [major = 0, minor = 0] = server.split('.').map(Number)
  const [backupMajor = 0, backupMinor = 0] = backup.split('.').map(Number)
  return major < backupMajor || (major === backupMajor && minor < backupMinor)
}

function tooOld(server: string, backup: string): CliError {
  return new CliError(
    'BACKUP_UNUSABLE',
    `the backup was made by nats-server ${backup}, this one is ${server}: older servers can't read archives of newer ones`,
    { fix: `Restore to nats-server ${backup} or newer.` },
  )
}

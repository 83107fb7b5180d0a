import { resolve } from 'node:path'
import type { Command } from 'commander'
import { SOFTWARE_VERSION } from '#platform/config/software-version.ts'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import type { Bus } from '#platform/nats/bus.ts'
import { openBackup } from '../backup/backup-folder.ts'
import { writeBackupMetrics } from '../backup/backup-metrics.ts'
import { withNats } from '../backup/backup-target.ts'
import { makeBackup } from '../backup/make-backup.ts'
import { restoreBackup } from '../backup/restore-backup.ts'
import type { CliContext, Run } from '../cli-context.ts'
import { EXIT } from '../exit-codes.ts'
import { formatBytes, formatDuration } from '../output/quantities.ts'
import { renderTable } from '../output/table.ts'
import { waitingFor } from '../output/waiting.ts'

import { integerOption } from './arguments.ts'

interface BackupCommandOptions {
  objects: boolean
  metrics?: string
}

interface RestoreCommandOptions {
  replace?: boolean
  replicas?: number
}

const SERVED_TIMEOUT_MS = 3000
const STREAM_COLUMNS = [
  { title: 'stream' },
  { title: 'messages', align: 'right' },
  { title: 'size', align: 'right' },
  { title: 'file', align: 'right' },
] as const
const RESTORED_COLUMNS = [{ title: 'stream' }, { title: 'messages', align: 'right' }, { title: '' }] as const

/** `murmur backup` and `murmur restore`: everything that is not made again from something else, out of NATS and back. */
export function addBackup(program: Command, run: Run): void {
  program
    .command('backup')
    .description('copy all streams into a new folder, while work goes on')
    .argument('<folder>', 'a folder that is not there yet')
    .option('--no-objects', 'without the object store: inputs, outputs and reports above 32 KiB')
    .option('--metrics <file>', 'write when it was made, for the textfile collector of node_exporter')
    .action((folder: string, options: BackupCommandOptions) =>
      run((context) => backup(context, resolve(context.folder, folder), options)),
    )
  program
    .command('restore')
    .description('bring all streams of a backup back to a NATS on which nothing runs')
    .argument('<folder>', 'what murmur backup made')
    .option('--replace', 'delete the streams that are there')
    .option('--replicas <n>', 'of each stream, instead of what it had', integerOption(1, 5))
    .action((folder: string, options: RestoreCommandOptions) =>
      run((context) => restore(context, resolve(context.folder, folder), options)),
    )
}

async function backup(context: CliContext, folder: string, { objects, metrics }: BackupCommandOptions) {
  const { terminal, json, clock } = context
  const fromMs = clock.monotonicMs()
  const manifest = await withNats(context, (bus) =>
    makeBackup(context, bus.backups, {
      folder,
      withoutObjects: !objects,
      version: SOFTWARE_VERSION,
      natsVersion: bus.serverVersion,
    }),
  )
  if (metrics !== undefined) writeBackupMetrics(resolve(context.folder, metrics), manifest)
  if (json) {
    terminal.printJson({ folder, ...manifest })
    return EXIT.ok
  }
  const rows = manifest.streams.map(({ name, messages, bytes, fileBytes }) => [
    { text: name },
    { text: String(messages) },
    { text: formatBytes(bytes) },
    { text: formatBytes(fileBytes) },
  ])
  terminal.print(...renderTable(STREAM_COLUMNS, rows, { paint: terminal.outPaint }))
  const total = manifest.streams.reduce((sum, { fileBytes }) => sum + fileBytes, 0)
  const passed = formatDuration(clock.monotonicMs() - fromMs)
  terminal.log('', `${formatBytes(total)} in ${folder}, in ${passed}. Keep it where this NATS is not.`)
  return EXIT.ok
}

async function restore(
  context: CliContext,
  folder: string,
  { replace = false, replicas }: RestoreCommandOptions,
) {
  const { terminal, json } = context
  let read = 0
  const opening = openBackup(folder, (bytes) => {
    read += bytes
  })
  const found = await waitingFor(() => `checking the backup, ${formatBytes(read)}`, opening, context)
  const restored = await withNats(context, (bus) =>
    restoreBackup(context, bus.backups, found, {
      mayReplace: replace,
      replicas,
      natsVersion: bus.serverVersion,
      isServed: () => isServed(bus),
    }),
  )
  if (json) {
    terminal.printJson({ folder, streams: restored })
    return EXIT.ok
  }
  const rows = restored.map(({ name, messages, expired }) => [
    { text: name },
    { text: String(messages) },
    { text: expired > 0 ? `${expired} more had become too old` : '' },
  ])
  terminal.print(...renderTable(RESTORED_COLUMNS, rows, { paint: terminal.outPaint }))
  const made = new Date(found.manifest.startedAtMs).toISOString()
  terminal.log(
    '',
    `All is as of ${made}. Start orchestrators, then agents and edges: unfinished tasks go on by themselves.`,
  )
  return EXIT.ok
}

async function isServed(bus: Bus): Promise<boolean> {
  try {
    await bus.call('listAgents', {}, { timeoutMs: SERVED_TIMEOUT_MS })
    return true
  } catch (error) {
    // Whoever answers with a problem is there, too; where nobody does, the error has a cause on this side.
    return error instanceof MurmurError && error.cause === undefined
  }
}

import { mkdir, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import type { Alert } from '#schemas/alert.ts'
import type { BlobRef } from '#schemas/blob.ts'
import { LIMITS } from '#schemas/limits.ts'
import { type MonitorSummary, monitorSummarySchema } from '#schemas/monitor-steps.ts'
import type { TaskState } from '#schemas/task.ts'
import type { CliContext } from '../cli-context.ts'
import { CliError } from '../cli-error.ts'
import type { MurmurClient } from '../client/murmur-client.ts'
import { loadOutput } from '../client/murmur-client.ts'

export interface SavedMonitor {
  summary: MonitorSummary
  folder: string
  /** Paths of the files in it. */
  snapshots: readonly string[]
  clip: string | undefined
}

/**
 * Puts what came of a monitor into a folder: summary.json, snapshots/*.jpg, clip.mp4.
 * @param outDir the folder; one named after the task, under the project's home, unless given
 * @throws CliError NO_SUMMARY; MurmurError when the object store is away
 */
export async function saveMonitor(
  context: Pick<CliContext, 'folder' | 'home'>,
  client: Pick<MurmurClient, 'download'>,
  task: TaskState,
  outDir: string | undefined,
): Promise<SavedMonitor> {
  const output = await loadOutput(task.output ?? null, client, LIMITS.bufferedBlobBytes)
  const parsed = monitorSummarySchema.safeParse(output)
  if (!parsed.success) {
    throw new CliError('NO_SUMMARY', `monitor ${task.id} ended without a summary`, { cause: parsed.error })
  }
  const summary = parsed.data
  const folder =
    outDir === undefined ? join(context.home, 'monitors', task.id) : resolve(context.folder, outDir)
  await mkdir(join(folder, 'snapshots'), { recursive: true })
  await writeFile(join(folder, 'summary.json'), `${JSON.stringify(summary, null, 2)}\n`)
  const snapshots: string[] = []
  for (const [i, alert] of summary.alerts.entries()) {
    const file = join(folder, 'snapshots', snapshotName(alert, i))
    if (alert.snapshot && (await fetchTo(file, alert.snapshot, client))) snapshots.push(file)
  }
  const clipFile = join(folder, 'clip.mp4')
  const hasClip = summary.clip !== undefined && (await fetchTo(clipFile, summary.clip, client))
  return { summary, folder, snapshots, clip: hasClip ? clipFile : undefined }
}

/** In the order of the summary; camera and rule ids are tokens, so they may stand in a file's name. */
function snapshotName({ severity, rule }: Alert, i: number): string {
  return `${String(i + 1).padStart(3, '0')}-${severity}-${rule.id.replace(/[^A-Za-z0-9_-]/g, '_')}.jpg`
}

/** @returns whether it was still there: objects are kept for a limited time, and one less is no reason to lose the rest */
async function fetchTo(
  file: string,
  blob: BlobRef,
  client: Pick<MurmurClient, 'download'>,
): Promise<boolean> {
  try {
    await writeFile(file, await client.download(blob))
    return true
  } catch (error) {
    if (error instanceof MurmurError && error.code === 'BLOB_NOT_FOUND') return false
    throw error
  }
}

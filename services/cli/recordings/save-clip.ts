import { basename, resolve } from 'node:path'
import type { FoundClip } from '#platform/nats/read-clip.ts'
import type { CliContext } from '../cli-context.ts'
import type { MurmurClient } from '../client/murmur-client.ts'
import { TransferProgress } from '../transfer/transfer-progress.ts'
import { writeWhole } from '../transfer/write-whole.ts'

/**
 * Writes a clip into a file, which is there as a whole or not at all.
 * @param index its place among the clips of its span
 * @returns its path
 * @throws CliError FILE_EXISTS, FILE_UNREADABLE, INTERRUPTED; MurmurError RECORDING_NOT_FOUND, UNAVAILABLE
 */
export async function saveClip(
  context: CliContext,
  client: Pick<MurmurClient, 'recordings'>,
  { found, index }: { found: FoundClip; index: number },
  { file, mayReplace }: { file: string; mayReplace: boolean },
): Promise<string> {
  const path = resolve(context.folder, file)
  const progress = new TransferProgress('fetching', basename(path), found.clip.bytes, context.clock)
  const pieces = progress.through(client.recordings.read(found, index))
  await writeWhole(context, { file: path, pieces, progress, mayReplace })
  return path
}

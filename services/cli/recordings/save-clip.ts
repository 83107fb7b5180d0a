import { createWriteStream } from 'node:fs'
import { link, mkdir, rename, rm } from 'node:fs/promises'
import { basename, dirname, resolve } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { messageOf } from '#platform/errors/murmur-error.ts'
import type { FoundClip } from '#platform/nats/read-clip.ts'
import type { CliContext } from '../cli-context.ts'
import { CliError } from '../cli-error.ts'
import type { MurmurClient } from '../client/murmur-client.ts'
import { unlessInterrupted } from '../interruption.ts'
import { waitingFor } from '../output/waiting.ts'
import { TransferProgress } from '../transfer/transfer-progress.ts'

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
  const partial = `${path}.${process.pid}.part`
  const progress = new TransferProgress('fetching', basename(path), found.clip.bytes, context.clock)
  try {
    await mkdir(dirname(path), { recursive: true }).catch(unwritable(path))
    const pieces = progress.through(client.recordings.read(found, index))
    const written = pipeline(pieces, createWriteStream(partial, { flags: 'wx' })).catch(unwritable(path))
    await waitingFor(() => progress.text(), unlessInterrupted(written, context.signal), context)
    await (mayReplace ? rename(partial, path) : link(partial, path)).catch(unwritable(path))
  } finally {
    // Where it could not even be made, that is the error to report.
    await rm(partial, { force: true }).catch(() => undefined)
  }
  return path
}

/** What kept a file from being written; what went wrong on the way here is thrown as it is. */
function unwritable(file: string) {
  return (cause: unknown): never => {
    if (!(cause instanceof Error && 'code' in cause && 'syscall' in cause)) throw cause
    if (cause.code === 'EEXIST' && cause.syscall !== 'mkdir')
      throw new CliError('FILE_EXISTS', `${file} is there already`, {
        fix: 'Name another one with --out, or write over it with --force.',
      })
    throw new CliError('FILE_UNREADABLE', `${file} could not be written: ${messageOf(cause)}`, {
      cause,
      fix: 'Name a file in a folder that is there and that you may write to.',
    })
  }
}

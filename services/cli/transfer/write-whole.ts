import { link, mkdir, open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { messageOf } from '#platform/errors/murmur-error.ts'
import type { CliContext } from '../cli-context.ts'
import { CliError } from '../cli-error.ts'
import { unlessInterrupted } from '../interruption.ts'
import { waitingFor } from '../output/waiting.ts'
import type { TransferProgress } from './transfer-progress.ts'

export interface WholeFile {
  file: string
  pieces: AsyncIterable<Uint8Array>
  /** Told while it is written. */
  progress: TransferProgress
  mayReplace: boolean
  /** What it throws keeps the file from getting its name. */
  check?: () => void
}

/**
 * Writes a file that is there as a whole or not at all, and shows how far it is.
 * @throws CliError FILE_EXISTS, FILE_UNREADABLE, INTERRUPTED; what `pieces` and `check` throw
 */
export async function writeWhole(
  context: CliContext,
  { file, pieces, progress, mayReplace, check }: WholeFile,
): Promise<void> {
  const partial = `${file}.${process.pid}.part`
  try {
    await mkdir(dirname(file), { recursive: true }).catch(unwritable(file))
    // Made before anything can go wrong on the way: made later, it would be there again after it was removed.
    const made = await open(partial, 'wx').catch(unwritable(file))
    const written = pipeline(pieces, made.createWriteStream()).catch(unwritable(file))
    await waitingFor(() => progress.text(), unlessInterrupted(written, context.signal), context)
    check?.()
    await (mayReplace ? rename(partial, file) : link(partial, file)).catch(unwritable(file))
  } finally {
    // Where it could not even be made, that is the error to report.
    await rm(partial, { force: true }).catch(() => undefined)
  }
}

/** What kept a file from being written; what went wrong on the way here is thrown as it is. */
export function unwritable(file: string) {
  return (cause: unknown): never => {
    if (!(cause instanceof Error && 'code' in cause && 'syscall' in cause)) throw cause
    // From mkdir it means that a file stands where a folder should.
    if (cause.code === 'EEXIST' && cause.syscall !== 'mkdir')
      throw new CliError('FILE_EXISTS', `${file} is there already`)
    throw new CliError('FILE_UNREADABLE', `${file} could not be written: ${messageOf(cause)}`, {
      cause,
      fix: 'Name a file in a folder that is there and that you may write to.',
    })
  }
}

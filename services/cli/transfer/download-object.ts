import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { link, mkdir, rename, rm } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { MurmurError, messageOf } from '#platform/errors/murmur-error.ts'
import type { CliContext } from '../cli-context.ts'
import { CliError } from '../cli-error.ts'
import type { MurmurClient } from '../client/murmur-client.ts'
import { unlessInterrupted } from '../interruption.ts'
import { waitingFor } from '../output/waiting.ts'
import { TransferProgress } from './transfer-progress.ts'

export interface Downloaded {
  file: string
  /** Bytes. */
  size: number
  /** Lower-case hex, of what was written. */
  sha256: string
  contentType: string
}

/**
 * Writes an object into a file, and shows how far it is. The file is there as a whole or not at all.
 * @param fileOf from the name that the object has, if any
 * @throws CliError FILE_EXISTS, FILE_UNREADABLE, INTERRUPTED; MurmurError BLOB_NOT_FOUND, BLOB_CORRUPT, UNAVAILABLE
 */
export async function downloadObject(
  context: CliContext,
  client: Pick<MurmurClient, 'read'>,
  key: string,
  fileOf: (name: string | undefined) => string,
  { mayReplace }: { mayReplace: boolean },
): Promise<Downloaded> {
  const { size, sha256, contentType, name, bytes } = await client.read(key)
  const file = fileOf(name)
  const partial = `${file}.${process.pid}.part`
  const progress = new TransferProgress('fetching', basename(file), size, context.clock)
  const hash = createHash('sha256')
  const hashed = async function* () {
    for await (const piece of progress.through(bytes)) {
      hash.update(piece)
      yield piece
    }
  }
  try {
    await mkdir(dirname(file), { recursive: true }).catch(unwritable(file))
    const written = pipeline(hashed(), createWriteStream(partial, { flags: 'wx' })).catch(unwritable(file))
    await waitingFor(() => progress.text(), unlessInterrupted(written, context.signal), context)
    if (hash.digest('hex') !== sha256)
      throw new MurmurError('BLOB_CORRUPT', `object "${key}" does not match its checksum`)
    await (mayReplace ? rename(partial, file) : link(partial, file)).catch(unwritable(file))
  } finally {
    // Where it could not even be made, that is the error to report.
    await rm(partial, { force: true }).catch(() => undefined)
  }
  return { file, size, sha256, contentType }
}

/** What kept a file from being written; what went wrong on the way here is thrown as it is. */
function unwritable(file: string) {
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

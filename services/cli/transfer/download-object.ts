import { createHash } from 'node:crypto'
import { basename } from 'node:path'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import type { CliContext } from '../cli-context.ts'
import type { MurmurClient } from '../client/murmur-client.ts'
import { TransferProgress } from './transfer-progress.ts'
import { writeWhole } from './write-whole.ts'

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
  const progress = new TransferProgress('fetching', basename(file), size, context.clock)
  const hash = createHash('sha256')
  const hashed = async function* () {
    for await (const piece of progress.through(bytes)) {
      hash.update(piece)
      yield piece
    }
  }
  const check = () => {
    if (hash.digest('hex') !== sha256)
      throw new MurmurError('BLOB_CORRUPT', `object "${key}" does not match its checksum`)
  }
  await writeWhole(context, { file, pieces: hashed(), progress, mayReplace, check })
  return { file, size, sha256, contentType }
}

import { createReadStream } from 'node:fs'
import { messageOf } from '#platform/errors/murmur-error.ts'
import type { BlobRef } from '#schemas/blob.ts'
import type { CliContext } from '../cli-context.ts'
import { CliError } from '../cli-error.ts'
import type { MurmurClient } from '../client/murmur-client.ts'
import { unlessInterrupted } from '../interruption.ts'
import { waitingFor } from '../output/waiting.ts'
import { TransferProgress } from './transfer-progress.ts'

/** Large enough that progress costs nothing, small enough to be seen moving. */
const PIECE_BYTES = 256 * 1024

/**
 * Sends a file as it is read, and shows how far it is.
 * @param position `2 of 5`, where there are several
 * @throws CliError FILE_UNREADABLE, INTERRUPTED; MurmurError PAYLOAD_TOO_LARGE, UNAVAILABLE
 */
export async function uploadFile(
  context: CliContext,
  client: Pick<MurmurClient, 'upload'>,
  file: { path: string; name: string; bytes: number; mediaType: string },
  position?: string,
): Promise<BlobRef> {
  const { path, name, bytes: size, mediaType: contentType } = file
  const progress = new TransferProgress(
    'uploading',
    position ? `${name} (${position})` : name,
    size,
    context.clock,
  )
  const upload = client.upload(progress.through(readFile(path, name)), { contentType, name, size })
  return waitingFor(() => progress.text(), unlessInterrupted(upload, context.signal), context)
}

async function* readFile(path: string, name: string): AsyncGenerator<Uint8Array> {
  try {
    yield* createReadStream(path, { highWaterMark: PIECE_BYTES })
  } catch (cause) {
    throw new CliError('FILE_UNREADABLE', `${name} cannot be read: ${messageOf(cause)}`, { cause })
  }
}

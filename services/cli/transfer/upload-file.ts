import { createReadStream } from 'node:fs'
import { MurmurError, messageOf } from '#platform/errors/murmur-error.ts'
import type { KeptUpload } from '#platform/nats/counted-upload.ts'
import type { CliContext } from '../cli-context.ts'
import { CliError } from '../cli-error.ts'
import type { MurmurClient } from '../client/murmur-client.ts'
import { interruptionOf } from '../interruption.ts'
import { formatBytes } from '../output/quantities.ts'
import { waitingFor } from '../output/waiting.ts'
import type { LocalFile } from '../report/local-files.ts'
import { TransferProgress } from './transfer-progress.ts'

/** Large enough that progress costs nothing, small enough to be seen moving. */
const PIECE_BYTES = 256 * 1024
/** A connection on which nothing has moved for so long is given up: it may be gone without a word. Longer than any edge waits. */
const STALL_MS = 60_000
const LOOK_INTERVAL_MS = 1000
/** What has been stored of an upload that is interrupted is taken away within this, or by whoever finds it. Milliseconds. */
const TIDY_MS = 5000

/**
 * Sends a file as it is read, and shows how far it is. Of a file that grows meanwhile, what was there when it was found is sent.
 * @param position `2 of 5`, where there are several
 * @throws CliError FILE_UNREADABLE, INTERRUPTED; MurmurError PAYLOAD_TOO_LARGE, QUOTA_EXCEEDED, OVERLOADED, UNAVAILABLE
 */
export async function uploadFile(
  context: CliContext,
  client: Pick<MurmurClient, 'upload'>,
  file: LocalFile,
  position?: string,
): Promise<KeptUpload> {
  const { name, bytes: size, mediaType: contentType } = file
  const what = position ? `${name} (${position})` : name
  const progress = new TransferProgress('uploading', what, size, context.clock)
  const stalled = new AbortController()
  const signal = AbortSignal.any([context.signal, stalled.signal])
  const upload = client
    .upload(progress.through(readFile(file)), { contentType, name, size, signal })
    .catch((error: unknown) => {
      if (context.signal.aborted) throw interrupted(name)
      throw toldWithPlace(stalled.signal.aborted ? stalled.signal.reason : error, { name, size, progress })
    })
  const watch = setInterval(() => {
    if (progress.stillMs > STALL_MS) stalled.abort(nothingMoved())
  }, LOOK_INTERVAL_MS)
  try {
    const sent = unlessGivenUp(upload, name, context)
    return await waitingFor(() => progress.text(), sent, context)
  } finally {
    clearInterval(watch)
  }
}

/** The upload's own outcome; when the command is asked to end, as soon as what was stored of it is gone, or soon after. */
async function unlessGivenUp<T>(
  upload: Promise<T>,
  name: string,
  { signal, clock }: Pick<CliContext, 'signal' | 'clock'>,
): Promise<T> {
  const settled = new AbortController()
  const end = () => settled.abort()
  upload.then(end, end)
  const givenUp = interruptionOf(signal).then(async () => {
    await clock.sleep(TIDY_MS, settled.signal)
    throw interrupted(name)
  })
  return Promise.race([upload, givenUp])
}

function interrupted(name: string): CliError {
  return new CliError('INTERRUPTED', `interrupted: nothing of ${name} is kept`)
}

function nothingMoved(): MurmurError {
  return new MurmurError('UNAVAILABLE', `nothing has moved for ${STALL_MS / 1000} s`)
}

/** A connection that broke off in the middle is told with how far it came. */
function toldWithPlace(
  error: unknown,
  { name, size, progress }: { name: string; size: number; progress: TransferProgress },
): unknown {
  if (!(error instanceof MurmurError) || error.code !== 'UNAVAILABLE' || progress.bytes === 0) return error
  const place = `${formatBytes(progress.bytes)} of ${formatBytes(size)}`
  return new MurmurError(
    'UNAVAILABLE',
    `${name}: the upload broke off after ${place} and has to begin anew: ${error.message}`,
    { cause: error },
  )
}

async function* readFile({ path, name, bytes }: LocalFile): AsyncGenerator<Uint8Array> {
  if (bytes === 0) return
  let read = 0
  try {
    for await (const piece of createReadStream(path, { highWaterMark: PIECE_BYTES, end: bytes - 1 })) {
      read += piece.length
      yield piece
    }
  } catch (cause) {
    throw new CliError('FILE_UNREADABLE', `${name} cannot be read: ${messageOf(cause)}`, { cause })
  }
  if (read < bytes)
    throw new CliError(
      'FILE_UNREADABLE',
      `${name} became shorter while it was read: ${read} of ${bytes} bytes`,
    )
}

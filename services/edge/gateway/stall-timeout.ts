import type { Readable } from 'node:stream'
import { MurmurError, messageOf } from '#platform/errors/murmur-error.ts'

/** What is uploaded has to come at least this often. */
const STALL_MS = 20_000

/**
 * The pieces of an upload, as long as they come: however long it takes altogether, and however long each is worked on here.
 * @throws MurmurError INVALID_REQUEST when nothing comes for too long, or it was broken off
 */
export async function* withStallTimeout<Piece>(source: Readable, stallMs = STALL_MS): AsyncGenerator<Piece> {
  const pieces = source[Symbol.asyncIterator]()
  try {
    for (;;) {
      const next = await nextWithin(pieces, source, stallMs)
      if (next.done) return
      yield next.value as Piece
    }
  } finally {
    // Left early, the source is ended.
    await pieces.return?.()
  }
}

async function nextWithin(
  pieces: AsyncIterator<unknown>,
  source: Readable,
  stallMs: number,
): Promise<IteratorResult<unknown>> {
  const stalled = () => source.destroy(new Error(`nothing came for ${stallMs / 1000} s`))
  const timer = setTimeout(stalled, stallMs)
  try {
    return await pieces.next()
  } catch (cause) {
    const why = `the upload did not come to its end: ${messageOf(cause)}`
    throw new MurmurError('INVALID_REQUEST', why, { cause })
  } finally {
    clearTimeout(timer)
  }
}

import type { Readable } from 'node:stream'
import { MurmurError } from '#platform/errors/murmur-error.ts'

/** What is uploaded has to come at least this often. */
const STALL_MS = 20_000

/**
 * The pieces of an upload, as long as they come.
 * @throws MurmurError INVALID_REQUEST when nothing comes for too long, or it was broken off
 */
export async function* withStallTimeout<Piece>(source: Readable, stallMs = STALL_MS): AsyncGenerator<Piece> {
  let timer: NodeJS.Timeout | undefined
  const watch = () => {
    clearTimeout(timer)
    timer = setTimeout(() => source.destroy(new Error(`nothing came for ${stallMs / 1000} s`)), stallMs)
  }
  watch()
  try {
    for await (const piece of source) {
      watch()
      yield piece as Piece
    }
  } catch (cause) {
    throw new MurmurError('INVALID_REQUEST', 'the upload did not come to its end', { cause })
  } finally {
    clearTimeout(timer)
  }
}

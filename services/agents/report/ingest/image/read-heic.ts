import { readInThread } from '../bounded-thread.ts'
import { INGEST_LIMITS } from '../limits.ts'

/** A picture as it is to be seen, turned and cut as the file says. */
export interface HeicPicture {
  widthPx: number
  heightPx: number
  /** Four bytes a pixel: red, green, blue and alpha. */
  rgba: Uint8Array
  /** Pictures in the file; the first is read. */
  pictures: number
}

/** Decoding an HEVC picture of 12 million pixels takes 2 s on a busy core. */
const MEMORY_MIB = 1024
const HEAP_MIB = 2048

/**
 * Decodes an HEIC picture in a thread of its own with bounded memory and time: libvips comes without a decoder for it.
 *
 * @throws MurmurError BROKEN_FILE, LIMIT_EXCEEDED; the reason of the signal
 */
export function readHeic(
  bytes: Uint8Array,
  { name, signal }: { name: string; signal: AbortSignal },
): Promise<HeicPicture> {
  return readInThread<HeicPicture>({
    module: new URL('./heic-worker.ts', import.meta.url),
    bytes,
    about: { maxPixels: INGEST_LIMITS.imagePixels },
    what: `"${name}"`,
    signal,
    timeoutMs: INGEST_LIMITS.imageSeconds * 1000,
    heapMib: HEAP_MIB,
    memoryMib: MEMORY_MIB,
  })
}

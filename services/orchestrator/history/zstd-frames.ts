import { zstdDecompressSync } from 'node:zlib'

const MAGIC = 0xfd2fb528
const SKIPPABLE = 0x184d2a50
const RLE_BLOCK = 1

/**
 * All frames of a zstd file, decompressed and put together. Node's own functions end with the first frame; zstd's command line, and
 * RFC 8878, take a file as all of its frames.
 * @param maxBytes of the result
 * @throws Error when it is none, is cut short, does not fit its checksums, or comes to more
 */
export function decompressFrames(bytes: Uint8Array, maxBytes: number): Buffer {
  const parts: Uint8Array[] = []
  let total = 0
  for (let at = 0; at < bytes.length; ) {
    const end = frameEnd(bytes, at)
    const frame = bytes.subarray(at, end)
    at = end
    if (isSkippable(frame)) continue
    const part = zstdDecompressSync(frame, { maxOutputLength: Math.max(1, maxBytes - total) })
    total += part.length
    parts.push(part)
  }
  return Buffer.concat(parts)
}

/** Where the frame that begins at `from` ends. @throws Error when there is none, or not all of it */
export function frameEnd(bytes: Uint8Array, from: number): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (from + 8 > bytes.length) throw new Error('the zstd file is cut short')
  if (isSkippable(bytes.subarray(from))) return within(bytes, from + 8 + view.getUint32(from + 4, true))
  if (view.getUint32(from, true) !== MAGIC) throw new Error('this is no zstd frame')
  const descriptor = bytes[from + 4]!
  const isSingleSegment = (descriptor & 0x20) !== 0
  const sizeFlag = descriptor >> 6
  const sizeBytes = sizeFlag === 0 ? (isSingleSegment ? 1 : 0) : 1 << sizeFlag
  const dictionaryBytes = [0, 1, 2, 4][descriptor & 3]!
  let at = from + 5 + (isSingleSegment ? 0 : 1) + dictionaryBytes + sizeBytes
  for (let isLast = false; !isLast; ) {
    within(bytes, at + 3)
    const header = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16)
    isLast = (header & 1) === 1
    at += 3 + (((header >> 1) & 3) === RLE_BLOCK ? 1 : header >> 3)
  }
  return within(bytes, at + ((descriptor & 4) !== 0 ? 4 : 0))
}

function isSkippable(frame: Uint8Array): boolean {
  if (frame.length < 8) return false
  const magic = new DataView(frame.buffer, frame.byteOffset, 4).getUint32(0, true)
  return (magic & 0xfffffff0) >>> 0 === SKIPPABLE
}

function within(bytes: Uint8Array, end: number): number {
  if (end > bytes.length) throw new Error('the zstd file is cut short')
  return end
}

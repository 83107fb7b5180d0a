import { utf16WithoutMark } from './decode-text.ts'

const SAMPLE_BYTES = 64 * 1024
/** Random bytes have 11 % control characters; logs with colour codes and stray NULs stay below 2 %. */
const MAX_CONTROL_SHARE = 0.05

/** Too many control characters at the beginning, in the middle or at the end for text in any encoding that is read. Pure. */
export function isBinary(bytes: Uint8Array): boolean {
  if (hasUtf16Mark(bytes) || utf16WithoutMark(bytes) !== null) return false
  const middle = Math.floor(bytes.length / 2)
  const samples = [
    bytes.subarray(0, SAMPLE_BYTES),
    bytes.subarray(middle, middle + SAMPLE_BYTES),
    bytes.subarray(Math.max(0, bytes.length - SAMPLE_BYTES)),
  ]
  return samples.some((sample) => controlShare(sample) > MAX_CONTROL_SHARE && controlCount(sample) > 3)
}

function hasUtf16Mark(bytes: Uint8Array): boolean {
  return (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)
}

function controlShare(sample: Uint8Array): number {
  return sample.length === 0 ? 0 : controlCount(sample) / sample.length
}

function controlCount(sample: Uint8Array): number {
  let count = 0
  for (const byte of sample) {
    // Tab, line feed, vertical tab, form feed, carriage return and escape (colours of logs) belong to text.
    if ((byte < 0x20 && !(byte >= 0x09 && byte <= 0x0d) && byte !== 0x1b) || byte === 0x7f) count++
  }
  return count
}

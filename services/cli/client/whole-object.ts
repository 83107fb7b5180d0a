import { createHash } from 'node:crypto'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import type { BlobReading } from '#platform/nats/blob-store.ts'
import type { BlobRef } from '#schemas/blob.ts'

/** The bytes of an object that is being read, if they are those that a reference means. @throws MurmurError LIMIT_EXCEEDED, BLOB_CORRUPT */
export async function wholeOf(reading: BlobReading, ref: BlobRef, maxBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  const hash = createHash('sha256')
  let bytes = 0
  for await (const chunk of reading.bytes) {
    bytes += chunk.length
    if (bytes > maxBytes)
      throw new MurmurError(
        'LIMIT_EXCEEDED',
        `object "${ref.blob}" has more than the ${maxBytes} bytes that are read`,
      )
    hash.update(chunk)
    chunks.push(chunk)
  }
  if (hash.digest('hex') !== ref.sha256)
    throw new MurmurError('BLOB_CORRUPT', `object "${ref.blob}" does not match its checksum`)
  return Buffer.concat(chunks)
}

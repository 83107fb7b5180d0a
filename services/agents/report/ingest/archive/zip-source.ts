import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import { bytesAt } from '../large/utf8-file.ts'
import {
  inflatedEntry,
  LOCAL_BYTES,
  localHeaderBytes,
  readZipEntry,
  type ZipEntry,
  zipEntriesOf,
} from './zip-entries.ts'

/** A ZIP archive in memory or on disk: its entries by path, read piece by piece. */
export interface ZipSource {
  entries: ReadonlyMap<string, ZipEntry>
  /**
   * @param maxBytes after unpacking
   * @throws MurmurError BROKEN_FILE, LIMIT_EXCEEDED, UNSUPPORTED_FORMAT
   */
  read(entry: ZipEntry, maxBytes: number): AsyncIterable<Uint8Array>
}

/** The directory of an archive with 10,000 entries, and a comment behind it. */
const TAIL_BYTES = 2 * 1024 * 1024
const PIECE_BYTES = 1024 * 1024

/** An archive in memory; undefined when it was cut off. Pure. */
export function zipOfBytes(bytes: Uint8Array): ZipSource | undefined {
  const entries = zipEntriesOf(bytes)
  return entries && { entries, read: (entry, maxBytes) => readZipEntry(bytes, entry, maxBytes) }
}

/** An archive on disk, of which only the directory is in memory; undefined when it was cut off. */
export async function zipOfFile(path: string): Promise<ZipSource | undefined> {
  await using file = await open(path)
  const { size } = await file.stat()
  const tail = await bytesAt(path, Math.max(0, size - TAIL_BYTES), Math.min(size, TAIL_BYTES))
  const entries = zipEntriesOf(tail)
  return entries && { entries, read: (entry, maxBytes) => readFromFile(path, { entry, maxBytes, size }) }
}

async function* readFromFile(
  path: string,
  { entry, maxBytes, size }: { entry: ZipEntry; maxBytes: number; size: number },
): AsyncGenerator<Uint8Array> {
  const header = await bytesAt(path, Math.min(entry.offset, size), LOCAL_BYTES)
  const headerBytes = localHeaderBytes(header)
  const start = entry.offset + (headerBytes ?? 0)
  if (headerBytes === undefined || start + entry.packedBytes > size)
    throw new MurmurError('BROKEN_FILE', `"${entry.name}" in the archive is cut off`)
  if (entry.packedBytes === 0) return
  const end = start + entry.packedBytes - 1
  const packed = createReadStream(path, { start, end, highWaterMark: PIECE_BYTES })
  yield* inflatedEntry(packed, entry, maxBytes)
}

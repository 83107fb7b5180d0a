import { PassThrough, pipeline, Readable } from 'node:stream'
import { createInflateRaw } from 'node:zlib'
import { MurmurError } from '#platform/errors/murmur-error.ts'

/** A file in a ZIP archive, as the directory at its end names it. */
export interface ZipEntry {
  name: string
  /** Of the packed bytes, which the archive itself claims. */
  packedBytes: number
  /** Of what is in it, which the archive claims, too. */
  unpackedBytes: number
  /** Where its local header begins. */
  offset: number
  method: 'stored' | 'deflated' | 'other'
  isEncrypted: boolean
}

const END_OF_DIRECTORY = 0x06054b50
const DIRECTORY_ENTRY = 0x02014b50
const LOCAL_HEADER = 0x04034b50
const END_BYTES = 22
const MAX_COMMENT_BYTES = 0xffff
const ENTRY_BYTES = 46
/** Of a local header, before the name. */
export const LOCAL_BYTES = 30
/** The record of 64-bit sizes and what points to it stand between the directory and its end. */
const ZIP64_END_BYTES = 76
/** Of what is unpacked at a time. */
const PIECE_BYTES = 256 * 1024
const ZIP64_EXTRA = 0x0001
const IN_ZIP64 = 0xffffffff
/** Workbooks have a few dozen files; more are remembered by no reader here. */
const MAX_ENTRIES = 10_000

/**
 * The entries of a ZIP archive, by its central directory (PKWARE APPNOTE 6.3.10, §4.3); undefined when it has none, as when it was
 * cut off. Claims are checked where an entry is read. Pure.
 *
 * @param bytes the archive, or its end with the whole directory
 */
export function zipEntriesOf(bytes: Uint8Array): Map<string, ZipEntry> | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const end = endOfDirectory(view)
  if (end === undefined) return undefined
  const entries = new Map<string, ZipEntry>()
  const count = Math.min(view.getUint16(end + 10, true), MAX_ENTRIES)
  let at = startOfDirectory(view, end)
  for (let i = 0; i < count && at + ENTRY_BYTES <= view.byteLength; i++) {
    if (view.getUint32(at, true) !== DIRECTORY_ENTRY) break
    const [nameBytes, extraBytes, commentBytes] = [28, 30, 32].map((field) =>
      view.getUint16(at + field, true),
    )
    const name = textAt(bytes, at + ENTRY_BYTES, nameBytes!)
    const extra = { at: at + ENTRY_BYTES + nameBytes!, bytes: extraBytes! }
    // Writers on Windows used the other slash.
    entries.set(name.replaceAll('\\', '/'), { name, ...entryAt(view, at, extra) })
    at = extra.at + extraBytes! + commentBytes!
  }
  return entries
}

/** Right before its end, so that it is found without what stands before it; else where it says that it is. */
function startOfDirectory(view: DataView, end: number): number {
  const size = view.getUint32(end + 12, true)
  const stated = view.getUint32(end + 16, true)
  const isThere = (at: number) => at >= 0 && at + 4 <= end && view.getUint32(at, true) === DIRECTORY_ENTRY
  return [end - size, end - ZIP64_END_BYTES - size].find(isThere) ?? stated
}

/** Found from the end, because a comment may follow it. */
function endOfDirectory(view: DataView): number | undefined {
  const first = Math.max(0, view.byteLength - END_BYTES - MAX_COMMENT_BYTES)
  for (let at = view.byteLength - END_BYTES; at >= first; at--) {
    if (view.getUint32(at, true) === END_OF_DIRECTORY) return at
  }
  return undefined
}

function entryAt(view: DataView, at: number, extra: { at: number; bytes: number }): Omit<ZipEntry, 'name'> {
  const method = view.getUint16(at + 10, true)
  let unpackedBytes = view.getUint32(at + 24, true)
  let packedBytes = view.getUint32(at + 20, true)
  let offset = view.getUint32(at + 42, true)
  if (packedBytes === IN_ZIP64 || offset === IN_ZIP64 || unpackedBytes === IN_ZIP64) {
    // Only the fields that did not fit are there, in this order.
    let field = zip64Field(view, extra)
    if (unpackedBytes === IN_ZIP64) {
      unpackedBytes = wideAt(view, field)
      field += 8
    }
    if (packedBytes === IN_ZIP64) {
      packedBytes = wideAt(view, field)
      field += 8
    }
    if (offset === IN_ZIP64) offset = wideAt(view, field)
  }
  return {
    packedBytes,
    unpackedBytes,
    offset,
    method: method === 0 ? 'stored' : method === 8 ? 'deflated' : 'other',
    isEncrypted: (view.getUint16(at + 8, true) & 1) === 1,
  }
}

function zip64Field(view: DataView, extra: { at: number; bytes: number }): number {
  const end = Math.min(extra.at + extra.bytes, view.byteLength)
  for (let at = extra.at; at + 4 <= end; at += 4 + view.getUint16(at + 2, true)) {
    if (view.getUint16(at, true) === ZIP64_EXTRA) return at + 4
  }
  return view.byteLength
}

/** 0 beyond the end: reading the entry says then that it is broken. */
function wideAt(view: DataView, at: number): number {
  return at + 8 <= view.byteLength ? Number(view.getBigUint64(at, true)) : 0
}

function textAt(bytes: Uint8Array, at: number, length: number): string {
  return new TextDecoder().decode(bytes.subarray(at, at + length))
}

/**
 * The content of an entry, piece by piece, so that whoever reads it can stop.
 *
 * @param maxBytes of the content after unpacking
 * @throws MurmurError BROKEN_FILE, LIMIT_EXCEEDED, UNSUPPORTED_FORMAT (encrypted, or a method that nobody uses)
 */
export async function* readZipEntry(
  bytes: Uint8Array,
  entry: ZipEntry,
  maxBytes: number,
): AsyncGenerator<Uint8Array> {
  const packed = packedBytesOf(bytes, entry)
  yield* inflatedEntry(Readable.from([packed], { objectMode: false }), entry, maxBytes)
}

/**
 * What the packed bytes of an entry hold, piece by piece.
 *
 * @throws as `readZipEntry`
 */
export async function* inflatedEntry(
  packed: Readable,
  entry: ZipEntry,
  maxBytes: number,
): AsyncGenerator<Uint8Array> {
  refuseUnreadable(entry)
  const inflate =
    entry.method === 'deflated' ? createInflateRaw({ chunkSize: PIECE_BYTES }) : new PassThrough()
  // What goes wrong comes out of the iteration, too.
  pipeline(packed, inflate, () => undefined)
  let size = 0
  try {
    for await (const piece of inflate as AsyncIterable<Buffer>) {
      size += piece.length
      if (size > maxBytes) throw tooLarge(entry, maxBytes)
      yield piece
    }
  } catch (error) {
    if (error instanceof MurmurError || !isDamage(error)) throw error
    throw new MurmurError('BROKEN_FILE', `"${entry.name}" in the archive is damaged`, { cause: error })
  } finally {
    packed.destroy()
  }
}

/** Codes of zlib begin with Z_; those of the system are no fault of the file. */
function isDamage(error: unknown): boolean {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('Z_')
}

function refuseUnreadable(entry: ZipEntry): void {
  if (!entry.isEncrypted && entry.method !== 'other') return
  const why = entry.isEncrypted ? 'is protected by a password' : 'is packed in a way that is not read'
  throw new MurmurError('UNSUPPORTED_FORMAT', `"${entry.name}" in the archive ${why}`)
}

function packedBytesOf(bytes: Uint8Array, entry: ZipEntry): Uint8Array {
  const { offset, packedBytes } = entry
  const header = localHeaderBytes(bytes.subarray(offset, offset + LOCAL_BYTES))
  const start = offset + (header ?? 0)
  if (header === undefined || start + packedBytes > bytes.length) {
    throw new MurmurError('BROKEN_FILE', `"${entry.name}" in the archive is cut off`)
  }
  return bytes.subarray(start, start + packedBytes)
}

/** How long the local header of an entry is, with the name in it; undefined where there is none. Pure. */
export function localHeaderBytes(header: Uint8Array): number | undefined {
  const view = new DataView(header.buffer, header.byteOffset, header.byteLength)
  if (header.length < LOCAL_BYTES || view.getUint32(0, true) !== LOCAL_HEADER) return undefined
  return LOCAL_BYTES + view.getUint16(26, true) + view.getUint16(28, true)
}

function tooLarge(entry: ZipEntry, maxBytes: number): MurmurError {
  const limit = Math.round(maxBytes / (1024 * 1024))
  return new MurmurError('LIMIT_EXCEEDED', `"${entry.name}" in the archive unpacks to more than ${limit} MiB`)
}

import { createInflateRaw } from 'node:zlib'
import { MurmurError } from '#platform/errors/murmur-error.ts'

/** A file in a ZIP archive, as the directory at its end names it. */
export interface ZipEntry {
  name: string
  /** Of the packed bytes, which the archive itself claims. */
  packedBytes: number
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
const LOCAL_BYTES = 30
const ZIP64_EXTRA = 0x0001
const IN_ZIP64 = 0xffffffff
/** Workbooks have a few dozen files; more are remembered by no reader here. */
const MAX_ENTRIES = 10_000

/**
 * The entries of a ZIP archive held in memory, by its central directory (PKWARE APPNOTE 6.3.10, §4.3); undefined when it
 * has none, as when it was cut off. Claims are checked where an entry is read. Pure.
 */
export function zipEntriesOf(bytes: Uint8Array): Map<string, ZipEntry> | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const end = endOfDirectory(view)
  if (end === undefined) return undefined
  const entries = new Map<string, ZipEntry>()
  const count = Math.min(view.getUint16(end + 10, true), MAX_ENTRIES)
  let at = view.getUint32(end + 16, true)
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
  const unpacked = view.getUint32(at + 24, true)
  let packedBytes = view.getUint32(at + 20, true)
  let offset = view.getUint32(at + 42, true)
  if (packedBytes === IN_ZIP64 || offset === IN_ZIP64 || unpacked === IN_ZIP64) {
    // Only the fields that did not fit are there, in this order.
    let field = zip64Field(view, extra)
    if (unpacked === IN_ZIP64) field += 8
    if (packedBytes === IN_ZIP64) {
      packedBytes = wideAt(view, field)
      field += 8
    }
    if (offset === IN_ZIP64) offset = wideAt(view, field)
  }
  return {
    packedBytes,
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
  if (entry.method === 'stored') {
    if (packed.length > maxBytes) throw tooLarge(entry, maxBytes)
    yield packed
    return
  }
  const inflate = createInflateRaw()
  inflate.end(packed)
  let size = 0
  try {
    for await (const piece of inflate as AsyncIterable<Buffer>) {
      size += piece.length
      if (size > maxBytes) throw tooLarge(entry, maxBytes)
      yield piece
    }
  } catch (error) {
    if (error instanceof MurmurError || !(error instanceof Error && 'code' in error)) throw error
    throw new MurmurError('BROKEN_FILE', `"${entry.name}" in the archive is damaged`, { cause: error })
  }
}

function packedBytesOf(bytes: Uint8Array, entry: ZipEntry): Uint8Array {
  if (entry.isEncrypted || entry.method === 'other') {
    const why = entry.isEncrypted ? 'is protected by a password' : 'is packed in a way that is not read'
    throw new MurmurError('UNSUPPORTED_FORMAT', `"${entry.name}" in the archive ${why}`)
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const { offset, packedBytes } = entry
  const isThere = offset + LOCAL_BYTES <= bytes.length && view.getUint32(offset, true) === LOCAL_HEADER
  const start = isThere
    ? offset + LOCAL_BYTES + view.getUint16(offset + 26, true) + view.getUint16(offset + 28, true)
    : bytes.length
  if (!isThere || start + packedBytes > bytes.length) {
    throw new MurmurError('BROKEN_FILE', `"${entry.name}" in the archive is cut off`)
  }
  return bytes.subarray(start, start + packedBytes)
}

function tooLarge(entry: ZipEntry, maxBytes: number): MurmurError {
  const limit = Math.round(maxBytes / (1024 * 1024))
  return new MurmurError('LIMIT_EXCEEDED', `"${entry.name}" in the archive unpacks to more than ${limit} MiB`)
}

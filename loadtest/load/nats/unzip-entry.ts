import { inflateRawSync } from 'node:zlib'

const END_RECORD = 0x06054b50
const END_BYTES = 22
const MAX_COMMENT = 65_535
const DIRECTORY_ENTRY = 0x02014b50
const LOCAL_HEADER = 0x04034b50
const STORED = 0
const DEFLATED = 8
/** The program has 40 MB: what would be much more is no program. */
const MAX_BYTES = 256 * 1024 * 1024

/**
 * One file of a ZIP archive, unpacked. For archives whose sum was checked: nothing here is made for hostile ones beyond bounds. Pure.
 * @throws Error when the archive has no such file, or packs it in a way that is not read here
 */
export function unzipEntry(archive: Buffer, name: string): Buffer {
  let at = directoryOf(archive)
  while (archive.readUInt32LE(at) === DIRECTORY_ENTRY) {
    const nameBytes = archive.readUInt16LE(at + 28)
    const next = at + 46 + nameBytes + archive.readUInt16LE(at + 30) + archive.readUInt16LE(at + 32)
    if (archive.toString('utf8', at + 46, at + 46 + nameBytes) === name) return unpacked(archive, at)
    at = next
  }
  throw new Error(`the archive has no ${name}`)
}

/** Where the list of files begins. */
function directoryOf(archive: Buffer): number {
  for (let at = archive.length - END_BYTES; at >= Math.max(0, archive.length - END_BYTES - MAX_COMMENT); at--)
    if (archive.readUInt32LE(at) === END_RECORD) return archive.readUInt32LE(at + 16)
  throw new Error('this is no ZIP archive')
}

function unpacked(archive: Buffer, entry: number): Buffer {
  const method = archive.readUInt16LE(entry + 10)
  const packedBytes = archive.readUInt32LE(entry + 20)
  const bytes = archive.readUInt32LE(entry + 24)
  const header = archive.readUInt32LE(entry + 42)
  if (archive.readUInt32LE(header) !== LOCAL_HEADER) throw new Error('the archive is broken')
  if (bytes > MAX_BYTES) throw new Error(`a file of ${bytes} bytes is not unpacked`)
  const from = header + 30 + archive.readUInt16LE(header + 26) + archive.readUInt16LE(header + 28)
  const packed = archive.subarray(from, from + packedBytes)
  if (method === STORED) return packed
  if (method === DEFLATED) return inflateRawSync(packed, { maxOutputLength: bytes })
  throw new Error(`the archive packs with method ${method}, which is not read here`)
}

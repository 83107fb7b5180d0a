import { type FileHandle, open } from 'node:fs/promises'
import { promisify } from 'node:util'
import { zstdCompress, zstdDecompress } from 'node:zlib'

const compress = promisify(zstdCompress)
const decompress = promisify(zstdDecompress)

/** What a block says of itself without being opened. */
export interface BlockFacts {
  /** Times of the wall of its first and last frame: Unix milliseconds. */
  fromMs: number
  toMs: number
  frames: number
  /** The most at the same time. */
  persons: number
  vehicles: number
  /** The most motion in a frame, from 0 to 1; undefined where it was not measured. */
  motion: number | undefined
}

export interface PlacedBlock extends BlockFacts {
  /** Of its content in its file. Bytes. */
  offset: number
  bytes: number
  rawBytes: number
}

/**
 * A file of blocks, written one behind the other: 40 bytes of facts, then lines of text, compressed. One that was not written to its
 * end is not there.
 */
const MAGIC = 0x4d4f4231
const HEADER_BYTES = 40
const NO_MOTION = 0xffff
/** As large as a block may be when it is opened: the writer ends one at 64 KiB, and a line is below that. Bytes. */
export const MAX_BLOCK_BYTES = 4 * 1024 * 1024
/** Read at once while headers are looked through. Bytes. */
const PAGE_BYTES = 256 * 1024

/** A block as it stands in its file. */
export async function encodeBlock(text: string, facts: BlockFacts): Promise<Buffer> {
  const raw = Buffer.from(text)
  const content = await compress(raw)
  const header = Buffer.alloc(HEADER_BYTES)
  header.writeUInt32BE(MAGIC, 0)
  header.writeUInt32BE(content.length, 4)
  header.writeUInt32BE(raw.length, 8)
  header.writeDoubleBE(facts.fromMs, 12)
  header.writeDoubleBE(facts.toMs, 20)
  header.writeUInt32BE(facts.frames, 28)
  header.writeUInt16BE(Math.min(facts.persons, 0xffff), 32)
  header.writeUInt16BE(Math.min(facts.vehicles, 0xffff), 34)
  header.writeUInt16BE(facts.motion === undefined ? NO_MOTION : Math.round(facts.motion * 1000), 36)
  return Buffer.concat([header, content])
}

/** The blocks of a file that are whole; none when there is no such file. */
export async function scanBlocks(path: string): Promise<PlacedBlock[]> {
  const file = await open(path, 'r').catch(() => undefined)
  if (!file) return []
  try {
    return await blocksOf(file)
  } finally {
    await file.close()
  }
}

async function blocksOf(file: FileHandle): Promise<PlacedBlock[]> {
  const { size } = await file.stat()
  const blocks: PlacedBlock[] = []
  let page = { at: 0, bytes: Buffer.alloc(0) }
  for (let at = 0; at + HEADER_BYTES <= size; ) {
    if (at < page.at || at + HEADER_BYTES > page.at + page.bytes.length) {
      const bytes = Buffer.alloc(Math.min(PAGE_BYTES, size - at))
      const { bytesRead } = await file.read(bytes, 0, bytes.length, at)
      page = { at, bytes: bytes.subarray(0, bytesRead) }
      if (bytesRead < HEADER_BYTES) break
    }
    const block = readHeader(page.bytes.subarray(at - page.at), at)
    if (!block || block.offset + block.bytes > size) break
    blocks.push(block)
    at = block.offset + block.bytes
  }
  return blocks
}

function readHeader(header: Buffer, at: number): PlacedBlock | undefined {
  const rawBytes = header.readUInt32BE(8)
  if (header.readUInt32BE(0) !== MAGIC || rawBytes > MAX_BLOCK_BYTES) return undefined
  const motion = header.readUInt16BE(36)
  return {
    offset: at + HEADER_BYTES,
    bytes: header.readUInt32BE(4),
    rawBytes,
    fromMs: header.readDoubleBE(12),
    toMs: header.readDoubleBE(20),
    frames: header.readUInt32BE(28),
    persons: header.readUInt16BE(32),
    vehicles: header.readUInt16BE(34),
    motion: motion === NO_MOTION ? undefined : motion / 1000,
  }
}

/** The content of a block, still compressed. */
export async function readBlock(path: string, { offset, bytes }: PlacedBlock): Promise<Buffer> {
  const file = await open(path, 'r')
  try {
    const buffer = Buffer.alloc(bytes)
    const { bytesRead } = await file.read(buffer, 0, bytes, offset)
    return buffer.subarray(0, bytesRead)
  } finally {
    await file.close()
  }
}

/** The text in a block. @throws Error when it is damaged, or larger than a block may be */
export async function openBlock(content: Uint8Array): Promise<string> {
  return (await decompress(content, { maxOutputLength: MAX_BLOCK_BYTES })).toString()
}

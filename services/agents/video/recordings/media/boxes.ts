/** A box of an ISO base media file (ISO 14496-12), as it lies in a buffer. Offsets and sizes in bytes. */
export interface Box {
  /** Four letters. */
  readonly type: string
  /** Where it begins, its header included. */
  readonly offset: number
  readonly size: number
  /** Where its content begins. */
  readonly content: number
}

/** Of a box: its size and its type. */
export const BOX_HEADER_BYTES = 8
const LARGE_HEADER_BYTES = 16

/**
 * The header of the box at an offset; undefined while not all of it is there. Pure.
 * @throws RangeError for a size that no box can have
 */
export function readBox(bytes: Buffer, offset: number): Box | undefined {
  if (bytes.length < offset + BOX_HEADER_BYTES) return undefined
  const small = bytes.readUInt32BE(offset)
  const type = bytes.toString('latin1', offset + 4, offset + 8)
  if (small !== 1) return checked({ type, offset, size: small, content: offset + BOX_HEADER_BYTES })
  if (bytes.length < offset + LARGE_HEADER_BYTES) return undefined
  const size = Number(bytes.readBigUInt64BE(offset + BOX_HEADER_BYTES))
  return checked({ type, offset, size, content: offset + LARGE_HEADER_BYTES })
}

/** The boxes that lie whole between two offsets, one behind the other. Pure. */
export function* boxesIn(bytes: Buffer, from = 0, to = bytes.length): Generator<Box> {
  for (let offset = from; offset < to; ) {
    const box = readBox(bytes, offset)
    if (!box || offset + box.size > to) return
    yield box
    offset += box.size
  }
}

/** The first box of a type along a path of types, from the boxes of a buffer down. Pure. */
export function findBox(bytes: Buffer, ...path: string[]): Box | undefined {
  let from = 0
  let to = bytes.length
  let found: Box | undefined
  for (const type of path) {
    found = undefined
    for (const box of boxesIn(bytes, from, to)) {
      if (box.type !== type) continue
      found = box
      break
    }
    if (!found) return undefined
    from = found.content
    to = found.offset + found.size
  }
  return found
}

/** A box with a content. Pure. */
export function makeBox(type: string, content: Uint8Array): Buffer {
  const header = Buffer.alloc(BOX_HEADER_BYTES)
  header.writeUInt32BE(BOX_HEADER_BYTES + content.length)
  header.write(type, 4, 'latin1')
  return Buffer.concat([header, content])
}

/** The length of a box, from its header on, that a file of ours can have: a fragment is a second of video. Bytes. */
const MAX_BOX_BYTES = 256 * 1024 * 1024

function checked(box: Box): Box {
  const isType = /^[\x20-\x7e]{4}$/.test(box.type)
  if (!isType || box.size < box.content - box.offset || box.size > MAX_BOX_BYTES)
    throw new RangeError(`there is no box at byte ${box.offset}`)
  return box
}

import type { FileHandle } from 'node:fs/promises'
import { BOX_HEADER_BYTES, readBox } from './boxes.ts'
import { type Fragment, fragmentFacts, type InitFacts, initFacts } from './fragment.ts'

/** A fragment and where in its file it lies. Bytes. */
export interface PlacedFragment extends Fragment {
  offset: number
  /** Of its `moof`, and of all of it. */
  headBytes: number
  bytes: number
}

/** What a file of recorded video holds, as far as it is whole. */
export interface SegmentScan {
  init: Buffer
  facts: InitFacts
  /** What capture wrote into it about itself. */
  note: string | undefined
  fragments: PlacedFragment[]
  /** Up to where it is whole. Bytes. */
  usableBytes: number
}

/** The size that a header may have: a `moof` has some bytes a frame. Bytes. */
const MAX_HEAD_BYTES = 4 * 1024 * 1024
/** A box that players pass over. */
export const NOTE_BOX = 'free'

/** Reads of a file so many bytes at an offset; fewer at its end. */
export type ReadAt = (offset: number, bytes: number) => Promise<Buffer>

/** Reads a file of this machine. */
export function readsOf(file: Pick<FileHandle, 'read'>): ReadAt {
  return async (offset, bytes) => {
    const buffer = Buffer.alloc(bytes)
    const { bytesRead } = await file.read(buffer, 0, bytes, offset)
    return buffer.subarray(0, bytesRead)
  }
}

/**
 * What a file holds, by its headers: what its writer had no time to finish is left out, wherever it broke off.
 * @returns undefined when there is no whole start of a stream in it
 */
export async function scanSegment(read: ReadAt): Promise<SegmentScan | undefined> {
  let found: Omit<SegmentScan, 'usableBytes' | 'fragments'> | undefined
  const fragments: PlacedFragment[] = []
  let ftyp: Buffer = Buffer.alloc(0)
  let note: string | undefined
  let moof: { bytes: Buffer; offset: number } | undefined
  let usableBytes = 0
  for (let offset = 0; ; ) {
    const box = await boxAt(read, offset)
    if (!box) break
    const isRead = box.type !== 'mdat' && box.size <= MAX_HEAD_BYTES
    const bytes = isRead ? await read(offset, box.size) : undefined
    // A length of the file is not known: its last byte says whether all of it is there.
    if (bytes ? bytes.length < box.size : (await read(offset + box.size - 1, 1)).length < 1) break
    try {
      if (box.type === 'ftyp') ftyp = bytes!
      else if (box.type === NOTE_BOX) note = bytes!.toString('utf8', BOX_HEADER_BYTES)
      else if (box.type === 'moov') {
        const init = Buffer.concat([ftyp, bytes!])
        found = { init, facts: initFacts(init), note: undefined }
      } else if (box.type === 'moof') moof = { bytes: bytes!, offset }
      else if (box.type === 'mdat' && moof && found) {
        const facts = fragmentFacts(moof.bytes, found.facts)
        const headBytes = moof.bytes.length
        fragments.push({ ...facts, offset: moof.offset, headBytes, bytes: headBytes + box.size })
        moof = undefined
        usableBytes = offset + box.size
      }
    } catch {
      // What does not read as what it says was written in part.
      break
    }
    offset += box.size
  }
  return found && { ...found, note, fragments, usableBytes }
}

async function boxAt(read: ReadAt, offset: number) {
  try {
    return readBox(await read(offset, 16), 0)
  } catch {
    // Behind a hole, or behind a write that was cut short.
    return undefined
  }
}

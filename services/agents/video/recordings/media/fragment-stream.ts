import { BOX_HEADER_BYTES, readBox } from './boxes.ts'
import { type Fragment, fragmentFacts, type InitFacts, initFacts } from './fragment.ts'

/** A fragment with its bytes: `moof` and `mdat`. */
export interface FragmentBytes extends Fragment {
  bytes: Buffer
}

export interface FragmentListener {
  onInit(init: Buffer, facts: InitFacts): void
  onFragment(fragment: FragmentBytes): void
}

/** What is kept of a stream until a fragment is whole. Bytes. */
const MAX_PENDING_BYTES = 64 * 1024 * 1024

/**
 * Cuts a stream of fragmented MP4 into its start and its fragments, as it comes. Bytes that are given are copied.
 * @throws RangeError from `take`, when it is none, or a fragment does not end
 */
export function createFragmentCutter(listener: FragmentListener): { take(part: Uint8Array): void } {
  let parts: Buffer[] = []
  let length = 0
  /** Bytes that have to be there before there is anything to do. */
  let wanted = BOX_HEADER_BYTES
  let head: Buffer[] = []
  let facts: InitFacts | undefined
  let moof: Buffer | undefined

  function takeBox(type: string, bytes: Buffer): void {
    if (type === 'ftyp') head = [bytes]
    else if (type === 'moov') {
      const init = Buffer.concat([...head, bytes])
      facts = initFacts(init)
      listener.onInit(init, facts)
    } else if (type === 'moof') moof = bytes
    else if (type === 'mdat' && moof && facts) {
      listener.onFragment({ ...fragmentFacts(moof, facts), bytes: Buffer.concat([moof, bytes]) })
      moof = undefined
    }
  }

  return {
    take(part) {
      parts.push(Buffer.from(part))
      length += part.length
      if (length > MAX_PENDING_BYTES) throw new RangeError('a fragment does not end')
      while (length >= wanted) {
        const all = parts.length === 1 ? parts[0]! : Buffer.concat(parts)
        parts = [all]
        const box = readBox(all, 0)
        wanted = box?.size ?? wanted * 2
        if (!box || length < box.size) continue
        takeBox(box.type, all.subarray(0, box.size))
        parts = [all.subarray(box.size)]
        length -= box.size
        wanted = BOX_HEADER_BYTES
      }
    },
  }
}

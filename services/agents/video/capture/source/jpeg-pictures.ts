import { MurmurError } from '#platform/errors/murmur-error.ts'

/** A picture of a camera has less: what is larger is something else, or never ends. */
const MAX_PICTURE_BYTES = 16 * 1024 * 1024
const [MARK, START, END, SCAN, TEMPORARY, RESTART_0, RESTART_7] = [0xff, 0xd8, 0xd9, 0xda, 0x01, 0xd0, 0xd7]

/**
 * The JPEG pictures in what a camera sends, whatever stands between them: parts of `multipart/x-mixed-replace` with any boundary and
 * with or without a length, pictures one after the other, or one alone. What begins and does not end is left out.
 * @throws MurmurError LIMIT_EXCEEDED for a picture of more than 16 MiB
 */
export async function* jpegPictures(body: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  let rest: Buffer = Buffer.alloc(0)
  let walked: Walk | undefined
  for await (const chunk of body) {
    rest = rest.length === 0 ? Buffer.from(chunk) : Buffer.concat([rest, chunk])
    for (;;) {
      if (!walked) {
        const start = startIn(rest)
        rest = rest.subarray(start ?? Math.max(0, rest.length - 2))
        if (start === undefined) break
        walked = { at: 2, isScan: false }
      }
      const found = endOf(rest, walked)
      if (found === 'broken') {
        // Not a picture after all: it goes on behind what looked like its beginning.
        rest = rest.subarray(2)
        walked = undefined
        continue
      }
      if (found === undefined) break
      yield rest.subarray(0, found)
      rest = rest.subarray(found)
      walked = undefined
    }
    if (rest.length > MAX_PICTURE_BYTES)
      throw new MurmurError(
        'LIMIT_EXCEEDED',
        `a picture of the source has more than ${MAX_PICTURE_BYTES} bytes`,
      )
  }
}

/** How far a picture has been gone through: the place, and whether that is within the data of a scan. */
interface Walk {
  at: number
  isScan: boolean
}

function startIn(bytes: Buffer): number | undefined {
  for (let at = bytes.indexOf(MARK); at >= 0 && at + 2 < bytes.length; at = bytes.indexOf(MARK, at + 1))
    if (bytes[at + 1] === START && bytes[at + 2] === MARK) return at
  return undefined
}

/**
 * Where the picture at the start of these bytes ends; undefined when that has not come yet. Goes from segment to segment by their
 * lengths, so that a small picture within one (EXIF) is not taken for the end.
 */
function endOf(bytes: Buffer, walk: Walk): number | 'broken' | undefined {
  while (walk.at + 1 < bytes.length) {
    if (walk.isScan) {
      const mark = bytes.indexOf(MARK, walk.at)
      if (mark < 0 || mark + 1 >= bytes.length) {
        walk.at = mark < 0 ? bytes.length : mark
        return undefined
      }
      const code = bytes[mark + 1]!
      // A byte of data that looks like a mark, a mark to fall into step by, or one that is filled up.
      const isData = code === 0 || code === MARK || (code >= RESTART_0 && code <= RESTART_7)
      walk.at = isData ? mark + (code === MARK ? 1 : 2) : mark
      walk.isScan = isData
      continue
    }
    if (bytes[walk.at] !== MARK) return 'broken'
    const code = bytes[walk.at + 1]!
    if (code === END) return walk.at + 2
    if (code === MARK) {
      walk.at++
      continue
    }
    if (code === TEMPORARY || (code >= RESTART_0 && code <= RESTART_7)) {
      walk.at += 2
      continue
    }
    if (code === 0 || code === START) return 'broken'
    if (walk.at + 3 >= bytes.length) return undefined
    const length = bytes.readUInt16BE(walk.at + 2)
    if (length < 2) return 'broken'
    walk.at += 2 + length
    walk.isScan = code === SCAN
  }
  return undefined
}

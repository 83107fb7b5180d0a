import fc from 'fast-check'
import t from 'tap'
import { jpegPictures } from '../../../../../services/agents/video/capture/source/jpeg-pictures.ts'

/** A picture with a smaller one within a segment, and data that looks like marks. */
const inner = Buffer.from([0xff, 0xd8, 0xff, 0xd9])
const PICTURE = Buffer.concat([
  Buffer.from([0xff, 0xd8, 0xff, 0xe1, 0, 2 + inner.length]),
  inner,
  Buffer.from([0xff, 0xda, 0, 3, 7, 1, 2, 0xff, 0, 3, 0xff, 0xd4, 9, 0xff, 0xff, 0xd9]),
])

async function picturesIn(bytes: Buffer, cut: (left: number) => number): Promise<Buffer[]> {
  async function* chunks() {
    for (let at = 0; at < bytes.length; ) {
      const to = at + Math.max(1, cut(bytes.length - at))
      yield bytes.subarray(at, to)
      at = to
    }
  }
  const found: Buffer[] = []
  for await (const picture of jpegPictures(chunks())) found.push(Buffer.from(picture))
  return found
}

t.test('pictures are found whatever stands between them, and however the bytes come', async () => {
  const between = ['--x\r\nContent-Type: image/jpg\r\n\r\n', '\r\n--x\r\n\r\n', '', '\r\n--x--']
  const whole = Buffer.concat(between.flatMap((text, i) => [Buffer.from(text), ...(i < 3 ? [PICTURE] : [])]))
  await fc.assert(
    fc.asyncProperty(fc.infiniteStream(fc.integer({ min: 1, max: 9 })), async (sizes) => {
      const found = await picturesIn(whole, () => sizes.next().value)
      return found.length === 3 && found.every((picture) => picture.equals(PICTURE))
    }),
    { numRuns: 50 },
  )
})

t.test('what is no picture, or none to its end, is left out', async (t) => {
  t.strictSame(await picturesIn(PICTURE.subarray(0, -1), () => 100), [])
  const torn = Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0x00, 1, 2]), PICTURE])
  t.strictSame(await picturesIn(torn, () => 100), [PICTURE])
  await t.rejects(
    picturesIn(Buffer.concat([PICTURE.subarray(0, 15), Buffer.alloc(2 ** 24 + 99, 1)]), () => 2 ** 20),
    {
      code: 'LIMIT_EXCEEDED',
    },
  )
})

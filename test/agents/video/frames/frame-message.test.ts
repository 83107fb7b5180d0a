import fc from 'fast-check'
import t from 'tap'
import { type FrameHeader, frameHeaderExample } from '#schemas/frame.ts'
import {
  decodeFrame,
  encodeFrame,
  frameMessageBytes,
  pixelBytes,
} from '../../../../services/agents/video/frames/frame-message.ts'

const side = (most: number) => fc.integer({ min: 16, max: most })
const headers = fc
  .record({ width: side(64), height: side(64), seq: fc.integer({ min: 1, max: 1e9 }) })
  .chain((size) =>
    fc.record({
      ...Object.fromEntries(Object.entries(size).map(([key, value]) => [key, fc.constant(value)])),
      contentWidth: fc.integer({ min: 1, max: size.width }),
      contentHeight: fc.integer({ min: 1, max: size.height }),
    }),
  )
  .map((about) => ({ ...frameHeaderExample, ...about }) as FrameHeader)

t.test('what is encoded is decoded, with and without memory of its own', async (t) => {
  fc.assert(
    fc.property(headers, fc.boolean(), fc.nat(255), (header, lent, value) => {
      const planes = new Uint8Array(pixelBytes(header)).fill(value)
      const into = lent ? Buffer.alloc(frameMessageBytes(planes.length)) : undefined
      const decoded = decodeFrame(encodeFrame({ header, planes }, into))
      t.strictSame(decoded.header, header)
      t.ok(Buffer.from(decoded.planes).equals(Buffer.from(planes)))
    }),
    { numRuns: 50 },
  )
})

t.test('what is no frame is refused, with what is wrong', async (t) => {
  const whole = (about: Partial<FrameHeader> = {}) => {
    const header = {
      ...frameHeaderExample,
      width: 32,
      height: 32,
      contentWidth: 32,
      contentHeight: 24,
      ...about,
    }
    return encodeFrame({ header, planes: new Uint8Array(32 * 24 * 3) })
  }
  t.equal(decodeFrame(whole()).planes.length, 32 * 24 * 3)
  const lying = Buffer.from(whole())
  lying.writeUInt32BE(2 ** 31, 0)
  const cases: [Uint8Array, RegExp][] = [
    [new Uint8Array(3), /it has no header/],
    [lying, /does not fit/],
    [whole().subarray(0, -1), /32 × 24 pixels need 2304 bytes, it has 2303/],
    [whole({ contentHeight: 23 }), /32 × 23 pixels need 2208 bytes, it has 2304/],
    [whole({ contentHeight: 33 }), /a content of 32 × 33 does not fit into 32 × 32/],
    [whole({ contentWidth: 33 }), /a content of 33 × 24 does not fit into 32 × 32/],
    [whole({ width: 5000 }), /expected number to be <=4096/],
    [Buffer.concat([Buffer.from([0, 0, 0, 2]), Buffer.from('{]')]), /expected object/],
  ]
  for (const [message, told] of cases)
    t.throws(() => decodeFrame(message), { code: 'INVALID_REQUEST', message: told })
})

import { spawnSync } from 'node:child_process'
import { constants, zstdCompressSync } from 'node:zlib'
import fc from 'fast-check'
import t from 'tap'
import { decompressFrames, frameEnd } from '../../../services/orchestrator/history/zstd-frames.ts'

const options = (level: number, checksum: boolean) => ({
  params: {
    [constants.ZSTD_c_compressionLevel]: level,
    [constants.ZSTD_c_checksumFlag]: checksum ? 1 : 0,
  },
})
const text = fc.oneof(
  fc.uint8Array({ maxLength: 400 }),
  // Blocks of one byte said once, of several blocks, and of none.
  fc.integer({ min: 0, max: 400_000 }).map((length) => new Uint8Array(length).fill(7)),
  fc
    .integer({ min: 100_000, max: 300_000 })
    .map((length) => Uint8Array.from({ length }, (_, i) => (i * i) % 251)),
)
const file = fc.array(fc.record({ text, level: fc.integer({ min: 1, max: 9 }), checksum: fc.boolean() }), {
  minLength: 1,
  maxLength: 4,
})
const skippable = Buffer.from([0x53, 0x2a, 0x4d, 0x18, 2, 0, 0, 0, 1, 2])

t.test('all frames of any file come out, one after the other', async (t) => {
  fc.assert(
    fc.property(file, fc.boolean(), (parts, skip) => {
      const frames = parts.map(({ text, level, checksum }) =>
        zstdCompressSync(text, options(level, checksum)),
      )
      const whole = Buffer.concat(skip ? [skippable, ...frames] : frames)
      t.strictSame(decompressFrames(whole, 1e9), Buffer.concat(parts.map(({ text }) => text)))
      t.equal(frameEnd(frames[0]!, 0), frames[0]!.length)
    }),
    { numRuns: 60 },
  )
})

t.test('what is cut short, spoilt, too much or none is refused', async (t) => {
  const frame = zstdCompressSync('murmuration '.repeat(100), options(3, true))
  for (let length = 1; length < frame.length; length++)
    t.throws(() => decompressFrames(frame.subarray(0, length), 1e6))
  const spoilt = Buffer.from(frame)
  spoilt[spoilt.length - 1]! ^= 1
  t.throws(() => decompressFrames(spoilt, 1e6), 'its checksum')
  t.throws(() => decompressFrames(Buffer.concat([frame, frame]), 1300), 'more than is wanted')
  t.throws(() => decompressFrames(Buffer.from('no zstd at all'), 1e6), /no zstd frame/)
})

t.test(
  'zstdcat reads the same',
  { skip: spawnSync('zstd', ['-V']).error ? 'no zstd here' : false },
  async (t) => {
    const whole = Buffer.concat([
      zstdCompressSync('one\n'),
      skippable,
      zstdCompressSync('two\n', options(3, true)),
    ])
    t.equal(spawnSync('zstdcat', { input: whole }).stdout.toString(), 'one\ntwo\n')
    t.equal(decompressFrames(whole, 100).toString(), 'one\ntwo\n')
  },
)

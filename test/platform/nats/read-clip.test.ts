import fc from 'fast-check'
import t from 'tap'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import { readClip } from '#platform/nats/read-clip.ts'
import { clipExample, type ReadClipRequest, readClipRequestSchema } from '#schemas/recording.ts'
import { subjectOf } from '#subjects/operations.ts'

const FOUND = {
  request: { camera: 'yard', fromMs: clipExample.fromMs, toMs: clipExample.toMs },
  clip: clipExample,
}
const PIECE_BYTES = 256 * 1024

/** Answers as a node with recordings does, from the bytes of a clip. */
function busWith(content: Uint8Array) {
  const asked: { subject: string; body: ReadClipRequest }[] = []
  return {
    asked,
    async requestBytes(subject: string, given: unknown) {
      const body = readClipRequestSchema.parse(given)
      asked.push({ subject, body })
      return content.subarray(body.offset, body.offset + body.bytes)
    },
  }
}

async function read(bus: ReturnType<typeof busWith>, range: { from: number; to: number }) {
  const pieces: Uint8Array[] = []
  for await (const piece of readClip(bus, 'acme', FOUND, range)) pieces.push(piece)
  return Buffer.concat(pieces)
}

t.test(
  'any part of a clip comes as it is, in pieces that are requests as the operation takes them',
  async (t) => {
    const content = Buffer.alloc(3 * PIECE_BYTES, 0)
    for (let i = 0; i < content.length; i += 4) content.writeUInt32BE(i, i)
    const offset = fc.integer({ min: 0, max: content.length })
    await fc.assert(
      fc.asyncProperty(offset, offset, async (a, b) => {
        const range = { from: Math.min(a, b), to: Math.max(a, b) }
        const bus = busWith(content)
        const got = await read(bus, range)
        if (!got.equals(content.subarray(range.from, range.to))) throw new Error('other bytes')
        if (bus.asked.length !== Math.ceil((range.to - range.from) / PIECE_BYTES))
          throw new Error('other pieces')
      }),
      { numRuns: 30 },
    )
    const bus = busWith(content)
    await read(bus, { from: 1, to: 2 })
    const { store, part, etag } = clipExample
    t.match(bus.asked, [
      { subject: subjectOf('readClip', { tenant: 'acme' }), body: { ...FOUND.request, store, part, etag } },
    ])
  },
)

t.test('a few pieces are asked for ahead, never all of the clip', async (t) => {
  const bus = busWith(Buffer.alloc(20 * PIECE_BYTES))
  const pieces = readClip(bus, 'acme', FOUND, { from: 0, to: 20 * PIECE_BYTES })
  t.equal(bus.asked.length, 0, 'nothing before somebody reads')
  await pieces.next()
  t.equal(bus.asked.length, 4)
  await pieces.next()
  t.equal(bus.asked.length, 5)
  await pieces.return(undefined)
  t.equal(bus.asked.length, 5)
})

t.test('a clip that ends early is not passed off as whole', async (t) => {
  const bus = busWith(Buffer.alloc(PIECE_BYTES + 10))
  await t.rejects(read(bus, { from: 0, to: PIECE_BYTES + 11 }), { code: 'RECORDING_NOT_FOUND' })
  await t.rejects(read(busWith(Buffer.alloc(0)), { from: 0, to: 1 }), { code: 'RECORDING_NOT_FOUND' })
})

t.test('a failure is told when its turn comes: what is before it can be used', async (t) => {
  const gone = new MurmurError('UNAVAILABLE', 'nobody answers')
  const bus = {
    requestBytes: async (_subject: string, body: unknown) => {
      const { offset, bytes } = body as ReadClipRequest
      if (offset > 0) throw gone
      return Buffer.alloc(bytes)
    },
  }
  const pieces = readClip(bus, 'acme', FOUND, { from: 0, to: 4 * PIECE_BYTES })
  t.equal((await pieces.next()).value?.length, PIECE_BYTES)
  await t.rejects(pieces.next(), gone)
})

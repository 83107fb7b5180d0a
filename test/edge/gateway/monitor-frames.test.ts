import t from 'tap'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import { MonitorFrames } from '../../../services/edge/gateway/monitor-frames.ts'

const PLAIN = { grid: false, zones: false }

/** Frames that a capture has. `asked`: what it was asked for. */
function capture(kept: readonly number[]) {
  const asked: unknown[] = []
  const frames = new MonitorFrames({
    requestBytes: async (_subject, request) => {
      asked.push(request)
      const { seq } = request as { seq?: number }
      if (seq !== undefined && !kept.includes(seq)) throw new MurmurError('INVALID_REQUEST', 'not kept')
      return Uint8Array.of(seq ?? 99)
    },
  })
  return { frames, asked }
}

t.test(
  'a frame that was looked at says which it is, also to who asks for another at the same time',
  async (t) => {
    const { frames, asked } = capture([7, 8])
    const [first, second] = await Promise.all([
      frames.seen('m', { epoch: 1, seq: 7 }),
      frames.seen('m', { epoch: 1, seq: 8 }),
    ])
    t.strictSame(first, { jpeg: Uint8Array.of(7), frame: { epoch: 1, seq: 7 } })
    t.strictSame(second, first)
    t.strictSame(await frames.seen('n', { epoch: 1, seq: 8 }), {
      ...{ jpeg: Uint8Array.of(8), frame: { epoch: 1, seq: 8 } },
    })
    t.equal(asked.length, 2)
  },
)

t.test('one that is not kept any more is the newest, which says nothing', async (t) => {
  const { frames } = capture([])
  t.strictSame(await frames.seen('m', { epoch: 1, seq: 3 }), { jpeg: Uint8Array.of(99) })
})

t.test('what is drawn into the newest stands in the request', async (t) => {
  const { frames, asked } = capture([])
  const zones = [
    {
      id: 'yard',
      polygon: [
        [0, 0],
        [1, 0],
        [1, 1],
      ],
    },
  ]
  await frames.newest('m', { zones }, { grid: true, zones: true })
  await frames.newest('m', { zones }, PLAIN)
  t.match(asked, [
    { newest: true, grid: true, zones: [{ id: 'yard' }] },
    { newest: true, grid: false },
  ])
})

import fc from 'fast-check'
import t from 'tap'
import { FrameSelection, LIVE_WAIT } from '../../../../services/agents/video/detection/frame-selection.ts'
import { frame } from './detection-fixtures.ts'

const arrivals = fc.array(
  fc.record({ camera: fc.constantFrom('a', 'b', 'c', 'd'), take: fc.integer({ min: 0, max: 3 }) }),
  { minLength: 1, maxLength: 200 },
)

t.test('live: every frame is taken or counted, never twice, never an older one after a newer', async () => {
  fc.assert(
    fc.property(arrivals, (steps) => {
      const selection = new FrameSelection({ monotonicMs: () => 0 })
      const seq = new Map<string, number>()
      const last = new Map<string, number>()
      let taken = 0
      const take = (most: number) => {
        for (const { header } of selection.take(most)) {
          if (header.seq <= (last.get(header.camera) ?? 0)) return false
          last.set(header.camera, header.seq)
          taken++
        }
        return true
      }
      for (const { camera, take: most } of steps) {
        seq.set(camera, (seq.get(camera) ?? 0) + 1)
        selection.add(frame({ camera, monitor: camera, seq: seq.get(camera)! }))
        if (most > 0 && !take(most)) return false
      }
      if (!take(100)) return false
      const skipped = [...seq.keys()].reduce(
        (sum, camera) => sum + selection.skippedOf(frame({ camera, monitor: camera })),
        0,
      )
      // And of each camera the newest was among them.
      return (
        taken + skipped === steps.length && [...seq].every(([camera, newest]) => last.get(camera) === newest)
      )
    }),
  )
})

t.test('complete: all of them, in their order', async () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 8 }), (frames, most) => {
      const selection = new FrameSelection({ monotonicMs: () => 0 })
      for (let seq = 1; seq <= frames; seq++) selection.add(frame({ seq, pace: 'complete' }))
      const order: number[] = []
      while (selection.size > 0) order.push(...selection.take(most).map(({ header }) => header.seq))
      return order.length === frames && order.every((seq, i) => seq === i + 1)
    }),
  )
})

t.test('cameras take turns: a recording that always has more keeps nobody waiting', async (t) => {
  const selection = new FrameSelection({ monotonicMs: () => 0 })
  for (let seq = 1; seq <= 10; seq++)
    selection.add(frame({ seq, monitor: 'm2', camera: 'clip', pace: 'complete' }))
  selection.add(frame({ camera: 'live-1' }))
  selection.add(frame({ camera: 'live-2' }))
  const order = Array.from({ length: 5 }, () => selection.take(1)[0]!.header.camera)
  t.strictSame(order, ['clip', 'live-1', 'live-2', 'clip', 'clip'])
})

t.test('a batch has one size', async (t) => {
  const selection = new FrameSelection({ monotonicMs: () => 0 })
  selection.add(frame({ camera: 'a' }))
  selection.add(frame({ camera: 'b', width: 96 }))
  selection.add(frame({ camera: 'c' }))
  t.strictSame(
    selection.take(4).map(({ header }) => header.camera),
    ['a', 'c'],
  )
  t.strictSame(
    selection.take(4).map(({ header }) => header.camera),
    ['b'],
  )
})

t.test('a capture that took over wins over the one before, however far that had counted', async (t) => {
  const selection = new FrameSelection({ monotonicMs: () => 0 })
  selection.add(frame({ epoch: 1, seq: 500 }))
  selection.add(frame({ epoch: 2, seq: 1 }))
  selection.add(frame({ epoch: 1, seq: 501 }))
  t.match(selection.take(1)[0]!.header, { epoch: 2, seq: 1 })
  t.equal(selection.skippedOf(frame({ epoch: 1 })), 2)
})

t.test(
  'live: a burst is looked at in order; what waited for too long is let go and counted, but for the newest',
  async (t) => {
    let nowMs = 0
    let skipped = 0
    const selection = new FrameSelection({ monotonicMs: () => nowMs }, () => skipped++)
    const add = (seq: number) => selection.add(frame({ seq }))
    const take = () => selection.take(8).map(({ header }) => header.seq)
    for (const seq of [1, 2, 3]) add(seq)
    t.strictSame(take(), [1, 2, 3])
    for (const seq of [4, 5, 6, 7, 8]) add(seq)
    t.equal(skipped, 5 - LIVE_WAIT.frames)
    t.strictSame(take(), [6, 7, 8])
    add(9)
    nowMs += LIVE_WAIT.ms + 1
    add(10)
    t.strictSame(take(), [10])
    add(11)
    nowMs += LIVE_WAIT.ms + 1
    t.strictSame(take(), [11], 'the newest waits as long as it must')
    t.equal(skipped, 3)
    t.equal(selection.skippedOf(frame({})), 3)
  },
)

import fc from 'fast-check'
import t from 'tap'
import type { Detections } from '#schemas/detection.ts'
import { CompleteFrames } from '../../../../../services/agents/video/tracking/monitor/complete-frames.ts'

const NEW = { epoch: 0, seq: 0 }
const seen = (seq: number, about: Partial<Detections> = {}) =>
  ({ epoch: 1, seq, oldest: 1, ...about }) as Detections
const seqs = (frames: Detections[]) => frames.map(({ seq }) => seq)

t.test('frames are used in their order, whoever looked at them first', async (t) => {
  const frames = new CompleteFrames()
  t.strictSame(seqs(frames.take(seen(2), NEW).ready), [])
  t.strictSame(seqs(frames.take(seen(3), NEW).ready), [])
  t.strictSame(seqs(frames.take(seen(1), NEW).ready), [1, 2, 3])
  t.match(frames.take(seen(2), NEW), { ready: [], isRepeated: true })
})

t.test('what its capture does not send any more is not waited for', async (t) => {
  const frames = new CompleteFrames()
  // Another instance had used the first forty, and died before it had written down more than thirty.
  t.strictSame(seqs(frames.take(seen(42, { oldest: 41 }), { epoch: 1, seq: 30 }).ready), [])
  t.strictSame(seqs(frames.take(seen(41, { oldest: 41 }), { epoch: 1, seq: 30 }).ready), [41, 42])
})

t.test('a detector that does not tell what is sent: the window says it, and a repetition', async (t) => {
  const frames = new CompleteFrames()
  const old = { oldest: undefined }
  frames.take(seen(3, old), NEW)
  t.strictSame(seqs(frames.take(seen(10, old), NEW).ready), [3])
  t.strictSame(seqs(frames.take(seen(10, old), NEW).ready), [10])
})

t.test('another capture begins anew, an earlier one is not heard', async (t) => {
  const frames = new CompleteFrames()
  frames.take(seen(5), NEW)
  t.strictSame(seqs(frames.take(seen(1, { epoch: 2 }), NEW).ready), [1])
  t.match(frames.take(seen(2), NEW), { ready: [], isRepeated: false })
})

t.test('in any order, and with any repetition, each frame comes once and in its turn', async () => {
  fc.assert(
    fc.property(fc.infiniteStream(fc.nat(7)), fc.integer({ min: 1, max: 60 }), (choices, count) => {
      const frames = new CompleteFrames()
      const used: number[] = []
      let next = 1
      const away: number[] = []
      while (used.length < count) {
        while (away.length < 8 && next <= count) away.push(next++)
        const seq = away[choices.next().value % away.length]!
        const { ready } = frames.take(seen(seq, { oldest: away[0]! }), NEW)
        used.push(...seqs(ready))
        // All up to the last that was used have come back.
        while (away.length > 0 && away[0]! <= (used.at(-1) ?? 0)) away.shift()
      }
      return used.every((seq, i) => seq === i + 1)
    }),
  )
})

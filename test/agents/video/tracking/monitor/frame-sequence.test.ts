import fc from 'fast-check'
import t from 'tap'
import {
  advanceTo,
  droppedFrames,
  isCovered,
  NEW_TIMELINE,
  NO_FRAMES,
  orderFrame,
} from '../../../../../services/agents/video/tracking/monitor/frame-sequence.ts'

t.test('the time line never goes back, and always leads back to the time that came', async () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 100_000 }), { minLength: 1 }), (times) => {
      let line = NEW_TIMELINE
      let before = Number.NEGATIVE_INFINITY
      return times.every((atMs) => {
        const next = advanceTo(line, atMs)
        const isRight = next.lastMs > before && next.lastMs + next.offsetMs === atMs
        line = next
        before = next.lastMs
        return isRight
      })
    }),
  )
})

t.test('every frame is analysed, late or dropped, in whatever order they come', async () => {
  const frame = fc.record({ epoch: fc.integer({ min: 1, max: 3 }), seq: fc.integer({ min: 1, max: 60 }) })
  fc.assert(
    fc.property(fc.array(frame, { maxLength: 100 }), (given) => {
      const came = given.toSorted((a, b) => a.epoch - b.epoch)
      let order = NO_FRAMES
      const verdicts = came.map((frame) => {
        const judged = orderFrame(order, frame)
        order = judged.order
        return judged.verdict
      })
      const distinct = new Set(came.map(({ epoch, seq }) => `${epoch} ${seq}`)).size
      const newest = [1, 2, 3].map((epoch) =>
        Math.max(0, ...came.filter((frame) => frame.epoch === epoch).map(({ seq }) => seq)),
      )
      const sent = newest.reduce((sum, seq) => sum + seq, 0)
      return (
        order.analysed === verdicts.filter((verdict) => verdict === 'next').length &&
        order.analysed + order.late === distinct &&
        order.analysed + order.late + droppedFrames(order) === sent
      )
    }),
  )
})

t.test(
  'frames after the last that came are dropped ones too, when the capture says how many it sent',
  async (t) => {
    const { order } = orderFrame(NO_FRAMES, { epoch: 5, seq: 8 })
    t.equal(droppedFrames(order), 7)
    t.equal(droppedFrames(order, { epoch: 5, decoded: 12, droppedAtCapture: 2 }), 9)
    t.equal(
      droppedFrames(order, { epoch: 6, decoded: 3, droppedAtCapture: 0 }),
      10,
      'none came of the new epoch',
    )
  },
)

t.test('frames in which nothing moved are counted as what they are, over captures', async (t) => {
  const gate = (gated: number, after: number) => ({ gate: { gated, after } })
  let order = NO_FRAMES
  const see = (frame: Parameters<typeof orderFrame>[1]) => {
    const judged = orderFrame(order, frame)
    order = judged.order
    return judged.verdict
  }
  t.equal(see({ epoch: 5, seq: 1 }), 'next')
  t.equal(see({ epoch: 5, seq: 4, gated: true, ...gate(3, 1) }), 'next')
  t.equal(see({ epoch: 5, seq: 4, gated: true, ...gate(3, 1) }), 'stale')
  t.equal(
    see({ epoch: 5, seq: 3, gated: true, ...gate(2, 1) }),
    'stale',
    'one that comes late brings nothing',
  )
  t.equal(see({ epoch: 5, seq: 11, ...gate(8, 1) }), 'next')
  // 5 to 10: five without motion, one lost.
  t.match(order, { analysed: 2, gated: 8, expected: 11 })
  t.equal(droppedFrames(order), 1)
  t.equal(droppedFrames(order, { epoch: 5, decoded: 20, droppedAtCapture: 0, gated: 15 }), 3)
  t.equal(see({ epoch: 6, seq: 3, ...gate(2, 0) }), 'next')
  t.match(order, { analysed: 3, gated: 10, expected: 14 })
  t.equal(droppedFrames(order), 1)
  t.equal(droppedFrames(order, { epoch: 7, decoded: 4, droppedAtCapture: 0, gated: 3 }), 2)
})

t.test('covered: the last motion, or something after it, was seen', async (t) => {
  const { order } = orderFrame(NO_FRAMES, { epoch: 5, seq: 7 })
  t.ok(isCovered(order, { epoch: 5, seq: 9, gate: { gated: 1, after: 7 } }))
  t.ok(isCovered(order, { epoch: 5, seq: 9, gate: { gated: 3, after: 4 } }))
  t.notOk(
    isCovered(order, { epoch: 5, seq: 9, gate: { gated: 1, after: 8 } }),
    'it is still on its way, or lost',
  )
  t.notOk(isCovered(order, { epoch: 6, seq: 9, gate: { gated: 1, after: 7 } }))
  t.notOk(isCovered(order, { epoch: 5, seq: 9, gate: { gated: 1, after: 0 } }))
  t.notOk(isCovered(order, { epoch: 5, seq: 9 }))
})

import t from 'tap'
import { SkippedFrames } from '../../../../../services/agents/video/tracking/monitor/skipped-frames.ts'

t.test('sums become what has come since', async (t) => {
  const frames = new SkippedFrames()
  const told = [0, 0, 3, 3, 10].map((skipped) => frames.since({ epoch: 1, detector: 'a', skipped }))
  t.strictSame(told, [0, 0, 3, 0, 7], 'together as many as were let go: 10')
})

t.test('each detector has a sum of its own', async (t) => {
  const frames = new SkippedFrames()
  t.equal(frames.since({ epoch: 1, detector: 'a', skipped: 5 }), 5)
  t.equal(frames.since({ epoch: 1, detector: 'b', skipped: 2 }), 2)
  t.equal(frames.since({ epoch: 1, detector: 'a', skipped: 6 }), 1)
})

t.test('a new capture begins at 0, an old one is over', async (t) => {
  const frames = new SkippedFrames()
  frames.since({ epoch: 1, detector: 'a', skipped: 5 })
  t.equal(frames.since({ epoch: 2, detector: 'a', skipped: 4 }), 4)
  t.equal(frames.since({ epoch: 1, detector: 'a', skipped: 9 }), 0)
  t.equal(frames.since({ epoch: 2, detector: 'a', skipped: 5 }), 1)
})

t.test('what comes in another order is not counted twice', async (t) => {
  const frames = new SkippedFrames()
  const told = [4, 6, 5, 7].map((skipped) => frames.since({ epoch: 1, detector: 'a', skipped }))
  t.strictSame(told, [4, 2, 0, 1])
})

t.test('of a capture that is resumed, what came before was counted before', async (t) => {
  const frames = new SkippedFrames(3)
  t.equal(frames.since({ epoch: 3, detector: 'a', skipped: 40 }), 0)
  t.equal(frames.since({ epoch: 3, detector: 'a', skipped: 42 }), 2)
  t.equal(frames.since({ epoch: 4, detector: 'a', skipped: 1 }), 1, 'the next one is new')
})

t.test('more detectors than are remembered', async (t) => {
  const frames = new SkippedFrames()
  for (let i = 0; i < 256; i++) frames.since({ epoch: 1, detector: `d${i}`, skipped: 10 })
  t.equal(frames.since({ epoch: 1, detector: 'd256', skipped: 10 }), 0, 'counts from what it tells first')
  t.equal(frames.since({ epoch: 1, detector: 'd256', skipped: 13 }), 3)
  t.equal(frames.since({ epoch: 1, detector: 'd0', skipped: 12 }), 0, 'the oldest was forgotten')
  t.equal(frames.since({ epoch: 1, detector: 'd255', skipped: 12 }), 2)
})

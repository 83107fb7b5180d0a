import t from 'tap'
import type { FrameHeader } from '#schemas/frame.ts'
import { FrameFailures } from '../../../../services/agents/video/detection/frame-failures.ts'
import type { Frame } from '../../../../services/agents/video/frames/frame-message.ts'

function frame(seq: number, about: Partial<FrameHeader> = {}): Frame {
  return { header: { monitor: 'm1', epoch: 1, seq, pace: 'complete', ...about } } as Frame
}

t.test('a frame of a complete reading is given up at its third failure, and then counts anew', async (t) => {
  const failures = new FrameFailures()
  const outcomes = Array.from({ length: 6 }, () => failures.isLast(frame(1)))
  t.strictSame(outcomes, [false, false, true, false, false, true])
})

t.test('failures are counted by frame: monitor, epoch and number', async (t) => {
  const failures = new FrameFailures()
  const others = [frame(1), frame(2), frame(1, { monitor: 'm2' }), frame(1, { epoch: 2 })]
  for (let round = 1; round <= 2; round++)
    for (const each of others) t.notOk(failures.isLast(each), `round ${round}`)
  for (const each of others) t.ok(failures.isLast(each))
})

t.test('a frame of a live camera is never given up here: it does not come again', async (t) => {
  const failures = new FrameFailures()
  for (let i = 0; i < 10; i++) t.notOk(failures.isLast(frame(1, { pace: 'live' })))
})

t.test('256 frames are remembered; the one that failed longest ago is forgotten', async (t) => {
  const failures = new FrameFailures()
  for (const seq of [0, 1, 0, 1]) failures.isLast(frame(seq))
  // Frame 0 failed again after others came: it is not the oldest then.
  for (let seq = 2; seq < 257; seq++) failures.isLast(frame(seq))
  t.ok(failures.isLast(frame(1)), 'the last of 256')
  t.notOk(failures.isLast(frame(0)), 'forgotten: counts from one again')
})

import fc from 'fast-check'
import t from 'tap'
import {
  framesIn,
  headOf,
  lineOf,
  type ObservedFrame,
  seenFrameSchema,
} from '../../../../../services/agents/video/recordings/observations/frame-line.ts'

const SEEN = {
  ...{
    v: 1 as const,
    camera: 'yard',
    monitor: 'm1',
    epoch: 1,
    seq: 1,
    atMs: 1_790_000_000_000,
    pace: 'live',
  },
  ...{ model: 'yolox', detector: 'd1', skipped: 3, inferMs: 1.5, detections: [] },
}

t.test('numbers come back to the last digit, and what is not known here too', async (t) => {
  const share = fc.double({ min: 0, max: 1, noNaN: true })
  const box = fc
    .tuple(share, share, share, share)
    .map(([a, b, c, d]): [number, number, number, number] => [
      Math.min(a, c),
      Math.min(b, d),
      Math.max(a, c),
      Math.max(b, d),
    ])
  fc.assert(
    fc.property(fc.array(fc.tuple(share, box), { maxLength: 5 }), (found) => {
      const detections = found.map(([score, at]) => ({
        class: 'person' as const,
        label: 'person',
        score: score + 0,
        box: at,
      }))
      const frame: ObservedFrame = {
        seen: seenFrameSchema.parse({ ...SEEN, detections, gate: { after: 4 } }),
        minScore: 0.35,
      }
      const [back] = framesIn([headOf(frame), lineOf(frame)].join('\n'))
      return JSON.stringify(back?.seen.detections) === JSON.stringify(detections) && back?.minScore === 0.35
    }),
  )
  const gated: ObservedFrame = {
    seen: seenFrameSchema.parse({ ...SEEN, detections: undefined, gated: true, gate: { after: 4 } }),
  }
  t.match(framesIn([headOf(gated), lineOf(gated)].join('\n')), [
    { seen: { gated: true, gate: { after: 4 }, monitor: 'm1' } },
  ])
})

t.test('tracks are rounded, and why a frame was not used is kept', async (t) => {
  const track = {
    id: 1,
    class: 'person' as const,
    label: 'person',
    score: 0.123456,
    box: [0.1234567, 0, 1, 1] as [number, number, number, number],
    predicted: false,
    zones: ['a'],
  }
  const used: ObservedFrame = { seen: SEEN, tracks: [track] }
  t.match(framesIn([headOf(used), lineOf(used)].join('\n')), [
    { tracks: [{ score: 0.12, box: [0.1235, 0, 1, 1], zones: ['a'] }] },
  ])
  const late: ObservedFrame = { seen: SEEN, unused: 'late' }
  t.match(framesIn([headOf(late), lineOf(late)].join('\n')), [{ unused: 'late' }])
})

t.test('what reads as no frame is passed over', async (t) => {
  const frame: ObservedFrame = { seen: SEEN }
  const text = [headOf(frame), 'no json', '{}', '{"d":{}}', '{"d":{"seq":"x","atMs":1}}', lineOf(frame)].join(
    '\n',
  )
  t.equal(framesIn(text).length, 1)
  t.strictSame(framesIn(''), [])
  t.strictSame(framesIn('no head\n{}'), [])
})

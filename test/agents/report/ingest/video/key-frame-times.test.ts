import fc from 'fast-check'
import t from 'tap'
import {
  frameTimes,
  sceneCuts,
  sceneScanOf,
} from '../../../../../services/agents/report/ingest/video/key-frame-times.ts'

t.test('frame times are the middles of equal parts', async (t) => {
  t.strictSame(frameTimes(12), [1, 3, 5, 7, 9, 11])
  t.strictSame(frameTimes(1), [0.25, 0.75])
  t.strictSame(frameTimes(0.2), [0.1])
  t.strictSame(frameTimes(0), [0])
})

t.test('frame times: one from each scene, more from long ones', async (t) => {
  t.strictSame(frameTimes(12, [6]), [1, 3, 5, 7, 9, 11])
  t.strictSame(frameTimes(12, [2]), [1, 3, 5, 7, 9, 11])
  t.strictSame(frameTimes(3, [0.5, 1, 1.5, 2, 2.5]), [0.25, 0.75, 1.25, 1.75, 2.25, 2.75])
  const many = frameTimes(100, [10, 11, 12, 13, 30, 50, 60, 80])
  t.strictSame(many, [5, 21.5, 40, 55, 70, 90], 'the shortest scenes are left out')
})

t.test('frame times lie inside the video and ascend, whatever the cuts', async () => {
  const seconds = fc.double({ min: 0.1, max: 1e5, noNaN: true })
  fc.assert(
    fc.property(seconds, fc.array(fc.double({ min: 0, max: 1, noNaN: true })), (durationSec, shares) => {
      const cuts = shares.map((share) => share * durationSec).toSorted((a, b) => a - b)
      const times = frameTimes(durationSec, cuts)
      const ascend = times.every((time, i) => i === 0 || time >= times[i - 1]!)
      return times.length <= 6 && ascend && times.every((time) => time >= 0 && time <= durationSec + 0.001)
    }),
  )
})

t.test('scenes: cuts are where pictures change, and nothing is known beyond the end', async (t) => {
  const frame = (luma: number) => Array<number>(16 * 9).fill(luma)
  const luma = Uint8Array.from([10, 14, 200, 205, 90].flatMap(frame))
  t.strictSame(sceneCuts(luma, { frames: 5, durationSec: 10 }), [4, 8])
  t.strictSame(sceneCuts(luma.subarray(0, 16 * 9 * 3 - 1), { frames: 5, durationSec: 10 }), [])
  t.strictSame(sceneCuts(new Uint8Array(), { frames: 5, durationSec: 10 }), [])
  t.equal(sceneScanOf(0), null)
  t.match(sceneScanOf(7200), { frames: 120 })
})

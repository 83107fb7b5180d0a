import fc from 'fast-check'
import t from 'tap'
import {
  DETECTIONS_SUFFIX,
  dayOf,
  fileName,
  timesOf,
  VIDEO_SUFFIX,
} from '../../../../../services/agents/video/recordings/store/segment.ts'

t.test('both times of a file stand in its name, in an order that names have too', async (t) => {
  const anyTime = fc.integer({ min: 0, max: 9_999_999_999_999 })
  fc.assert(
    fc.property(anyTime, anyTime, (lineMs, startMs) => {
      const times = timesOf(fileName({ lineMs, startMs }, VIDEO_SUFFIX), VIDEO_SUFFIX)
      return times?.lineMs === lineMs && times.startMs === startMs
    }),
  )
  fc.assert(
    fc.property(anyTime, anyTime, (a, b) => {
      const names = [a, b].map((lineMs) => fileName({ lineMs, startMs: 0 }, VIDEO_SUFFIX))
      return names[0]! < names[1]! === a < b
    }),
  )
  t.equal(timesOf('1790000000000-1790000000000.mp4', DETECTIONS_SUFFIX), undefined)
  for (const name of ['index.jsonl', 'a-b.mp4', '../1790000000000-1790000000000.mp4', '.mp4'])
    t.equal(timesOf(name, VIDEO_SUFFIX), undefined, name)
  t.equal(dayOf(1_790_000_000_000), '2026-09-21')
})

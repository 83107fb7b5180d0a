import t from 'tap'
import { associateDetections } from '../../../../../services/agents/video/tracking/track/association-cascade.ts'
import { startTrack } from '../../../../../services/agents/video/tracking/track/track-life-cycle.ts'
import { trackOptions } from '../../../../../services/agents/video/tracking/track/track-options.ts'
import type { TrackState } from '../../../../../services/agents/video/tracking/track/track-state.ts'
import { person, standing, vehicle } from '../tracking-fixtures.ts'

const OPTIONS = trackOptions()
const tracked = (x: number, about: Partial<TrackState> = {}): TrackState => ({
  ...startTrack(person([x, 0.5]), 1, 0),
  id: 1,
  ...about,
})
const at = (lastMs: number, atMs: number) => ({ lastMs, atMs, options: OPTIONS })

t.test('confirmed tracks take their detections before tentative ones', async (t) => {
  const tentative = tracked(0.5, { id: 0, key: 2 })
  const detection = person([0.5, 0.5])
  const { pairs, tracks } = associateDetections([tentative, tracked(0.5)], [detection], at(0, 100))
  t.strictSame(
    pairs.map(([{ id }]) => id),
    [1],
  )
  t.strictSame(tracks, [tentative])
})

t.test(
  'a detection with a low score goes to a track that was seen in the frame before, by overlap only',
  async (t) => {
    const weak = person([0.5, 0.5], 0.4)
    t.equal(associateDetections([tracked(0.5)], [weak], at(0, 100)).pairs.length, 1)
    t.equal(
      associateDetections([tracked(0.5)], [weak], at(100, 200)).pairs.length,
      0,
      'missed in the frame before',
    )
    const beside = person([0.54, 0.5], 0.4)
    t.equal(associateDetections([tracked(0.5)], [beside], at(0, 100)).pairs.length, 0, 'without overlap')
    t.equal(
      associateDetections([tracked(0.5)], [{ ...beside, score: 0.9 }], at(0, 100)).tracks.length,
      1,
      'nor beyond the gate',
    )
  },
)

t.test('what is far away, another size or another class is no pair', async (t) => {
  const far = associateDetections([tracked(0.2)], [person([0.8, 0.5])], at(0, 100))
  t.strictSame([far.pairs.length, far.tracks.length, far.detections.length], [0, 1, 1])
  const [left, top, right, bottom] = standing([0.5, 0.5])
  const car = associateDetections([tracked(0.5)], [vehicle([left, top, right, bottom])], at(0, 100))
  t.equal(car.pairs.length, 0)
})

t.test('what stood still is found again at its last position long after it was lost', async (t) => {
  const stood = tracked(0.5, { seenMs: 4000, stillSinceMs: 0 })
  const detections = [person([0.5, 0.5])]
  t.equal(associateDetections([stood], detections, at(8900, 9000)).pairs.length, 1)
  const walked = tracked(0.5, { seenMs: 4000, stillSinceMs: 3000 })
  t.equal(associateDetections([walked], detections, at(8900, 9000)).pairs.length, 0)
})

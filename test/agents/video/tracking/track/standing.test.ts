import t from 'tap'
import type { Box } from '#schemas/geometry.ts'
import {
  isPartOf,
  placeWith,
  seenAsWhole,
  seenInPart,
} from '../../../../../services/agents/video/tracking/track/standing.ts'
import type { TrackState } from '../../../../../services/agents/video/tracking/track/track-state.ts'

const PLACE: Box = [0.2, 0.2, 0.6, 0.6]
const THIRD: Box = [0.2, 0.2, 0.6, 0.333]
const track = (fields: object) => ({ box: PLACE, place: PLACE, ...fields }) as TrackState

t.test('a part lies within the place, and is neither nearly all of it nor a speck', async (t) => {
  t.ok(isPartOf(PLACE, THIRD))
  t.notOk(isPartOf(PLACE, [0.2, 0.2, 0.6, 0.55]), 'nearly all')
  t.notOk(isPartOf(PLACE, [0.3, 0.3, 0.35, 0.35]), 'a speck')
  t.notOk(isPartOf(PLACE, [0.5, 0.2, 0.9, 0.333]), 'most of it is elsewhere')
})

t.test('a box that jumps to a part is where it was, for a minute', async (t) => {
  t.ok(seenInPart(track({}), THIRD, 1000))
  t.notOk(seenInPart(track({ place: undefined }), THIRD, 1000), 'of what does not stand nothing is known')
  t.notOk(
    seenInPart(track({ box: [0.2, 0.2, 0.6, 0.36] }), THIRD, 1000),
    'what got smaller slowly walks away',
  )
  t.ok(seenInPart(track({ partMs: 1000 }), THIRD, 61_000))
  t.notOk(seenInPart(track({ partMs: 1000 }), THIRD, 61_001))
})

t.test('what was only seen in part is there as a whole', async (t) => {
  t.ok(seenAsWhole(track({ box: THIRD, place: THIRD }), PLACE))
  t.notOk(seenAsWhole(track({}), PLACE))
})

t.test('a place goes slowly with its boxes', async (t) => {
  t.strictSame(placeWith(undefined, THIRD), THIRD)
  const [, , , bottom] = placeWith(PLACE, THIRD)
  t.ok(bottom < 0.6 && bottom > 0.55)
})

import t from 'tap'
import {
  maxUnseenMs,
  predictTrack,
  startTrack,
  survives,
  updateTrack,
} from '../../../../../services/agents/video/tracking/track/track-life-cycle.ts'
import { trackOptions } from '../../../../../services/agents/video/tracking/track/track-options.ts'
import type { TrackState } from '../../../../../services/agents/video/tracking/track/track-state.ts'
import { person, vehicle } from '../tracking-fixtures.ts'

const OPTIONS = trackOptions()
const confirmed = (about: Partial<TrackState> = {}): TrackState => ({
  ...startTrack(person([0.5, 0.5]), 1, 0),
  id: 1,
  ...about,
})

t.test('a tentative track lives 250 ms unseen, and one frame in any case', async (t) => {
  const track = confirmed({ id: 0 })
  t.equal(survives(track, { lastMs: 0, atMs: 5000, options: OPTIONS }), true, 'seen in the frame before')
  t.equal(survives(track, { lastMs: 100, atMs: 250, options: OPTIONS }), true)
  t.equal(survives(track, { lastMs: 100, atMs: 251, options: OPTIONS }), false)
})

t.test('a confirmed track lives 2 s unseen, and ends at once outside the picture', async (t) => {
  t.equal(survives(confirmed(), { lastMs: 1900, atMs: 2000, options: OPTIONS }), true)
  t.equal(survives(confirmed(), { lastMs: 1900, atMs: 2001, options: OPTIONS }), false)
  const outside = startTrack({ ...person([0.5, 0.5]), box: [1, 0.4, 1.2, 0.6] }, 2, 0)
  t.equal(survives({ ...outside, id: 2 }, { lastMs: 0, atMs: 100, options: OPTIONS }), false)
})

t.test(
  'what stood still is kept for longer; a parked vehicle as long as it stood, up to five minutes',
  async (t) => {
    const stood = (ms: number, from = confirmed()) =>
      maxUnseenMs({ ...from, seenMs: ms, stillSinceMs: 0 }, OPTIONS)
    t.equal(stood(1999), 2000)
    t.equal(stood(2000), 10_000)
    t.equal(stood(600_000), 10_000, 'a person no longer')
    const car = confirmed({ class: 'vehicle' })
    t.equal(stood(1999, car), 2000)
    t.equal(stood(5000, car), 10_000)
    t.equal(stood(60_000, car), 60_000)
    t.equal(stood(900_000, car), 300_000)
  },
)

t.test(
  'an update counts the hit, sums the votes and notes when it has moved by a quarter of its size',
  async (t) => {
    const track = startTrack(vehicle([0.4, 0.4, 0.6, 0.6], 'car', 0.5), 7, 0)
    const same = updateTrack(track, vehicle([0.4, 0.4, 0.6, 0.6], 'truck', 0.75), 100, OPTIONS)
    t.match(same, { key: 7, hits: 2, seenMs: 100, bornMs: 0, stillSinceMs: 0, score: 0.75 })
    t.strictSame(same.votes, [
      ['car', 0.5],
      ['truck', 0.75],
    ])
    const again = updateTrack(same, vehicle([0.7, 0.4, 0.9, 0.6], 'car', 0.5), 200, OPTIONS)
    t.strictSame(again.votes, [
      ['car', 1],
      ['truck', 0.75],
    ])
    t.equal(again.stillSinceMs, 200)
  },
)

t.test('after a second without a detection the filter begins at the detection', async (t) => {
  const track = startTrack(person([0.2, 0.5]), 1, 0)
  const kept = updateTrack(track, person([0.8, 0.5]), 1000, OPTIONS)
  const reset = updateTrack(track, person([0.8, 0.5]), 1001, OPTIONS)
  t.ok(Math.abs(kept.filter[0][0] - 0.5) < 1e-9, 'halfway: state and detector are as sure of it')
  t.ok(Math.abs(reset.filter[0][0] - 0.8) < 1e-9)
})

t.test('what is not seen slows down', async (t) => {
  const moving = updateTrack(
    predictTrack(startTrack(person([0.2, 0.5]), 1, 0), 100, 0),
    person([0.3, 0.5]),
    100,
    OPTIONS,
  )
  const seen = predictTrack(moving, 1000, 100)
  const unseen = predictTrack(moving, 1000, 200)
  t.ok(unseen.filter[0][1] < seen.filter[0][1] / 2.5, `${unseen.filter[0][1]} ${seen.filter[0][1]}`)
})

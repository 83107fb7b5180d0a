import t from 'tap'
import { holdTracker } from '../../../../../services/agents/video/tracking/track/hold-tracker.ts'
import { trackOptions } from '../../../../../services/agents/video/tracking/track/track-options.ts'
import { EMPTY_TRACKER } from '../../../../../services/agents/video/tracking/track/track-state.ts'
import { observedTracks, stepTracker } from '../../../../../services/agents/video/tracking/track/tracker.ts'
import { frames, person, START_MS, track } from '../tracking-fixtures.ts'

const options = trackOptions()
const at = (ms: number) => ({ atMs: START_MS + ms, preset: 1, options })
const HOUR_MS = 3_600_000

t.test('nothing has moved: who was seen is there, for however long, and has stood since', async (t) => {
  const { state } = track(frames(3000, () => [person([0.2, 0.5])]))
  const later = holdTracker(state, at(HOUR_MS))
  t.match(later.tracks, [{ id: 1, seenMs: START_MS + HOUR_MS, bornMs: START_MS }])
  t.match(observedTracks(later, options), [{ id: 1, predicted: false }])
  t.equal(later.tracks[0]!.stillSinceMs, state.tracks[0]!.stillSinceMs)
  t.equal(holdTracker(EMPTY_TRACKER, at(0)), EMPTY_TRACKER)
})

t.test(
  'who stood and was not seen in the last look can not have left: the same when seen an hour later',
  async (t) => {
    const { state } = track(frames(6000, (ms) => (ms < 5500 ? [person([0.5, 0.5])] : [])))
    t.match(observedTracks(state, options), [])
    const later = holdTracker(state, at(HOUR_MS))
    t.equal(later.tracks.length, 1)
    t.match(observedTracks(later, options), [], 'nobody says that it is seen')
    const seen = stepTracker(
      later,
      { atMs: START_MS + HOUR_MS + 100, detections: [person([0.5, 0.5])] },
      options,
    )
    t.match(observedTracks(seen, options), [{ id: 1 }])
    t.equal(seen.confirmed.person, 1)
  },
)

t.test('who walked and was not seen in the last look gets older: it is lost, and remembered', async (t) => {
  const { state } = track(frames(3000, (ms) => (ms < 2500 ? [person([0.2 + ms / 10_000, 0.5])] : [])))
  t.equal(holdTracker(state, at(3500)).tracks.length, 1)
  const later = holdTracker(state, at(10_000))
  t.equal(later.tracks.length, 0)
  t.match(later.lost, [{ id: 1 }])
})

t.test('what was lost where it stood gets no older while nothing moves; what walked does', async (t) => {
  const stood = track(frames(20_000, (ms) => (ms < 5000 ? [person([0.5, 0.5])] : []))).state
  t.match(stood.lost, [{ id: 1 }])
  t.match(holdTracker(stood, at(2 * HOUR_MS)).lost, [{ id: 1 }])
  const walked = track(frames(10_000, (ms) => (ms < 3000 ? [person([0.2 + ms / 10_000, 0.5])] : []))).state
  t.match(walked.lost, [{ id: 1 }])
  t.strictSame(holdTracker(walked, at(2 * HOUR_MS)).lost, [])
})

import t from 'tap'
import { confirmTracks } from '../../../../../services/agents/video/tracking/track/confirm-tracks.ts'
import { startTrack } from '../../../../../services/agents/video/tracking/track/track-life-cycle.ts'
import { trackOptions } from '../../../../../services/agents/video/tracking/track/track-options.ts'
import type { TrackState } from '../../../../../services/agents/video/tracking/track/track-state.ts'
import { person } from '../tracking-fixtures.ts'

const OPTIONS = trackOptions()
const confirmed = (about: Partial<TrackState> = {}): TrackState => ({
  ...startTrack(person([0.5, 0.5]), 1, 0),
  id: 1,
  ...about,
})

t.test('ids are given in order to tracks that were seen often and long enough', async (t) => {
  const state = {
    births: 4,
    confirmed: { person: 2, vehicle: 1 },
    tracks: [
      confirmed({ id: 0, key: 1, hits: 3, seenMs: 149 }),
      confirmed({ id: 0, key: 2, hits: 3, seenMs: 150 }),
      confirmed({ id: 0, key: 3, hits: 2, seenMs: 399 }),
      confirmed({ id: 0, key: 4, hits: 2, seenMs: 400, class: 'vehicle' }),
    ],
  }
  const after = confirmTracks(state, { preset: 1, options: OPTIONS })
  t.strictSame(
    after.tracks.map(({ id }) => id),
    [0, 4, 0, 5],
  )
  t.strictSame(after.confirmed, { person: 3, vehicle: 2 })
  t.strictSame(state.confirmed, { person: 2, vehicle: 1 }, 'what was given is left as it was')
})

import t from 'tap'
import {
  LOOK_AGAIN,
  LOOK_MOVING,
  lookAgainMs,
  lookMovingMs,
} from '../../../../../services/agents/video/tracking/track/look-again.ts'
import { trackOptions } from '../../../../../services/agents/video/tracking/track/track-options.ts'
import { EMPTY_TRACKER } from '../../../../../services/agents/video/tracking/track/track-state.ts'
import { frames, person, track } from '../tracking-fixtures.ts'

const options = trackOptions()
const wish = (...args: Parameters<typeof track>) => lookAgainMs(track(...args).state, options)

t.test('as rarely as capture likes where nothing is', async (t) => {
  t.equal(lookAgainMs(EMPTY_TRACKER, options), LOOK_AGAIN.nothingMs)
  t.equal(wish(frames(1000, () => [])), LOOK_AGAIN.nothingMs)
})

t.test('the next frame: what is not sure yet, what walks, what was just lost', async (t) => {
  t.equal(wish(frames(100, () => [person([0.5, 0.5])])), 0, 'new')
  t.equal(wish(frames(2000, (ms) => [person([0.2 + ms / 10_000, 0.5])])), 0, 'walks')
  t.equal(
    wish(frames(4000, (ms) => (ms < 3900 ? [person([0.5, 0.5])] : []))),
    0,
    'not seen in the last frame',
  )
})

t.test('what stands: every second, later every two', async (t) => {
  t.equal(wish(frames(4000, () => [person([0.5, 0.5])])), LOOK_AGAIN.standingMs)
  t.equal(wish(frames(12_000, () => [person([0.5, 0.5])])), LOOK_AGAIN.settledMs)
})

t.test('what nobody finds again is not searched frame by frame for long', async (t) => {
  t.equal(wish(frames(8000, (ms) => (ms < 4000 ? [person([0.5, 0.5])] : []))), LOOK_AGAIN.standingMs)
})

const moving = (...args: Parameters<typeof track>) => lookMovingMs(track(...args).state)

t.test('while something moves: half of the frames do where all is known', async (t) => {
  t.equal(moving(frames(1000, () => [])), LOOK_MOVING.knownMs, 'nothing is there')
  t.equal(moving(frames(2000, (ms) => [person([0.2 + ms / 40_000, 0.5])])), LOOK_MOVING.knownMs, 'walks')
  t.equal(
    moving(frames(4000, (ms) => (ms < 2000 ? [person([0.5, 0.5])] : []))),
    LOOK_MOVING.knownMs,
    'lost for long',
  )
})

t.test(
  'while something moves: every frame where one is new, fast or just lost, and before the first',
  async (t) => {
    t.equal(lookMovingMs(EMPTY_TRACKER), 0)
    t.equal(moving(frames(100, () => [person([0.5, 0.5])])), 0, 'new')
    t.equal(moving(frames(2000, (ms) => [person([0.1 + ms / 6000, 0.5])])), 0, 'runs')
    t.equal(moving(frames(4000, (ms) => (ms < 3900 ? [person([0.5, 0.5])] : []))), 0, 'not seen')
  },
)

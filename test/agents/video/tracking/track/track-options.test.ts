import t from 'tap'
import {
  DEFAULT_MIN_SCORE,
  trackOptions,
} from '../../../../../services/agents/video/tracking/track/track-options.ts'

t.test('a high score lies 15 % of the way from the least score of the detector to 1', async (t) => {
  t.equal(trackOptions(0).highScore, 0.15)
  t.equal(trackOptions(1).highScore, 1)
  t.equal(trackOptions().highScore, trackOptions(DEFAULT_MIN_SCORE).highScore)
  t.ok(Math.abs(trackOptions(0.35).highScore - 0.4475) < 1e-12)
})

import t from 'tap'
import {
  FRACTAL_NOISE,
  fractalNoiseAt,
  WHITE_NOISE,
  whiteNoiseAt,
} from '../../../../../services/agents/video/scenes/world/noise.ts'

t.test(
  'fractal noise is smooth, repeats every 512 cells and is that of its table at whole places',
  async (t) => {
    t.equal(fractalNoiseAt(3, 2), FRACTAL_NOISE[2 * 512 + 3])
    t.equal(fractalNoiseAt(3.25, 7.5), fractalNoiseAt(3.25 + 512, 7.5 - 512))
    const between = fractalNoiseAt(3.5, 2)
    t.ok(Math.abs(between - (fractalNoiseAt(3, 2) + fractalNoiseAt(4, 2)) / 2) < 1e-6)
  },
)

t.test('it has a mean near 0 and stays within about −1.5 and 1.5', async (t) => {
  const mean = FRACTAL_NOISE.reduce((sum, value) => sum + value, 0) / FRACTAL_NOISE.length
  t.ok(Math.abs(mean) < 0.15, String(mean))
  t.ok(FRACTAL_NOISE.every((value) => Math.abs(value) < 1.5))
})

t.test('white noise is one value a cell, from −1 to 1', async (t) => {
  t.equal(whiteNoiseAt(5.1, 9.9), whiteNoiseAt(5.9, 9.1))
  t.equal(whiteNoiseAt(5, 9), WHITE_NOISE[9 * 512 + 5])
  t.equal(whiteNoiseAt(-1, 0), WHITE_NOISE[511])
  t.ok(WHITE_NOISE.every((value) => value >= -1 && value < 1))
})

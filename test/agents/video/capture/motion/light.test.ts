import t from 'tap'
import { createLightEstimate } from '../../../../../services/agents/video/capture/motion/light.ts'

const dark = 40
const bright = 200
/** Half of a picture dark, half of it bright. */
const usual = Float32Array.from({ length: 1000 }, (_, i) => (i < 500 ? dark : bright))

t.test('light works on bright places more than on dark ones, and is told apart', async (t) => {
  const light = createLightEstimate()
  const isJump = light.estimate(
    usual.map((value) => value * 1.05),
    usual,
  )
  t.notOk(isJump)
  t.equal(light.shiftAt(dark), 2)
  t.equal(light.shiftAt(bright), 10)
})

t.test('an object is no light, even when it is large', async (t) => {
  const light = createLightEstimate()
  const cells = usual.map((value, i) => (i % 500 < 200 ? 120 : value))
  t.notOk(light.estimate(cells, usual))
  t.equal(light.shiftAt(dark), 0)
  t.equal(light.shiftAt(bright), 0)
})

t.test('a lamp that goes on is more than light does by itself', async (t) => {
  const light = createLightEstimate()
  t.ok(
    light.estimate(
      usual.map((value) => value + 30),
      usual,
    ),
  )
  t.ok(light.shiftAt(dark) <= 12)
})

t.test('a brightness that hardly occurs goes by the whole picture', async (t) => {
  const light = createLightEstimate()
  const few = usual.map((value, i) => (i < 30 ? 120 : value))
  light.estimate(
    few.map((value, i) => (i < 30 ? 90 : value + 3)),
    few,
  )
  t.equal(light.shiftAt(120), 3)
})

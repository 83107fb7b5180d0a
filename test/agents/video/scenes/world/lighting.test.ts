import t from 'tap'
import { createRandom } from '../../../../../services/agents/video/scenes/random.ts'
import {
  DAYTIMES,
  lampColor,
  lightingOf,
  randomSensor,
  shadowStrength,
} from '../../../../../services/agents/video/scenes/world/lighting.ts'

const seeds = Array.from({ length: 30 }, (_, i) => i)

t.test(
  'every daytime: the sun is above the horizon, its direction of length 1, no light below 0',
  async (t) => {
    for (const daytime of DAYTIMES)
      for (const seed of seeds) {
        const lighting = lightingOf(daytime, createRandom(seed))
        t.ok(Math.abs(Math.hypot(...lighting.sunDirection) - 1) < 1e-9)
        t.ok(lighting.sunDirection[1] > 0)
        const { sun, sky, bounce, zenith, horizon } = lighting
        t.ok([...sun, ...sky, ...bounce, ...zenith, ...horizon].every((value) => value >= 0))
      }
  },
)

t.test('shadows are deepest by day, faint under clouds, and none at night', async (t) => {
  for (const seed of seeds) {
    const strength = (daytime: (typeof DAYTIMES)[number]) =>
      shadowStrength(lightingOf(daytime, createRandom(seed)))
    t.ok(strength('day') > 0.25, String(strength('day')))
    t.ok(strength('overcast') < 0.2)
    t.equal(strength('night'), 0)
  }
})

t.test('lamps shine at night, less at dusk, and not by day', async (t) => {
  for (const seed of seeds) {
    t.strictSame(lampColor('day', createRandom(seed)), [0, 0, 0])
    const [night, dusk] = [lampColor('night', createRandom(seed)), lampColor('dusk', createRandom(seed))]
    t.ok(Math.max(...night) > Math.max(...dusk) && Math.max(...dusk) > 0)
  }
})

t.test('a sensor is exposed longer for less light, and has more noise at night', async (t) => {
  for (const seed of seeds) {
    const random = createRandom(seed)
    const dim = { ...lightingOf('overcast', random), sky: [0.4, 0.4, 0.4] as const, sun: [0, 0, 0] as const }
    const bright = { ...dim, sky: [0.9, 0.9, 0.9] as const }
    t.ok(randomSensor(dim, createRandom(seed)).exposure > randomSensor(bright, createRandom(seed)).exposure)
    const night = randomSensor(lightingOf('night', createRandom(seed)), createRandom(seed))
    t.ok(night.noise >= 2 && night.noise <= 6 && night.exposure <= 2.2)
  }
})

import t from 'tap'
import {
  BODIES,
  randomVehicleAppearance,
} from '../../../../../services/agents/video/scenes/figures/vehicle-appearance.ts'
import { createRandom } from '../../../../../services/agents/video/scenes/random.ts'

const many = Array.from({ length: 400 }, (_, seed) => randomVehicleAppearance(createRandom(seed)))

t.test('all bodies occur, passenger cars most; only those that are asked for when some are', async (t) => {
  t.strictSame(new Set(many.map(({ body }) => body)), new Set(BODIES))
  const count = (body: string) => many.filter((vehicle) => vehicle.body === body).length
  t.ok(count('hatchback') > count('bus'))
  const vans = Array.from({ length: 20 }, (_, seed) => randomVehicleAppearance(createRandom(seed), ['van']))
  t.ok(vans.every(({ body }) => body === 'van'))
})

t.test('buses are longer than trucks, trucks than cars; wheels fit under them', async (t) => {
  const lengths = (body: string) =>
    many.filter((vehicle) => vehicle.body === body).map(({ lengthM }) => lengthM)
  t.ok(Math.min(...lengths('bus')) > Math.max(...lengths('truck')))
  t.ok(Math.min(...lengths('truck')) > Math.max(...lengths('sedan')))
  t.ok(many.every(({ wheelM, heightM }) => wheelM * 2 < heightM))
  t.ok(many.every(({ lightsOn }) => !lightsOn))
})

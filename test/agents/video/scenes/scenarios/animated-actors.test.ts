import t from 'tap'
import { randomVehicleAppearance } from '../../../../../services/agents/video/scenes/figures/vehicle-appearance.ts'
import { createRandom } from '../../../../../services/agents/video/scenes/random.ts'
import {
  drivenVehicle,
  parkedVehicle,
  walkingPerson,
} from '../../../../../services/agents/video/scenes/scenarios/animated-actors.ts'
import { grownUp } from '../../../../../services/agents/video/scenes/scenarios/script.ts'

const appearance = randomVehicleAppearance(createRandom(1), ['sedan'])

t.test('a parked vehicle is where it was put at any time', async (t) => {
  const placement = { x: 3, z: 20, yaw: 1 }
  const parked = parkedVehicle(4, appearance, placement)
  t.match([parked.id, parked.class], [4, 'vehicle'])
  for (const sec of [-5, 0, 1000]) t.strictSame(parked.at(sec)?.placement, placement)
  t.strictSame(parked.at(0)?.footprint, {
    halfWidth: appearance.widthM / 2,
    halfLength: appearance.lengthM / 2,
  })
})

t.test('a driven vehicle is there while its route lasts, and faces the way that it drives', async (t) => {
  const driven = drivenVehicle(1, appearance, {
    startSec: 2,
    from: [-10, 15],
    speedMps: 5,
    legs: [{ to: [10, 15] }],
  })
  t.equal(driven.at(1.9), undefined)
  t.equal(driven.at(6.1), undefined)
  const { placement } = driven.at(4)!
  t.ok(Math.abs(placement.x) < 1e-9 && Math.abs(placement.yaw - Math.PI / 2) < 1e-9)
})

t.test('a person walks, and stands where the route stays', async (t) => {
  const person = walkingPerson(2, {
    appearance: grownUp(createRandom(3)),
    arms: 0.2,
    route: { startSec: 0, from: [0, 10], speedMps: 1, legs: [{ to: [4, 10] }, { staySec: 10 }] },
  })
  t.equal(person.class, 'person')
  t.ok(Math.abs(person.at(2)!.placement.x - 2) < 1e-9)
  t.strictSame(person.at(8)!.placement, person.at(11)!.placement)
  t.ok(person.at(2)!.mesh.vertices > 100)
})

import t from 'tap'
import { BODIES } from '../../../../../services/agents/video/scenes/figures/vehicle-appearance.ts'
import {
  beltOf,
  profileOf,
  SILL,
} from '../../../../../services/agents/video/scenes/figures/vehicle-profile.ts'

const SHAPES = [
  [0, 0, 0],
  [0.5, 0.5, 0.5],
  [0.99, 0.99, 0.99],
] as const

for (const body of BODIES)
  t.test(`${body}: the hull runs from the rear to the front, the cabin stands on it`, async (t) => {
    for (const shape of SHAPES) {
      const profile = profileOf(body, shape)
      const places = profile.hull.map(([at]) => at)
      t.equal(places[0], 0)
      t.equal(places.at(-1), 1)
      t.strictSame(
        places,
        places.toSorted((a, b) => a - b),
      )
      t.ok(profile.hull.every(([, top, wide]) => top > SILL && top < 1 && wide > 0.5 && wide <= 1))
      const [rearFoot, frontFoot, rearTop, frontTop] = profile.cabin
      t.ok(
        rearFoot <= rearTop && rearTop < frontTop && frontTop <= frontFoot,
        'the roof is shorter than the belt',
      )
      t.ok(profile.windows.every(([from, to]) => from >= 0 && from < to && to <= 1))
      t.ok(profile.axles[0] < profile.axles[1])
      t.ok(beltOf(profile) > SILL && beltOf(profile) < 0.8)
    }
  })

import t from 'tap'
import {
  BODIES,
  randomVehicleAppearance,
} from '../../../../../services/agents/video/scenes/figures/vehicle-appearance.ts'
import { addVehicle } from '../../../../../services/agents/video/scenes/figures/vehicle-mesh.ts'
import { createRandom } from '../../../../../services/agents/video/scenes/random.ts'
import { createMesh, STRIDE } from '../../../../../services/agents/video/scenes/raster/mesh.ts'

for (const body of BODIES)
  t.test(`${body}: as long, wide and high as its appearance says, on the ground`, async (t) => {
    for (let seed = 0; seed < 4; seed++) {
      const appearance = randomVehicleAppearance(createRandom(seed), [body])
      const mesh = createMesh()
      addVehicle(mesh, appearance)
      const extent = (axis: number) => {
        const values = Array.from({ length: mesh.vertices }, (_, i) => mesh.data[i * STRIDE + axis]!)
        return [Math.min(...values), Math.max(...values)] as const
      }
      const [low, high] = extent(1)
      t.ok(low > -0.05 && low < 0.1, `lowest point at ${low}`)
      t.ok(
        high / appearance.heightM > 0.9 && high / appearance.heightM < 1.1,
        `${high} of ${appearance.heightM} m`,
      )
      const [rear, front] = extent(2)
      t.ok(
        Math.abs((front - rear) / appearance.lengthM - 1) < 0.08,
        `${front - rear} of ${appearance.lengthM} m`,
      )
      const [left, right] = extent(0)
      // Mirrors reach beyond the body.
      t.ok((right - left) / appearance.widthM > 0.95 && (right - left) / appearance.widthM < 1.4)
    }
  })

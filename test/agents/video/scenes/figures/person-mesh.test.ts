import t from 'tap'
import {
  gaitFor,
  standingPose,
  walkingPose,
} from '../../../../../services/agents/video/scenes/figures/gait.ts'
import { randomPersonAppearance } from '../../../../../services/agents/video/scenes/figures/person-appearance.ts'
import { addPerson } from '../../../../../services/agents/video/scenes/figures/person-mesh.ts'
import { createRandom } from '../../../../../services/agents/video/scenes/random.ts'
import { createMesh, STRIDE } from '../../../../../services/agents/video/scenes/raster/mesh.ts'

t.test('feet are on the ground and the head is about at the height of the person, in any pose', async (t) => {
  for (let seed = 0; seed < 12; seed++) {
    const appearance = { ...randomPersonAppearance(createRandom(seed)), bag: 'none' as const }
    for (const pose of [standingPose(0.2, 0), walkingPose(gaitFor(1.4), seed / 12)]) {
      const mesh = createMesh()
      addPerson(mesh, appearance, pose, 8)
      const ys = Array.from({ length: mesh.vertices }, (_, i) => mesh.data[i * STRIDE + 1]!)
      const [low, high] = [Math.min(...ys), Math.max(...ys)]
      t.ok(Math.abs(low) < 0.06, `${seed}: lowest point at ${low}`)
      t.ok(
        high / appearance.heightM > 0.9 && high / appearance.heightM < 1.1,
        `${seed}: ${high} of ${appearance.heightM}`,
      )
    }
  }
})

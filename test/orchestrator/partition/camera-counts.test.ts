import t from 'tap'
import { cameraArgs, camerasByTenant } from '../../../services/orchestrator/partition/camera-counts.ts'
import { taskState, write } from '../../support/task-states.ts'

t.test('what is said of tasks, and the sums of it', async (t) => {
  const of = (id: string, cameras?: number) => write({ ...taskState(id), tenant: 'north' }, { cameras })
  t.strictSame(cameraArgs([of('a', 2), of('b'), of('c', 0)]), [2, 'a', '2 north', 'c', ''])
  t.strictSame(cameraArgs([of('b')]), [0])
  t.strictSame(Object.fromEntries(camerasByTenant(['2 north', '1 south', '40 north'])), {
    north: 42,
    south: 1,
  })
})

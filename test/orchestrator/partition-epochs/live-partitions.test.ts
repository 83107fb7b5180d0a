import t from 'tap'
import { fixedPartitions } from '../../../services/orchestrator/partition-epochs/live-partitions.ts'
import { bucketOf } from '../../../subjects/task-partition.ts'

t.test('a log that never gets more: all are always there, and new tasks name nothing', async (t) => {
  const live = fixedPartitions(3)
  t.strictSame(live.all(), [0, 1, 2])
  t.strictSame(live.withTasks(), [0, 1, 2])
  t.equal(live.newest(), undefined)
  t.strictSame(live.elsewhere('t1'), [])
  t.doesNotThrow(() => live.assertSure())
  t.equal(live.leading(), 0)
  for (const name of ['acme.nightly', 'acme.weekly', 'b.c']) t.equal(live.ofName(name), bucketOf(name, 3))
})

import t from 'tap'
import { firstHorizon } from '../../../services/orchestrator/checkpoints/claim-checkpoints.ts'
import { restorePartition } from '../../../services/orchestrator/checkpoints/restore-partition.ts'
import { MemoryCheckpointLog } from '../../support/memory-checkpoint-log.ts'
import { MemoryPartitionStore } from '../../support/memory-partition-store.ts'
import { quietLog } from '../../support/owner-fixture.ts'
import { commitOf, taskState } from '../../support/task-states.ts'

const LOG = { created: 'born-1', firstSeq: 50, lastSeq: 200 }
const NOW = 1_000_000

async function world(count: number) {
  const checkpoints = new MemoryCheckpointLog()
  const states = Array.from({ length: count }, (_, i) => taskState(`task-${i}`, { tenant: 'acme', seq: 90 }))
  states.push(taskState('over', { status: 'completed', seq: 95, finishedAtMs: NOW - 70_000 }))
  states.push(taskState('ended', { status: 'completed', seq: 95, finishedAtMs: NOW - 10_000 }))
  for (const state of states)
    await checkpoints.writeState(
      0,
      {
        ...{ v: 1, taskId: state.id, claim: 'me', foldedTo: 90, upTo: 95, upToMs: 950 },
        state: state as unknown as Record<string, unknown>,
      },
      { tenant: 'acme', afterSeq: 0 },
    )
  const store = new MemoryPartitionStore()
  await store.commit(
    0,
    commitOf([undefined, 0], { id: 'me.0', level: false, log: { stream: 'born-1', storedAtMs: 0 } }),
  )
  const record = {
    ...firstHorizon('me', 'born-1'),
    horizon: 100,
    horizonMs: 1000,
    offset: 150,
    offsetMs: 1500,
  }
  const restore = (signal = new AbortController().signal) =>
    restorePartition(
      {
        ...{ partition: 0, store, checkpoints, clock: { monotonicMs: () => 0 }, logger: quietLog, signal },
        ...{ streams: { storedAt: async (_: string, seq: number) => 10 * seq } },
        ...{ options: { keepFinishedMs: 60_000 }, onUnreadable: () => {} },
      },
      { claim: 'me', horizon: { record, seq: 1 }, log: LOG, brokerNowMs: () => NOW },
    )
  return { store, restore }
}

t.test(
  'all tasks are there as if their events had been folded, and the log goes on at the horizon',
  async (t) => {
    const { store, restore } = await world(1200)
    t.match(await restore(), { offset: 100, storedAtMs: 1000, tasks: 1202 })
    t.match(await store.position(0), {
      ...{ offset: 100, emitted: 0, level: false, claim: 'me', restoredAtMs: NOW },
      log: { stream: 'born-1', storedAtMs: 1000 },
    })
    t.strictSame([...(await store.depth(0))], [['plan', 1200]])
    t.strictSame([...(await store.load(0)).byTenant], [['acme', 1200]])
    t.equal((await store.dueTimers(0, Number.MAX_SAFE_INTEGER, 5000)).length, 1200)
    const [over, ended] = await store.readTasks(0, ['over', 'ended'])
    t.equal(over, undefined, 'its time was over')
    t.equal(ended?.status, 'completed')
  },
)

t.test('one that is cut short leaves the offset at 0, so that it begins anew', async (t) => {
  const { store, restore } = await world(1200)
  const commit = store.commit.bind(store)
  let commits = 0
  store.commit = async (partition, one) => {
    if (++commits === 3) throw new Error('Redis does not answer')
    return commit(partition, one)
  }
  await t.rejects(restore(), /does not answer/)
  t.match(await store.position(0), { offset: 0, level: false })
  t.equal((await store.depth(0)).get('plan'), 1000, 'some of it was there')
})

t.test('another owner has the partition: nothing of it is taken for whole', async (t) => {
  const { store, restore } = await world(3)
  await store.commit(0, commitOf([0, 0], { id: 'other.0' }))
  await t.rejects(restore(), /was refused/)
  t.match(await store.position(0), { offset: 0, claim: 'other' })
})

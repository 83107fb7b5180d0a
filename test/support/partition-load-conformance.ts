import type { Test } from 'tap'
import type { PartitionStore } from '../../services/orchestrator/partition/partition-store.ts'
import { commitOf, taskState, write } from './task-states.ts'

type Case = (name: string, body: (t: Test, partition: number) => Promise<void>) => Promise<unknown>

/** What any store of partitions must count. */
export async function checkLoad(test: Case, store: PartitionStore): Promise<void> {
  await test('the load is that of its offset', async (t, p) => {
    t.strictSame(await store.load(p), {
      offset: 0,
      byType: new Map(),
      byTenant: new Map(),
      cameras: new Map(),
      steps: new Map(),
    })
    await store.commit(p, commitOf([undefined, 7], { depth: { plan: 3, report: 1 }, tenants: { north: 4 } }))
    const byType = new Map(Object.entries({ plan: 3, report: 1 }))
    const byTenant = new Map([['north', 4]])
    t.strictSame(await store.load(p), { offset: 7, byType, byTenant, cameras: new Map(), steps: new Map() })
  })

  await test('cameras are those that tasks hold, however often it is said', async (t, p) => {
    const held = async () => Object.fromEntries((await store.load(p)).cameras)
    const of = (id: string, tenant: string, cameras?: number) =>
      write({ ...taskState(id), tenant }, { isNew: true, cameras })
    const writes = [of('a', 'north', 2), of('b', 'north', 1), of('c', 'south', 5), of('d', 'south')]
    await store.commit(p, commitOf([undefined, 1], { writes, tenants: { north: 2 } }))
    t.strictSame(await held(), { north: 3, south: 5 })
    t.strictSame((await store.load(p)).byTenant, new Map([['north', 2]]), 'tasks are counted for themselves')
    await store.commit(
      p,
      commitOf([1, 2], { writes: [of('a', 'north', 2), of('b', 'north', 4), of('c', 'south')] }),
    )
    t.strictSame(await held(), { north: 6, south: 5 }, 'what is not said stays')
    await store.commit(p, commitOf([2, 3], { writes: [of('b', 'north', 0), of('x', 'north', 0)] }))
    t.strictSame(await held(), { north: 2, south: 5 })
    const gone = write({ ...taskState('c'), tenant: 'south' }, { keepMs: 0 })
    await store.commit(p, commitOf([3, 4], { writes: [gone] }))
    await store.trimIndex(p)
    t.strictSame(await held(), { north: 2 }, 'a task that nobody has counted out goes with its state')
    await store.reset(p, 4, { stream: 'a', storedAtMs: 0 })
    t.strictSame(await held(), {}, 'and all of them with the partition')
  })

  await test('steps are counted, and never below nothing', async (t, p) => {
    const steps = (counts: Record<string, number>) => new Map(Object.entries(counts))
    const counted = async () => Object.fromEntries((await store.load(p)).steps)
    const coming = {
      ...commitOf([undefined, 1], { tenants: { north: 1 } }),
      steps: steps({ 'x 2 ready': 1, 'x 2 later': 2 }),
    }
    t.ok(await store.commit(p, coming))
    t.ok(await store.commit(p, coming), 'again, its answer was lost')
    t.strictSame(await counted(), { 'x 2 ready': 1, 'x 2 later': 2 })
    const writes = [write(taskState('z'), { isNew: true, dueMs: 7 })]
    const going = { 'x 2 later': -1, 'x 2 done': 1, 'y 0 ready': -1 }
    t.ok(await store.commit(p, { ...commitOf([1, 2], { writes }), steps: steps(going) }))
    t.strictSame(await counted(), { 'x 2 ready': 1, 'x 2 later': 1, 'x 2 done': 1 })
    t.equal(await store.nextTimerMs(p), 7, 'and what comes behind them is read from the right place')
    t.strictSame((await store.load(p)).byTenant, new Map([['north', 1]]))
    await store.reset(p, 2, { stream: 'a', storedAtMs: 0 })
    t.strictSame(await counted(), {}, 'and all of them go with the partition')
  })

  await test('active tasks are counted by tenant, and never below nothing', async (t, p) => {
    await store.commit(p, commitOf([undefined, 1], { depth: { plan: 4 }, tenants: { north: 3, south: 1 } }))
    t.strictSame(
      (await store.load(p)).byTenant,
      new Map([
        ['north', 3],
        ['south', 1],
      ]),
    )
    const refused = commitOf([undefined, 2], { tenants: { north: 5 } })
    t.notOk(await store.commit(p, refused))
    const leaving = commitOf([1, 2], {
      depth: { plan: -4 },
      tenants: { north: -1, south: -1, old: -2 },
      writes: [write(taskState('z'), { isNew: true, dueMs: 7 })],
    })
    t.ok(await store.commit(p, leaving))
    t.ok(await store.commit(p, leaving), 'again, its answer was lost')
    t.strictSame(
      (await store.load(p)).byTenant,
      new Map([['north', 2]]),
      'those of before the counts only leave',
    )
    t.strictSame(await store.depth(p), new Map(), 'both counts have their own changes')
    t.equal(await store.nextTimerMs(p), 7, 'and what comes behind them is read from the right place')
    await store.commit(p, commitOf([2, 3], { tenants: { old: 1 } }))
    t.strictSame(
      (await store.load(p)).byTenant,
      new Map([
        ['north', 2],
        ['old', 1],
      ]),
    )
  })
}

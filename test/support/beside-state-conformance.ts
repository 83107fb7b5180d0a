import type { Test } from 'tap'
import type { OpenApproval } from '../../services/orchestrator/partition/partition-store.ts'
import type { StoreUnderTest } from './partition-store-conformance.ts'
import { commitOf, taskState, write } from './task-states.ts'

/** What any store of partitions must do with what stands beside the states: outcomes of items, and names of open approvals. */
export async function checkBesideState(t: Test, open: (t: Test) => Promise<StoreUnderTest>): Promise<void> {
  const { store } = await open(t)
  // Of its own, since stores are shared with other suites.
  let partition = 500
  const test = (name: string, body: (t: Test, partition: number) => Promise<void>) =>
    t.test(name, (t) => body(t, partition++))

  await test('outcomes of items are read by their index, of one list at a time', async (t, p) => {
    const kept = [
      { taskId: 'a', stepId: 'map', index: 0, outcome: { output: { text: 'ä€😀' } } },
      { taskId: 'a', stepId: 'map', index: 2, outcome: { error: { code: 'STEP_FAILED', message: 'no' } } },
      { taskId: 'a', stepId: 'other', index: 1, outcome: { output: 1 } },
    ]
    const writes = [write(taskState('a'), { isNew: true, kept }), write(taskState('b'), { isNew: true })]
    t.ok(await store.commit(p, commitOf([undefined, 5], { writes })))
    const items = (stepId: string, from: number, count: number, taskId = 'a') =>
      store.readItems(p, { taskId, stepId, from, count })
    t.strictSame(await items('map', 0, 3), [kept[0]!.outcome, undefined, kept[1]!.outcome])
    t.strictSame(await items('map', 2, 2), [kept[1]!.outcome, undefined])
    t.strictSame(await items('other', 0, 2), [undefined, { output: 1 }])
    t.strictSame(await items('map', 0, 0), [])
    t.strictSame(await items('map', 0, 1, 'b'), [undefined])
    t.strictSame(
      await store.readTasks(p, ['b']),
      [taskState('b')],
      'what is behind it in the commit is whole',
    )
  })

  await test('a list is forgotten before what is kept of it anew, and no other', async (t, p) => {
    const one = (stepId: string, index: number, output: number) => ({
      ...{ taskId: 'a', stepId, index },
      outcome: { output },
    })
    const first = [one('map', 0, 1), one('map', 1, 2), one('other', 0, 3)]
    await store.commit(
      p,
      commitOf([undefined, 1], { writes: [write(taskState('a'), { isNew: true, kept: first })] }),
    )
    const again = { kept: [one('map', 1, 4)], dropped: ['map'] }
    await store.commit(p, commitOf([1, 2], { writes: [write(taskState('a'), again)] }))
    t.strictSame(await store.readItems(p, { taskId: 'a', stepId: 'map', from: 0, count: 2 }), [
      undefined,
      { output: 4 },
    ])
    t.strictSame(await store.readItems(p, { taskId: 'a', stepId: 'other', from: 0, count: 1 }), [
      { output: 3 },
    ])
    const ended = taskState('a', { status: 'completed', finishedAtMs: 1 })
    const gone = { dueMs: undefined, keepMs: 0, dropped: ['map', 'other'] }
    await store.commit(p, commitOf([2, 3], { writes: [write(ended, gone)] }))
    t.strictSame(await store.readItems(p, { taskId: 'a', stepId: 'other', from: 0, count: 1 }), [undefined])
  })

  await test('a refused commit keeps and forgets nothing beside the state', async (t, p) => {
    const item = { taskId: 'a', stepId: 'map', index: 0, outcome: { output: 1 } }
    const approvals = { opened: [approval('default', 'a')], closed: [] }
    await store.commit(
      p,
      commitOf([undefined, 1], { writes: [write(taskState('a'), { isNew: true, kept: [item] })] }),
    )
    const refused = [write(taskState('a'), { dropped: ['map'], approvals })]
    t.notOk(await store.commit(p, commitOf([7, 8], { writes: refused })))
    t.strictSame(await store.readItems(p, { taskId: 'a', stepId: 'map', from: 0, count: 1 }), [{ output: 1 }])
    t.strictSame(await store.openApprovals(p, { tenant: 'default', count: 10 }), [])
  })

  await test('open approvals of a tenant, a page at a time, until they close', async (t, p) => {
    const all = ['a', 'b', 'c'].map((taskId) => approval('north', taskId))
    const foreign = [approval('nor', 'x'), approval('north2', 'y'), approval('north-', 'z')]
    const writes = [...all, ...foreign].map((one) =>
      write(taskState(one.taskId, { tenant: one.tenant }), {
        isNew: true,
        approvals: { opened: [one], closed: [] },
      }),
    )
    await store.commit(p, commitOf([undefined, 1], { writes }))
    const page = (count: number, after?: OpenApproval) =>
      store.openApprovals(p, { tenant: 'north', count, after })
    t.strictSame(await page(10), all)
    t.strictSame(await page(2), all.slice(0, 2))
    t.strictSame(await page(2, all[1]), all.slice(2))
    t.strictSame(await page(2, all[2]), [])
    // Asked again, as the next attempt.
    const next = approval('north', 'b', 2)
    const change = { approvals: { opened: [next], closed: [all[1]!] } }
    await store.commit(p, commitOf([1, 2], { writes: [write(taskState('b', { tenant: 'north' }), change)] }))
    t.strictSame(await page(10), [all[0], next, all[2]])
    t.ok(await store.reset(p, 2, { stream: 'later', storedAtMs: 0 }))
    t.strictSame(await page(10), [], 'after a reset they come back with their tasks')
  })
}

function approval(tenant: string, taskId: string, attempt = 1): OpenApproval {
  return { tenant, taskId, stepId: 'ask', attempt }
}

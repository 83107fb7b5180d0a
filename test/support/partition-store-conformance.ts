import type { Test } from 'tap'
import {
  CommitRefused,
  type PartitionStore,
  type TaskWrite,
} from '../../services/orchestrator/partition/partition-store.ts'
import { checkLoad } from './partition-load-conformance.ts'
import { commitOf, taskState, write } from './task-states.ts'

export interface StoreUnderTest {
  store: PartitionStore
  /** Makes the store forget everything. */
  flush(): Promise<void>
}

/** What any store of partitions must do. Every case has a partition of its own. */
export async function checkPartitionStore(
  t: Test,
  open: (t: Test) => Promise<StoreUnderTest>,
): Promise<void> {
  const { store, flush } = await open(t)
  let partition = 0
  const test = (name: string, body: (t: Test, partition: number) => Promise<void>) =>
    t.test(name, (t) => body(t, partition++))

  const positionOf = async (p: number) => {
    const { offset, emitted } = (await store.position(p)) ?? {}
    return { offset, emitted }
  }

  await test('an empty partition', async (t, p) => {
    t.equal(await store.position(p), undefined)
    t.strictSame(await store.readTasks(p, ['a', 'b']), [undefined, undefined])
    t.strictSame(await store.readTasks(p, []), [])
    t.equal(await store.nextTimerMs(p), undefined)
    t.strictSame(await store.dueTimers(p, 1e15, 10), [])
    t.strictSame(await store.newestTasks(p, { start: 0, count: 10 }), [])
    t.strictSame(await store.depth(p), new Map())
    await store.forget(p, [])
  })

  await test('states are read as they were written, the definition too', async (t, p) => {
    const task = taskState('a', { labels: { team: 'north' }, input: { deep: [{ x: 'ä€😀' }] } })
    t.ok(await store.commit(p, commitOf([undefined, 5], { writes: [write(task, { isNew: true })] })))
    const later = { ...task, rev: 2, steps: { a: { status: 'dispatched' as const, attempt: 1 } } }
    t.ok(await store.commit(p, commitOf([5, 9], { writes: [write(later)] })))
    t.strictSame(await store.readTasks(p, ['none', 'a']), [undefined, later])
    t.strictSame(await store.readTasks(p + 1000, ['a']), [undefined], 'partitions are apart')
  })

  await test('the fence: only who knows the offset may write, and a refused commit changes nothing', async (t, p) => {
    t.ok(await store.commit(p, commitOf([undefined, 10], { emitted: 3 })))
    t.strictSame(await positionOf(p), { offset: 10, emitted: 3 })
    for (const from of [undefined, 0, 9, 11]) {
      const writes = [write(taskState('b'), { isNew: true, dueMs: 5 })]
      t.notOk(await store.commit(p, commitOf([from, 20], { writes, depth: { plan: 1 } })), `from ${from}`)
    }
    t.strictSame(await positionOf(p), { offset: 10, emitted: 3 })
    t.strictSame(await store.readTasks(p, ['b']), [undefined])
    t.equal(await store.nextTimerMs(p), undefined)
    t.strictSame(await store.newestTasks(p, { start: 0, count: 10 }), [])
    t.strictSame(await store.depth(p), new Map())
    t.ok(await store.commit(p, commitOf([10, 20])))
  })

  await test('of two owners that read the same position one gets through', async (t, p) => {
    await store.commit(p, commitOf([undefined, 1]))
    const results = await Promise.all(
      ['one', 'other'].map((who) =>
        store.commit(
          p,
          commitOf([1, 2], { writes: [write(taskState('a', { tenant: who }), { isNew: true })] }),
        ),
      ),
    )
    t.strictSame(results.sort(), [false, true])
  })

  await test('the fence after a loss: the same offset of another owner’s making is not the one that the batch started from', async (t, p) => {
    t.ok(await store.commit(p, commitOf([undefined, 0], { id: 'first.0' })))
    t.ok(await store.commit(p, commitOf([0, 5], { id: 'first.1' })))
    await flush()
    t.ok(await store.commit(p, commitOf([undefined, 0], { id: 'second.0' })))
    t.ok(await store.commit(p, commitOf([0, 5], { id: 'second.1' })))
    const writes = [write(taskState('b'), { isNew: true, dueMs: 5 })]
    t.notOk(await store.commit(p, commitOf([5, 6], { id: 'first.2', writes })), 'the stale owner')
    t.strictSame(await store.readTasks(p, ['b']), [undefined])
    t.notOk(await store.commit(p, commitOf([5, 6], { id: 'second.3' })), 'one that has left a commit out')
    t.ok(await store.commit(p, commitOf([5, 6], { id: 'second.2' })))
    t.ok(await store.commit(p, commitOf([5, 6], { id: 'second.2' })), 'the same again')
    t.ok(await store.commit(p, commitOf([6, 6], { id: 'third.0' })), 'a claim')
    t.notOk(await store.commit(p, commitOf([6, 7], { id: 'second.3' })), 'what was claimed from under it')
    t.ok(await store.commit(p, commitOf([6, 7], { id: 'third.1' })))
  })

  await test('a commit whose answer was lost may be sent again, and counts once', async (t, p) => {
    const commit = commitOf([undefined, 7], {
      writes: [write(taskState('a'), { isNew: true })],
      depth: { plan: 1 },
    })
    t.ok(await store.commit(p, commit))
    t.ok(await store.commit(p, commit))
    t.strictSame(await store.depth(p), new Map([['plan', 1]]))
    t.notOk(await store.commit(p, { ...commit, id: 'somebody else' }), 'the same offsets are not enough')
    t.ok(await store.commit(p, commitOf([7, 8])))
    t.notOk(await store.commit(p, commit), 'and not after others')
  })

  await test('the watermark moves with commits, and without one at the right offset only', async (t, p) => {
    await store.commit(p, commitOf([undefined, 4], { emitted: 0 }))
    t.ok(await store.markEmitted(p, 4, 4))
    t.strictSame(await positionOf(p), { offset: 4, emitted: 4 })
    t.notOk(await store.markEmitted(p, 3, 99))
    await store.commit(p, commitOf([4, 6], { emitted: 4 }))
    t.notOk(await store.markEmitted(p, 4, 4))
    t.strictSame(await positionOf(p), { offset: 6, emitted: 4 })
    t.notOk(await store.markEmitted(p + 2000, 1, 1), 'there is nothing to mark')
  })

  await test('timers: set, kept, moved, removed; the earliest first', async (t, p) => {
    const due = (id: string, dueMs: number | undefined | 'unchanged', isNew = false) =>
      write(taskState(id), { dueMs, isNew })
    const writes = [due('a', 300, true), due('b', 100, true), due('c', 200, true)]
    await store.commit(p, commitOf([undefined, 1], { writes }))
    t.equal(await store.nextTimerMs(p), 100)
    t.strictSame(await store.dueTimers(p, 200, 10), [
      { taskId: 'b', dueMs: 100 },
      { taskId: 'c', dueMs: 200 },
    ])
    t.strictSame(await store.dueTimers(p, 99, 10), [])
    t.strictSame(await store.dueTimers(p, Number.MAX_SAFE_INTEGER, 2), [
      { taskId: 'b', dueMs: 100 },
      { taskId: 'c', dueMs: 200 },
    ])
    await store.commit(
      p,
      commitOf([1, 2], { writes: [due('a', 50), due('b', undefined), due('c', 'unchanged')] }),
    )
    t.strictSame(await store.dueTimers(p, 1000, 10), [
      { taskId: 'a', dueMs: 50 },
      { taskId: 'c', dueMs: 200 },
    ])
    const lastMs = 1_790_000_000_123
    await store.commit(p, commitOf([2, 3], { writes: [due('a', undefined), due('c', lastMs)] }))
    t.equal(await store.nextTimerMs(p), lastMs, 'to the millisecond')
  })

  await test('the index: newest first, each task once, by page', async (t, p) => {
    const born = (id: string, createdAtMs: number) => write(taskState(id, { createdAtMs }), { isNew: true })
    await store.commit(p, commitOf([undefined, 1], { writes: [born('a', 10), born('b', 30), born('c', 20)] }))
    await store.commit(p, commitOf([1, 2], { writes: [write(taskState('a', { rev: 2 }))] }))
    const ids = async (start: number, count: number, untilMs?: number) =>
      (await store.newestTasks(p, { start, count, untilMs })).map(({ id }) => id)
    t.strictSame(await ids(0, 10), ['b', 'c', 'a'])
    t.strictSame(await ids(1, 1), ['c'])
    t.strictSame(await ids(3, 5), [])
    t.strictSame(await ids(0, 10, 20), ['c', 'a'], 'created then or before')
    t.strictSame(await ids(1, 10, 29), ['a'])
    t.strictSame(await store.newestTasks(p, { start: 0, count: 1 }), [{ id: 'b', createdAtMs: 30 }])
    await store.forget(p, ['b', 'nobody'])
    t.strictSame(await ids(0, 10), ['c', 'a'])
    await store.commit(p, commitOf([2, 3], { writes: [born('a', 40)] }))
    t.strictSame(await ids(0, 10), ['a', 'c'], 'a task that starts anew is new')
    await store.commit(p, commitOf([3, 4], { writes: [born('d', 20), born('b2', 20)] }))
    t.strictSame(await ids(0, 10), ['a', 'd', 'c', 'b2'], 'of the same millisecond, the larger id first')
  })

  await test('the depth counts by type and forgets what is at nothing', async (t, p) => {
    await store.commit(p, commitOf([undefined, 1], { depth: { plan: 3, report: 1 } }))
    await store.commit(p, commitOf([1, 2], { depth: { plan: -1, report: -1 } }))
    t.strictSame(await store.depth(p), new Map([['plan', 2]]))
  })

  await checkLoad(test, store)

  await test('a finished task stays readable with its definition', async (t, p) => {
    const task = taskState('a')
    const ended = { ...task, status: 'completed' as const, finishedAtMs: 2000, output: { a: 1 } }
    await store.commit(p, commitOf([undefined, 1], { writes: [write(task, { isNew: true })] }))
    await store.commit(p, commitOf([1, 2], { writes: [write(ended, { dueMs: undefined })] }))
    t.strictSame(await store.readTasks(p, ['a']), [ended])
    const atOnce = { ...ended, id: 'b' }
    await store.commit(p, commitOf([2, 3], { writes: [write(atOnce, { isNew: true, dueMs: undefined })] }))
    t.strictSame(await store.readTasks(p, ['b']), [atOnce], 'also one that began and ended in one batch')
  })

  await test('a large batch is one commit', async (t, p) => {
    const writes = Array.from({ length: 1000 }, (_, i) =>
      write(taskState(`t${i}`), { isNew: true, dueMs: i + 1 }),
    )
    t.ok(await store.commit(p, commitOf([undefined, 1000], { writes, depth: { plan: 1000 } })))
    t.equal(
      (
        await store.readTasks(
          p,
          writes.map(({ state }) => state.id),
        )
      ).filter(Boolean).length,
      1000,
    )
    t.equal((await store.dueTimers(p, Number.MAX_SAFE_INTEGER, 5000)).length, 1000)
  })

  await test('a position says of which log it is, and whether everything was folded', async (t, p) => {
    const log = { stream: '2026-01-01T00:00:00Z', storedAtMs: 1_790_000_000_123 }
    const claimed = { id: 'me.0', level: false, log: { ...log, storedAtMs: 0 } }
    t.ok(await store.commit(p, commitOf([undefined, 0], claimed)))
    t.strictSame(await store.position(p), {
      offset: 0,
      emitted: 0,
      level: false,
      log: { ...log, storedAtMs: 0 },
      claim: 'me',
    })
    t.ok(await store.commit(p, commitOf([0, 5], { level: false, log })))
    t.match(await store.position(p), { level: false, log })
    const nothing = commitOf([5, 5], { level: true, log })
    t.ok(await store.commit(p, nothing), 'without moving on')
    t.ok(await store.commit(p, nothing), 'and again, its answer was lost')
    t.match(await store.position(p), { offset: 5, level: true })
    t.ok(await store.markEmitted(p, 5, 5))
    t.match(await store.position(p), { emitted: 5, level: true, log })
  })

  await test('a position says when it was made again from checkpoints, until it is reset', async (t, p) => {
    const log = { stream: 'a', storedAtMs: 0 }
    await store.commit(p, commitOf([undefined, 0], { id: 'me.0', log }))
    await store.markRestored(p, 1_790_000_000_123)
    await store.commit(p, commitOf([0, 7], { id: 'me.1', log }))
    t.match(await store.position(p), { offset: 7, restoredAtMs: 1_790_000_000_123, claim: 'me' })
    t.ok(await store.reset(p, 7, log))
    t.equal((await store.position(p))?.restoredAtMs, undefined)
  })

  await test('active tasks are listed some at a time; one that stays is there, whatever goes', async (t, p) => {
    const ids = Array.from({ length: 2500 }, (_, i) => `task-${i}`)
    const writes = ids.map((id, i) => write(taskState(id, { createdAtMs: i }), { isNew: true, dueMs: 5 }))
    await store.commit(p, commitOf([undefined, 1], { writes }))
    const seen = new Map<string, number | undefined>()
    let offset = 1
    for (let cursor: string | undefined = '0'; cursor !== undefined; ) {
      const { tasks, next } = await store.activeTasks(p, cursor)
      for (const { id, createdAtMs } of tasks) seen.set(id, createdAtMs)
      cursor = next
      const ended = taskState(`task-${offset}`, { status: 'completed', finishedAtMs: 5 })
      await store.commit(p, commitOf([offset, ++offset], { writes: [write(ended, { dueMs: undefined })] }))
    }
    t.strictSame(
      ids.slice(offset).filter((id) => !seen.has(id)),
      [],
    )
    t.equal(seen.get('task-2000'), 2000)
  })

  await test('stored tasks are listed by when they were created', async (t, p) => {
    const writes = [5, 3, 9, 3].map((createdAtMs, i) =>
      write(taskState(`t${i}`, { createdAtMs }), { isNew: true }),
    )
    await store.commit(p, commitOf([undefined, 1], { writes }))
    const list = async (fromMs: number, untilMs: number, count = 10, start?: number) =>
      (await store.oldestTasks(p, { fromMs, untilMs, start, count })).map(
        ({ id, createdAtMs }) => `${id} ${createdAtMs}`,
      )
    t.strictSame(await list(0, 5), ['t1 3', 't3 3', 't0 5'])
    t.strictSame(await list(4, 100), ['t0 5', 't2 9'])
    t.strictSame(await list(0, 100, 1), ['t1 3'])
    t.strictSame(await list(3, Number.POSITIVE_INFINITY, 2, 1), ['t3 3', 't0 5'])
  })

  await test('a reset forgets everything, and tells afterwards what did not come again', async (t, p) => {
    const ids = ['a', 'b', 'c', 'd']
    const writes = ids.map((id) => write(taskState(id), { isNew: true, dueMs: 5 }))
    await store.commit(p, commitOf([undefined, 4], { writes, depth: { plan: 4 }, tenants: { default: 4 } }))
    const log = { stream: 'another', storedAtMs: 0 }
    t.notOk(await store.reset(p, 3, log), 'another offset is there')
    t.equal((await store.readTasks(p, ids)).filter(Boolean).length, 4)
    t.ok(await store.reset(p, 4, log))
    t.strictSame(await store.position(p), { offset: 0, emitted: 0, level: false, log })
    t.strictSame(await store.readTasks(p, ids), [undefined, undefined, undefined, undefined])
    t.strictSame(
      [await store.depth(p), (await store.load(p)).byTenant, await store.nextTimerMs(p)],
      [new Map(), new Map(), undefined],
    )
    t.strictSame(await store.newestTasks(p, { start: 0, count: 10 }), [])
    t.notOk(await store.commit(p, commitOf([4, 5])), 'whoever was at it is refused')
    const ended = taskState('c', { status: 'completed', finishedAtMs: 1 })
    const again = [write(taskState('b'), { isNew: true }), write(ended, { isNew: true, keepMs: -1 })]
    t.ok(await store.commit(p, commitOf([0, 2], { writes: again })))
    const lost = await store.settleReset(p)
    t.equal(lost.count, 2)
    t.strictSame(lost.examples.sort(), ['a', 'd'], 'one that had its time is not lost')
    t.strictSame(await store.settleReset(p), { count: 0, examples: [] }, 'told once')
    t.ok(await store.reset(p, 'any', log))
    t.ok(await store.reset(p, 'any', log), 'before it has come to anything')
    t.equal((await store.settleReset(p)).count, 1, 'b, which was lost at the second time')
  })

  await test('a finished task whose time is over is taken away, and the index is trimmed', async (t, p) => {
    const ended = taskState('a', { status: 'completed', finishedAtMs: 2000 })
    await store.commit(
      p,
      commitOf([undefined, 1], { writes: [write(taskState('a'), { isNew: true, dueMs: 9 })] }),
    )
    await store.commit(p, commitOf([1, 2], { writes: [write(ended, { dueMs: undefined, keepMs: 0 })] }))
    t.strictSame(await store.readTasks(p, ['a']), [undefined])
    t.strictSame(await store.newestTasks(p, { start: 0, count: 10 }), [])
    t.equal(await store.nextTimerMs(p), undefined)
    const kept = write(taskState('b', { status: 'completed' }), {
      isNew: true,
      dueMs: undefined,
      keepMs: 60_000,
    })
    await store.commit(p, commitOf([2, 3], { writes: [kept] }))
    t.equal((await store.readTasks(p, ['b'])).filter(Boolean).length, 1)
    t.equal(await store.trimIndex(p), 0)
  })

  await test('what can never be stored is refused by its task, and nothing is moved', async (t, p) => {
    await store.commit(p, commitOf([undefined, 1]))
    const deep = JSON.parse(`${'['.repeat(20_000)}${']'.repeat(20_000)}`)
    const bad: [what: string, task: TaskWrite][] = [
      ['too large', write(taskState('bad', { output: 'x'.repeat(4_800_000) }))],
      ['too deep', write(taskState('bad', { output: deep }))],
      ['no time', write(taskState('bad'), { dueMs: Number.NaN })],
      ['no time left', write(taskState('bad'), { keepMs: Number.NaN })],
    ]
    for (const [what, task] of bad) {
      const writes = [write(taskState('good'), { isNew: true }), task]
      const refused = await store.commit(p, commitOf([1, 2], { writes })).catch((error: unknown) => error)
      t.equal(refused instanceof CommitRefused && refused.taskId, 'bad', what)
    }
    t.match(await store.position(p), { offset: 1 })
    t.strictSame(await store.readTasks(p, ['good']), [undefined])
  })

  await test('after it has forgotten everything the old owner is refused and a new one may begin', async (t, p) => {
    await store.commit(p, commitOf([undefined, 5], { writes: [write(taskState('a'), { isNew: true })] }))
    await flush()
    t.equal(await store.position(p), undefined)
    t.notOk(await store.commit(p, commitOf([5, 6])))
    t.notOk(await store.markEmitted(p, 5, 5))
    t.ok(await store.commit(p, commitOf([undefined, 2])))
  })
}

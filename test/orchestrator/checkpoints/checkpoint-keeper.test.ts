import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { isTerminal, type TaskState } from '#schemas/task.ts'
import { nextDueMs } from '#workflow/decide/decide.ts'
import { openLists } from '../../../services/orchestrator/checkpoints/checkpoint-state.ts'
import type { RawEvent } from '../../../services/orchestrator/partition/decode-event.ts'
import { decodeMessage } from '../../../services/orchestrator/partition/decode-message.ts'
import { CheckpointedLog } from '../../support/checkpointed-log.ts'
import { batchedLogArbitrary } from '../../support/random-log.ts'

type Action =
  | { kind: 'publish' | 'fold'; count: number }
  | { kind: 'wait'; ms: number }
  | { kind: 'fill'; share: number }
  | { kind: 'round'; endsAt: number | undefined }
  | { kind: 'archive' | 'purge' | 'flush' | 'reopen' | 'stale' | 'freeze' | 'thaw' }

const actionArbitrary: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant('publish' as const), count: fc.integer({ min: 1, max: 12 }) }),
  },
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant('fold' as const), count: fc.integer({ min: 1, max: 9 }) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.constantFrom(5, 500, 60_000) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('fill' as const), share: fc.constantFrom(0, 0.5, 1) }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('round' as const),
      endsAt: fc.option(fc.integer({ min: 0, max: 8 }), { nil: undefined, freq: 3 }),
    }),
  },
  { weight: 5, arbitrary: fc.constantFrom<Action>({ kind: 'archive' }, { kind: 'purge' }) },
  {
    weight: 3,
    arbitrary: fc.constantFrom<Action>(
      { kind: 'flush' },
      { kind: 'reopen' },
      { kind: 'stale' },
      { kind: 'freeze' },
      { kind: 'thaw' },
    ),
  },
)

async function act(world: CheckpointedLog, action: Action): Promise<void> {
  switch (action.kind) {
    case 'publish':
      return world.publish(action.count)
    case 'fold':
      return world.fold(action.count)
    case 'wait':
      world.nowMs += action.ms
      return
    case 'fill':
      world.fill = action.share
      return
    case 'round':
      await world.round(action.endsAt)
      // A process that has ended says nothing more: another one goes on.
      return action.endsAt === undefined ? undefined : world.open()
    case 'archive':
      // What is archived stays so, also when a partition that was built anew is not as far yet.
      world.archivedUpTo = Math.max(world.archivedUpTo, world.offset)
      return
    case 'purge':
      return world.purge()
    case 'flush':
      world.store.flush()
      return world.open()
    case 'reopen':
      return world.open()
    case 'stale':
      return world.staleRound()
    case 'freeze':
      return world.freeze()
    case 'thaw':
      return world.thaw()
  }
}

/** Everything that is stored, but for when timers go off: those may be early. */
async function contents({ store }: CheckpointedLog, ids: readonly string[]) {
  const states = await store.readTasks(0, [...ids])
  const items = []
  // Of lists that are given up something may be left, which nobody reads any more.
  for (const state of states)
    for (const { stepId, begun } of state ? openLists(state) : [])
      items.push(await store.readItems(0, { taskId: state!.id, stepId, from: 0, count: begun }))
  const { byType, byTenant, cameras } = await store.load(0)
  const approvals = await Promise.all(
    ['default', 'north'].map((tenant) => store.openApprovals(0, { tenant, count: 1000 })),
  )
  return { states, items, byType, byTenant, cameras, approvals }
}

/**
 * The same, without outcomes of items that have none yet: an iteration before, or a life before, may have left one in a checkpoint. It is
 * written over when the item is done, and nobody reads a list before all of it is.
 */
function settled<Contents extends { items: unknown[][] }>(got: Contents, wanted: Contents): Contents {
  const items = got.items.map((list, i) =>
    list.map((outcome, index) => (wanted.items[i]?.[index] === undefined ? undefined : outcome)),
  )
  return { ...got, items }
}

async function lateTimers({ store }: CheckpointedLog, states: readonly (TaskState | undefined)[]) {
  const timers = new Map(
    (await store.dueTimers(0, Number.MAX_SAFE_INTEGER, 1e6)).map((one) => [one.taskId, one.dueMs]),
  )
  return states.filter((state) => {
    const dueMs = state && nextDueMs(state)
    return dueMs !== undefined && (timers.get(state!.id) ?? Number.POSITIVE_INFINITY) > dueMs
  })
}

async function foldAll(log: readonly RawEvent[]): Promise<CheckpointedLog> {
  const whole = new CheckpointedLog(log, { marginMs: 1000, isArchived: false })
  await whole.open()
  whole.publish(log.length)
  while (!whole.isDone) await whole.fold(50)
  return whole
}

function idsOf(log: readonly RawEvent[]): string[] {
  const ids = new Set<string>()
  for (const raw of log)
    for (const { decoded } of decodeMessage(raw)) if ('event' in decoded) ids.add(decoded.event.body.taskId)
  return [...ids]
}

/** The same, without what begins a task under an id that has ended: whoever takes submissions asks the archive before. */
function withoutDoubles(log: readonly RawEvent[]): RawEvent[] {
  const seen = new Set<string>()
  return log.filter((raw) => {
    const [part] = decodeMessage(raw)
    if (!part || !('event' in part.decoded) || part.decoded.event.kind !== 'accepted') return true
    const { taskId } = part.decoded.event.body
    return !seen.has(taskId) && Boolean(seen.add(taskId))
  })
}

const worldArbitrary = fc.record({
  log: batchedLogArbitrary,
  actions: fc.array(actionArbitrary, { minLength: 20, maxLength: 120 }),
  marginMs: fc.constantFrom(20, 1000, 120_000),
})

async function live(world: CheckpointedLog, actions: readonly Action[], log: readonly RawEvent[]) {
  await world.open()
  for (const action of actions) await act(world, action)
  await world.thaw()
  world.publish(log.length)
  while (!world.isDone) {
    await world.fold(40)
    await world.round()
    await world.purge()
  }
  world.store.flush()
  await world.open()
  while (!world.isDone) await world.fold(40)
}

t.test(
  'with checkpoints, purges and flushes at any moment it comes out as all of the log says',
  async (t) => {
    let purged = 0
    let flushed = 0
    await fc.assert(
      fc.asyncProperty(worldArbitrary, async ({ log, actions, marginMs }) => {
        const world = new CheckpointedLog(log, { marginMs, isArchived: false })
        await live(world, actions, log)
        const ids = idsOf(log)
        const [got, wanted] = [await contents(world, ids), await contents(await foldAll(log), ids)]
        assert.deepEqual(settled(got, wanted), wanted)
        assert.deepEqual(await lateTimers(world, got.states), [])
        assert.deepEqual(world.unreadable, [])
        if (world.firstSeq > 1) purged++
        flushed += world.rebuilds.length
      }),
      { numRuns: 100 },
    )
    t.ok(purged > 15 && flushed > 80, `${purged} logs were purged, ${flushed} partitions built anew`)
  },
)

t.test('with an archive, too: what is not there has ended and is archived', async (t) => {
  let missing = 0
  await fc.assert(
    fc.asyncProperty(worldArbitrary, async ({ log: any, actions, marginMs }) => {
      const log = withoutDoubles(any)
      const world = new CheckpointedLog(log, { marginMs, isArchived: true })
      await live(world, actions, log)
      const ids = idsOf(log)
      const [got, wanted] = [await contents(world, ids), await contents(await foldAll(log), ids)]
      for (const [place, state] of wanted.states.entries()) {
        const found = got.states[place]
        if (found !== undefined || state === undefined) assert.deepEqual(found, state)
        else {
          missing++
          assert.ok(isTerminal(state.status) && state.seq <= world.archivedUpTo, `${state.id} is missing`)
        }
      }
      const { states: _got, items: _items, ...counts } = got
      const { states: _wanted, items: _all, ...wantedCounts } = wanted
      assert.deepEqual(counts, wantedCounts)
      assert.deepEqual(await lateTimers(world, got.states), [])
      assert.deepEqual(world.unreadable, [])
    }),
    { numRuns: 100 },
  )
  t.ok(missing > 10, `${missing} tasks were left to the archive`)
})

t.test(
  'while a release before runs nothing is purged, and in a full log no more than up to the last mark',
  async (t) => {
    let passed = 0
    await fc.assert(
      fc.asyncProperty(
        worldArbitrary,
        fc.integer({ min: 0, max: 300 }),
        fc.boolean(),
        async ({ log, actions }, mark, isOlder) => {
          const world = new CheckpointedLog(log, { marginMs: 20, isArchived: false })
          if (isOlder) world.mayPurge = false
          else world.mark = log[0]!.seq + mark
          await live(world, actions, log)
          if (isOlder) assert.equal(world.firstSeq, 1)
          else
            assert.ok(
              world.firstSeq <= Math.max(1, world.mark),
              `${world.firstSeq} lies behind ${world.mark}`,
            )
          if (world.firstSeq > 1) passed++
          const ids = idsOf(log)
          const [got, wanted] = [await contents(world, ids), await contents(await foldAll(log), ids)]
          assert.deepEqual(settled(got, wanted), wanted)
        },
      ),
      { numRuns: 60 },
    )
    t.ok(passed > 1, `${passed} logs were purged`)
  },
)

import fc from 'fast-check'
import t from 'tap'
import { isBehind } from '#platform/requests/cursor.ts'
import { OrderedEntries } from '../../../services/orchestrator/api/ordered-entries.ts'

interface Entry {
  id: string
  createdAtMs: number
}

/** Indexes of partitions, from either end; and how many entries were asked for. */
function storeOf(partitions: readonly (readonly Entry[])[]) {
  let asked = 0
  return {
    asked: () => asked,
    newestTasks: async (
      partition: number,
      {
        untilMs = Number.POSITIVE_INFINITY,
        start,
        count,
      }: { untilMs?: number | undefined; start: number; count: number },
    ) => {
      asked += count
      return partitions[partition]!.filter(({ createdAtMs }) => createdAtMs <= untilMs)
        .toSorted((a, b) => b.createdAtMs - a.createdAtMs || (a.id < b.id ? 1 : -1))
        .slice(start, start + count)
    },
    oldestTasks: async (
      partition: number,
      page: { fromMs: number; untilMs: number; start?: number | undefined; count: number },
    ) => {
      const { fromMs, untilMs, start = 0, count } = page
      asked += count
      return partitions[partition]!.filter(
        (entry) => entry.createdAtMs >= fromMs && entry.createdAtMs <= untilMs,
      )
        .toSorted((a, b) => a.createdAtMs - b.createdAtMs || (a.id < b.id ? -1 : 1))
        .slice(start, start + count)
    },
  }
}

const entries = fc.array(
  fc.uniqueArray(
    fc.record({ id: fc.nat(500).map((n) => `t${n}`), createdAtMs: fc.integer({ min: 10, max: 30 }) }),
    {
      selector: ({ id }) => id,
      maxLength: 60,
    },
  ),
  { minLength: 1, maxLength: 4 },
)

t.test('whatever is taken at once, it is all there is, in the one order', async (t) => {
  await fc.assert(
    fc.asyncProperty(
      entries,
      fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 }),
      fc.option(fc.integer({ min: 10, max: 30 }), { nil: undefined }),
      fc.constantFrom('newest' as const, 'oldest' as const),
      async (given, counts, afterMs, order) => {
        const partitions = given.map((some, partition) =>
          some.map(({ id, ...rest }) => ({ id: `${id}p${partition}`, ...rest })),
        )
        const after = afterMs === undefined ? undefined : { atMs: afterMs, id: 't250' }
        const range =
          order === 'newest'
            ? { order, after, fromMs: 12, untilMs: Math.min(28, after?.atMs ?? 28) }
            : { order, after, fromMs: Math.max(12, after?.atMs ?? 12), untilMs: 28 }
        const listed = new OrderedEntries(
          storeOf(partitions),
          partitions.map((_, index) => index),
          range,
        )
        const wanted = partitions
          .flat()
          .filter(
            ({ id, createdAtMs }) =>
              createdAtMs >= 12 &&
              createdAtMs <= 28 &&
              (!after || isBehind({ atMs: createdAtMs, id }, after, order)),
          )
          .toSorted((a, b) => {
            const newestFirst = b.createdAtMs - a.createdAtMs || (a.id < b.id ? 1 : -1)
            return order === 'newest' ? newestFirst : -newestFirst
          })
          .map(({ id }) => id)
        const taken: string[] = []
        for (let turn = 0; ; turn++) {
          const count = counts[turn % counts.length]!
          const some = await listed.take(count)
          taken.push(...some.map(({ id }) => id))
          if (some.length < count) break
        }
        t.strictSame(taken, wanted)
      },
    ),
    { numRuns: 100 },
  )
})

t.test('indexes are read little further than needed', async (t) => {
  const partitions = Array.from({ length: 4 }, (_, partition) =>
    Array.from({ length: 5000 }, (_, n) => ({ id: `p${partition}n${n}`, createdAtMs: n })),
  )
  for (const order of ['newest', 'oldest'] as const) {
    const store = storeOf(partitions)
    const range = { order, after: undefined, fromMs: 0, untilMs: Number.POSITIVE_INFINITY }
    const listed = new OrderedEntries(store, [0, 1, 2, 3], range)
    const first = (await listed.take(100)).map(({ createdAtMs }) => createdAtMs)
    t.equal(first.length, 100)
    t.equal(first[0], order === 'newest' ? 4999 : 0)
    t.ok(store.asked() <= 400, `${store.asked()} entries were asked for`)
  }
})

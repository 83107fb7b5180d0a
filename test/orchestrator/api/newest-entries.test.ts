import fc from 'fast-check'
import t from 'tap'
import { isBehind } from '#platform/requests/cursor.ts'
import { NewestEntries } from '../../../services/orchestrator/api/newest-entries.ts'

interface Entry {
  id: string
  createdAtMs: number
}

/** Indexes of partitions, each newest first; and how many entries were asked for. */
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
      async (given, counts, afterMs) => {
        const partitions = given.map((some, partition) =>
          some.map(({ id, ...rest }) => ({ id: `${id}p${partition}`, ...rest })),
        )
        const after = afterMs === undefined ? undefined : { atMs: afterMs, id: 't250' }
        const range = { after, fromMs: 12, untilMs: after?.atMs ?? Number.POSITIVE_INFINITY }
        const newest = new NewestEntries(
          storeOf(partitions),
          partitions.map((_, index) => index),
          range,
        )
        const wanted = partitions
          .flat()
          .filter(
            ({ id, createdAtMs }) =>
              createdAtMs >= 12 && (!after || isBehind({ atMs: createdAtMs, id }, after)),
          )
          .toSorted((a, b) => b.createdAtMs - a.createdAtMs || (a.id < b.id ? 1 : -1))
          .map(({ id }) => id)
        const taken: string[] = []
        for (let turn = 0; ; turn++) {
          const count = counts[turn % counts.length]!
          const some = await newest.take(count)
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
  const store = storeOf(partitions)
  const newest = new NewestEntries(store, [0, 1, 2, 3], {
    after: undefined,
    fromMs: 0,
    untilMs: Number.POSITIVE_INFINITY,
  })
  t.equal((await newest.take(100)).length, 100)
  t.ok(store.asked() <= 400, `${store.asked()} entries were asked for`)
})

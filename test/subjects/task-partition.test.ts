import fc from 'fast-check'
import t from 'tap'
import { MESSAGE_IDS, SUBJECTS } from '../../subjects/subjects.ts'
import { bucketOf, inRange, partitionOf, rangeOf, withoutRange } from '../../subjects/task-partition.ts'

const plainId = fc.stringMatching(/^t[A-Za-z0-9_-]{22}$/)
const range = fc.record({ first: fc.integer({ min: 1, max: 9000 }), count: fc.integer({ min: 1, max: 256 }) })

t.test('ids of the first epoch lie where they always did', async (t) => {
  // As the release before epochs has it.
  const known: [string, number, number][] = [
    ['tbt6_bgqMKKrb-1iQ5LQZC8', 16, 0],
    ['tJt1fOm9naT-l84iP5DVxxF', 16, 5],
    ['task-1', 16, 6],
    ['t', 4, 3],
  ]
  for (const [id, partitions, partition] of known) t.equal(partitionOf(id, partitions), partition, id)
  fc.assert(
    fc.property(plainId, fc.integer({ min: 1, max: 256 }), (id, partitions) => {
      return rangeOf(id) === undefined && partitionOf(id, partitions) === bucketOf(id, partitions)
    }),
  )
})

t.test(
  'an id with a range lies in it, whatever the log was made with, and names its submission',
  async () => {
    fc.assert(
      fc.property(plainId, range, fc.integer({ min: 1, max: 256 }), (plain, range, made) => {
        const id = inRange(plain, range)
        const partition = partitionOf(id, made)
        return (
          partition >= range.first &&
          partition < range.first + range.count &&
          withoutRange(id) === plain &&
          inRange(id, undefined) === plain &&
          inRange(inRange(plain, { first: 1, count: 1 }), range) === id &&
          MESSAGE_IDS.accepted(id) === MESSAGE_IDS.accepted(plain) &&
          SUBJECTS.log(partition, 'accepted') === `log.${partition}.accepted`
        )
      }),
    )
  },
)

t.test('ids of a range are spread evenly', async (t) => {
  const counts = new Map<number, number>()
  for (let i = 0; i < 8000; i++) {
    const partition = partitionOf(`t${String(i).padStart(22, 'x')}-16x8`, 4)
    counts.set(partition, (counts.get(partition) ?? 0) + 1)
  }
  t.equal(counts.size, 8)
  t.ok(Math.max(...counts.values()) < 1.3 * Math.min(...counts.values()))
})

t.test('what only looks like a range is none', async (t) => {
  const plain = `t${'a'.repeat(22)}`
  for (const id of [
    `${plain}-4x0`,
    `${plain}-4x08`,
    `${plain}-12345x4`,
    `${plain}-4x8-4x8`,
    `x${plain}-4x8`,
    't-4x8',
    `${plain.slice(0, -4)}-4x8`,
  ])
    t.equal(rangeOf(id), undefined, id)
})

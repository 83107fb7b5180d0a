import fc from 'fast-check'
import t from 'tap'
import { assignPartitions } from '../../../services/orchestrator/partition/assign-partitions.ts'

const upTo = (count: number) => Array.from({ length: count }, (_, partition) => partition)

t.test('partitions: each has one owner, shares differ by one at most', async (t) => {
  const namesArbitrary = fc.uniqueArray(fc.stringMatching(/^[a-z]{1,6}$/), { minLength: 1, maxLength: 12 })
  fc.assert(
    fc.property(namesArbitrary, fc.integer({ min: 1, max: 64 }), (names, partitions) => {
      const members = names.sort()
      const shares = members.map((name) => [...assignPartitions(members, name, upTo(partitions))])
      const owned = shares.flat().sort((a, b) => a - b)
      if (owned.length !== partitions || owned.some((p, i) => p !== i)) return false
      const sizes = shares.map((share) => share.length)
      return Math.max(...sizes) - Math.min(...sizes) <= 1
    }),
  )
  t.strictSame(assignPartitions(['a', 'b'], 'c', upTo(16)), new Set(), 'who is no member has none')
})

t.test('what a member refuses goes to those who do not, and to nobody when all do', async (t) => {
  const refusals = new Map([['a', new Set([0, 1])]])
  const shares = ['a', 'b', 'c'].map((name) => assignPartitions(['a', 'b', 'c'], name, upTo(6), refusals))
  t.strictSame(
    shares.map((share) => [...share]),
    [[3], [0, 1, 4], [2, 5]],
  )
  t.strictSame(assignPartitions(['a'], 'a', upTo(3), refusals), new Set([2]))
})

import t from 'tap'
import { keptGroups } from '../../../../../services/agents/report/analysis/relations/kept-groups.ts'

t.test('groups of enough units, numbered anew', async (t) => {
  const groups = Int32Array.from({ length: 14 }, (_, i) => (i < 6 ? 2 : i < 12 ? 0 : i === 12 ? 1 : -1))
  const kept = keptGroups({ names: ['a', 'b', 'c'], groups }, () => true)!
  t.strictSame(
    [kept.names, kept.sizes],
    [
      ['a', 'c'],
      [6, 6],
    ],
  )
  t.strictSame([...kept.groups], [1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, -1, -1])
  t.equal(
    keptGroups({ names: ['a', 'b', 'c'], groups }, (unit) => unit < 6),
    null,
    'one group is no comparison',
  )
  t.equal(
    keptGroups({ names: ['a', 'b', 'c'], groups }, () => true, 7),
    null,
  )
})

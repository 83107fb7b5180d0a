import t from 'tap'
import {
  clusterUnits,
  relationUnits,
} from '../../../../../services/agents/report/analysis/relations/relation-units.ts'
import { relationTable } from './relation-tables.ts'

t.test('a number with two values asks a question; a code and its name are one factor', async (t) => {
  const units = relationUnits(
    relationTable({
      survived: [0, 1, 1, 0, 1, 0],
      alive: ['no', 'yes', 'yes', 'no', 'yes', 'no'],
      deck: ['A', 'A', 'B', 'B', 'C', 'C'],
      fare: [7, 71, 8, 53, 8, null],
    }),
  )
  t.strictSame(
    units.factors.map(({ name, role }) => [name, role]),
    [
      ['survived', 'binary'],
      ['deck', 'category'],
    ],
  )
  t.strictSame(
    units.measures.map(({ name, order }) => [name, [...order]]),
    [['fare', [0, 2, 4, 3, 1]]],
  )
})

t.test('clusters: means of measures, and only factors that all of their rows agree on', async (t) => {
  const units = relationUnits(
    relationTable({
      v: [1, 3, 10, 20, 5, 6],
      of: ['a', 'a', 'b', 'b', 'a', 'a'],
      by: ['x', 'y', 'x', 'y', 'x', 'y'],
    }),
  )
  const clusterOf = Int32Array.of(0, 0, 1, 1, 2, 2)
  const collapsed = clusterUnits(units, {
    kind: 'clustered',
    by: 'key',
    clusterOf,
    clusterCount: 3,
    comparesWithin: true,
  })
  t.strictSame([...collapsed.measures[0]!.values], [2, 15, 5.5])
  t.strictSame(
    collapsed.factors.map(({ name }) => name),
    ['of'],
  )
})

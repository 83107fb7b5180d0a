import t from 'tap'
import type { Analysis, ColumnFinding, TableStructure } from '#schemas/analysis.ts'
import { dataQualityOf, isSpotless } from '../../../../services/agents/report/synthesis/data-quality.ts'
import { documentEntry, emptyAnalysis } from './analysis-fixtures.ts'

const table: TableStructure = {
  document: 'a.csv',
  table: 'a.csv',
  rows: 60,
  columns: 3,
  kind: 'cross-section',
  timeColumns: [],
  notes: [],
  losses: [],
}
const note: ColumnFinding = {
  document: 'a.csv',
  table: 'a.csv',
  column: 'note',
  kind: 'text',
  rows: 60,
  missing: 30,
}
const quality = (about: Partial<Analysis>) =>
  dataQualityOf({ ...emptyAnalysis, documents: [documentEntry('a.csv')], ...about })

t.test('missing cells of text columns count', async (t) => {
  t.strictSame(quality({ columns: [note] }).missing, [
    { document: 'a.csv', table: 'a.csv', column: 'note', missing: 30, rows: 60, share: 0.5 },
  ])
})

t.test('losses and notes come from files and from tables, each sentence once', async (t) => {
  const documents = [documentEntry('a.csv', { notes: ['odd'], losses: ['Cut.'] })]
  const tables = [
    { ...table, notes: ['odd', 'of the table'], losses: ['Cut.', '5 cells dropped.'] },
    { ...table, table: 'a.csv#lines', losses: ['3 rows skipped.'] },
  ]
  const { losses, notes } = quality({ documents, tables })
  t.strictSame(losses, [
    { document: 'a.csv', loss: 'Cut.' },
    { document: 'a.csv', loss: '5 cells dropped.' },
    { document: 'a.csv', table: 'a.csv#lines', loss: '3 rows skipped.' },
  ])
  t.strictSame(
    notes.map((each) => each.note),
    ['odd', 'of the table'],
  )
})

t.test('a table without rows is said, once', async (t) => {
  const empty = { ...table, rows: 0, kind: 'empty' as const }
  t.strictSame(
    quality({ tables: [empty] }).notes.map((each) => each.note),
    ['The table has 3 columns and no rows.'],
  )
  t.equal(quality({ tables: [{ ...empty, notes: ['There are no data rows.'] }] }).notes.length, 1)
})

t.test('spotless is only what has nothing against it', async (t) => {
  t.ok(isSpotless(quality({ tables: [table] })))
  t.notOk(isSpotless(quality({ columns: [note] })))
  t.notOk(isSpotless(quality({ tables: [{ ...table, losses: ['Cut.'] }] })))
})

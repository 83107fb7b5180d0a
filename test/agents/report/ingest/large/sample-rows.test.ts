import t from 'tap'
import { openQueryEngine } from '../../../../../services/agents/report/ingest/large/query-engine.ts'
import type { RawRelation } from '../../../../../services/agents/report/ingest/large/raw-relation.ts'
import { sampleRows, sampleSize } from '../../../../../services/agents/report/ingest/large/sample-rows.ts'
import { INGEST_LIMITS } from '../../../../../services/agents/report/ingest/limits.ts'
import { freshFolder } from './read-large.ts'

const engine = await openQueryEngine({ folder: freshFolder(), signal: new AbortController().signal })
t.teardown(() => engine.close())

/** Rows 1 … n whose number is the first cell, and a second one. */
function relationOf(rows: number, second = "'x'", more: Partial<RawRelation> = {}): RawRelation {
  return {
    sql: `SELECT CAST(i AS VARCHAR) AS c0, ${second} AS c1 FROM range(1, ${rows + 1}) AS v(i)`,
    columns: [{ name: 'a' }, { name: 'b' }],
    decimal: '.',
    notes: [],
    losses: [],
    beyond: [],
    isRow: 'true',
    isDelimited: false,
    ...more,
  }
}

t.test('wide tables have fewer rows in their sample', async (t) => {
  t.equal(sampleSize(1), INGEST_LIMITS.sampleRows)
  t.equal(sampleSize(50), INGEST_LIMITS.sampleCells / 50)
  t.equal(sampleSize(INGEST_LIMITS.tableColumns), 1_000)
})

t.test('all rows of a short table but blank ones, those that are none and their numbers', async (t) => {
  const { rows, cells, losses } = await sampleRows(
    engine,
    relationOf(5, "CASE WHEN i <> 2 THEN 'x' END", { isRow: "c0 <> '4'" }),
    { estimatedRows: 5 },
  )
  t.same(rows, [1, 2, 3, 5])
  t.same(cells, [
    ['1', '2', '3', '5'],
    ['x', null, 'x', 'x'],
  ])
  t.same(losses, [])
})

t.test('a long table is drawn evenly, the same each time, however low the estimate is', async (t) => {
  const many = 4 * INGEST_LIMITS.sampleRows
  const first = await sampleRows(engine, relationOf(many), { estimatedRows: many })
  t.ok(Math.abs(first.rows.length / INGEST_LIMITS.sampleRows - 1) < 0.05, `${first.rows.length}`)
  t.same(first.cells[0], first.rows.map(String), 'each cell stands in its row')
  const early = first.rows.filter((row) => row <= many / 2).length / first.rows.length
  t.ok(Math.abs(early - 0.5) < 0.02, `${early}`)
  t.same((await sampleRows(engine, relationOf(many), { estimatedRows: many })).rows, first.rows)
  const { rows } = await sampleRows(engine, relationOf(many), { estimatedRows: 10 })
  t.ok(Math.abs(rows.length / INGEST_LIMITS.sampleRows - 1) < 0.05, `${rows.length}`)
})

t.test('lines that were drawn before are the sample, unless they are no rows', async (t) => {
  const draw = (sql: string) => () => Promise.resolve({ sql, numbers: [3, 7] })
  const drawn = { draw: draw("SELECT * FROM (VALUES ('p', 'q'), ('r', 's')) AS v(c0, c1)") }
  const { rows, cells } = await sampleRows(engine, relationOf(9, "'x'", drawn), { estimatedRows: 9 })
  t.same(rows, [3, 7])
  t.same(cells[0], ['p', 'r'])
  const broken = { draw: draw("SELECT * FROM (VALUES ('p', 'q')) AS v(c0, c1)") }
  const other = await sampleRows(engine, relationOf(9, "'x'", broken), { estimatedRows: 9 })
  t.equal(other.rows.length, 9)
})

t.test('a cell that is too long is cut, and that is told', async (t) => {
  const most = INGEST_LIMITS.cellCharacters
  // The last character that is kept would be half of an emoji.
  const second = `CASE WHEN i = 2 THEN 'x' || repeat('😀', ${most / 2}) WHEN i = 3 THEN repeat('x', ${most}) ELSE 'x' END`
  const { cells, losses } = await sampleRows(engine, relationOf(4, second), { estimatedRows: 4 })
  t.same(
    cells[1]!.map((cell) => cell?.length),
    [1, most, most, 1],
  )
  t.ok(cells[1]![1]!.isWellFormed())
  t.same(losses, ['In the sample 1 cell was cut after 100,000 characters.'])
})

t.test('long texts together are cut further, and where even that is too much rows are dropped', async (t) => {
  const relation = relationOf(2_000, "repeat('x', 5000)")
  const cut = await sampleRows(engine, relation, { estimatedRows: 2_000, maxCharacters: 3_000_000 })
  t.equal(cut.rows.length, 2_000)
  t.ok(cut.cells[1]!.every((cell) => cell?.length === INGEST_LIMITS.sampleTextCharacters))
  t.same(cut.losses, ['In the sample 2,000 cells were cut after 1,000 characters.'])
  const fewer = await sampleRows(engine, relation, { estimatedRows: 2_000, maxCharacters: 500_000 })
  t.ok(Math.abs(fewer.rows.length - 500) < 80, `${fewer.rows.length}`)
  t.same(fewer.cells[0], fewer.rows.map(String))
  t.equal(
    fewer.losses.at(-1),
    `The texts are so long that the sample holds ${fewer.rows.length} rows instead of 2,000.`,
  )
  const early = fewer.rows.filter((row) => row <= 1_000).length / fewer.rows.length
  t.ok(Math.abs(early - 0.5) < 0.1, `${early}`)
})

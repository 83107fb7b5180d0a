import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { csvRelation } from '../../../../../services/agents/report/ingest/large/csv-relation.ts'
import { openQueryEngine } from '../../../../../services/agents/report/ingest/large/query-engine.ts'
import { freshFolder } from './read-large.ts'

const folder = freshFolder()
const engine = await openQueryEngine({ folder, signal: new AbortController().signal })
t.teardown(() => engine.close())
let files = 0

async function rowsOf(text: string, quotes = { spanLines: false, isOpen: false }) {
  const path = join(folder, `${files++}.csv`)
  writeFileSync(path, text)
  const relation = csvRelation({ path, head: text, quotes })
  const rows = await engine.rows(`SELECT * FROM (${relation.sql}) WHERE ${relation.isRow}`)
  return { relation, rows: rows.map((row) => row.slice(0, relation.columns.length)), all: rows }
}

t.test('cells are texts as they stand, blank ones NULL', async (t) => {
  const { rows, relation } = await rowsOf('a,b\n01,"x, ""y"""\n,2\n')
  t.same(rows, [
    ['01', 'x, "y"'],
    [null, '2'],
  ])
  t.equal(relation.decimal, '.')
  t.equal((await rowsOf('a;b\n1,5;2\n2,5;3\n')).relation.decimal, ',')
})

t.test('short rows are filled up, cells beyond the last column are kept apart', async (t) => {
  const { all, relation } = await rowsOf('a,b,c\n1,2\n1,2,3,4\n1,2,3\n')
  t.same(relation.beyond, ['c3', 'c4'])
  t.same(all, [
    ['1', '2', null, null, null],
    ['1', '2', '3', '4', null],
    ['1', '2', '3', null, null],
  ])
})

t.test('remarks and the names again are no rows', async (t) => {
  const { rows } = await rowsOf('a,b\n1,2\na,b\n3,4\nSource: the bureau\n')
  t.same(rows, [
    ['1', '2'],
    ['3', '4'],
  ])
})

t.test('cells over several lines, and a quote that never closes', async (t) => {
  const spanning = await rowsOf('a,b\n1,"x\ny"\n2,z\n', { spanLines: true, isOpen: false })
  t.same(spanning.rows, [
    ['1', 'x\ny'],
    ['2', 'z'],
  ])
  const open = await rowsOf('a,b\n1,"x\n2,z\n', { spanLines: false, isOpen: true })
  t.same(open.rows, [
    ['1', '"x'],
    ['2', 'z'],
  ])
  t.same(open.relation.notes, ['A quote is never closed; quotes were read as ordinary characters.'])
})

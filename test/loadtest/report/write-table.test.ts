import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { countRows, tableLines, writeTable } from '../../../loadtest/report/write-table.ts'

const shape = { rows: 500, columns: 24, seed: 7 }

t.test('every row has a cell for each column, and names differ', async (t) => {
  const [header, ...rows] = [...tableLines(shape)].map((line) => line.trimEnd().split(','))
  t.equal(new Set(header).size, 24)
  t.equal(rows.length, 500)
  t.ok(rows.every((row) => row.length === 24))
  t.ok(
    rows.some((row) => row.includes('')),
    'some cells are missing',
  )
})

t.test('the same seed gives the same table, another one another', async (t) => {
  const text = [...tableLines(shape)].join('')
  t.equal([...tableLines(shape)].join(''), text)
  t.not([...tableLines({ ...shape, seed: 8 })].join(''), text)
})

t.test('the file holds these lines, and its rows are counted', async (t) => {
  const path = join(t.testdir(), 'table.csv')
  const bytes = writeTable(path, shape)
  const text = readFileSync(path, 'utf8')
  t.equal(text, [...tableLines(shape)].join(''))
  t.equal(bytes, Buffer.byteLength(text))
  t.equal(await countRows(path), 500)
})

t.test('a last line without its end counts', async (t) => {
  const path = join(t.testdir(), 'short.csv')
  writeFileSync(path, 'a,b\n1,2\n3,4')
  t.equal(await countRows(path), 2)
  writeFileSync(path, '')
  t.equal(await countRows(path), 0)
})

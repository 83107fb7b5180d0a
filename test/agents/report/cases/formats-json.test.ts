import { readFileSync } from 'node:fs'
import t from 'tap'
import { parseJsonFile } from '../../../../services/agents/report/ingest/data/json/parse-json-file.ts'

const read = (name: string) =>
  parseJsonFile(readFileSync(new URL(`./inputs/${name}`, import.meta.url)), { name })

t.test('bigint_json.json: identifiers beyond 2^53 stay apart', async (t) => {
  const { tables, notes } = read('bigint_json.json')
  const [tweet] = tables[0]!.columns
  t.equal(new Set(tweet!.values).size, 30)
  t.equal(tweet!.values[0], '1234567890123456789')
  t.match(notes, [/^30 whole numbers are too large.*digit for digit/])
})

t.test('nan.json: what JSON does not know is missing, with a note', async (t) => {
  const { tables, notes } = read('nan.json')
  t.match(tables, [
    { rows: 3, columns: [{ values: [1, 2, 3] }, { kind: 'number', values: [null, 3.5, null] }] },
  ])
  t.match(notes, [/^2 values are NaN or Infinity/])
})

t.test('pandas_columns.json: rows and columns, not one row', async (t) => {
  const { tables } = read('pandas_columns.json')
  t.match(tables, [
    {
      rows: 28,
      columns: [
        { name: 'date', kind: 'temporal' },
        { name: 'v', kind: 'number' },
      ],
    },
  ])
  t.equal(tables[0]!.columns.length, 2)
})

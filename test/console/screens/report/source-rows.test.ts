import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import {
  columnAt,
  locateTable,
  parseDelimited,
  rowsToShow,
} from '../../../../services/console/screens/report/source-rows.ts'

const SALES = { table: 'sales.csv', columns: ['month', 'amount'], rows: 3 }

t.test('a row of a finding is a line of the file', async (t) => {
  const text = 'Sales of the year\n\nmonth;amount\r\nJan;"1\n2"\r\n\r\nFeb;3\nMar;4'
  const { table } = locateTable(text, SALES)
  t.equal(table?.place, 'line')
  t.strictSame(table?.columns, ['month', 'amount'])
  t.strictSame(
    table?.rows.map(({ line, cells }) => [line, cells[1]]),
    [
      [4, '1\n2'],
      [7, '3'],
      [8, '4'],
    ],
  )
  t.equal(columnAt(table!, 'Amount '), 1)
  t.equal(columnAt(table!, undefined), -1)
})

t.test('where rows were left out on reading nobody guesses', async (t) => {
  t.match(locateTable('month,amount\nJan,1\ntotal,1', SALES), { why: /has 2 rows and the report counts 3/ })
  t.match(locateTable('a,b\n1,2', SALES), { why: /names of its columns/ })
})

t.test('entries of JSON, of a list in it, and one a line', async (t) => {
  const entries = [{ month: 'Jan', amount: 1 }, { month: 'Feb' }, { month: 'Mar', amount: { eur: 3 } }]
  const text = JSON.stringify(entries)
  for (const [source, table] of [
    [text, 'a.json'],
    [`{"orders": ${text}, "n": 1}`, 'a.json#orders'],
    [`{"orders": ${text}}`, 'a.json'],
    [entries.map((entry) => JSON.stringify(entry)).join('\n'), 'a.ndjson'],
  ] as const) {
    const found = locateTable(source, { ...SALES, table }).table
    t.equal(found?.place, 'entry', table)
    t.strictSame(
      found?.rows.map(({ line, cells }) => [line, ...cells]),
      [
        [1, 'Jan', '1'],
        [2, 'Feb', ''],
        [3, 'Mar', '{"eur":3}'],
      ],
    )
  }
})

t.test('what is quoted comes back as it was', async () => {
  const cell = fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', 'é'), minLength: 1 })
  const record = fc
    .array(cell, { minLength: 1, maxLength: 4 })
    .filter((cells) => cells.join('').trim() !== '')
  fc.assert(
    fc.property(fc.array(record, { minLength: 1 }), (records) => {
      const text = records.map((cells) => cells.map((each) => `"${each.replaceAll('"', '""')}"`).join(','))
      const parsed = parseDelimited(text.join('\n'), ',')
      assert.deepEqual(
        parsed.map(({ cells }) => cells),
        records,
      )
      let line = 1
      for (const [at, { line: begins }] of parsed.entries()) {
        assert.equal(begins, line)
        line += text[at]!.split('\n').length
      }
    }),
  )
})

t.test('rows are shown with their neighbours, and gaps between', async (t) => {
  t.strictSame(rowsToShow([5], 20), [undefined, 2, 3, 4, 5, 6, 7, 8, undefined])
  t.strictSame(rowsToShow([1], 3), [1, 2, 3])
  t.strictSame(rowsToShow([], 2), [1, 2])
  t.strictSame(rowsToShow([1, 12], 12), [1, 2, 3, 4, undefined, 9, 10, 11, 12])
})

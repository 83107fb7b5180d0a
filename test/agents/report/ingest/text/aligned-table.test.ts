import { readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import t from 'tap'
import { alignedTable } from '../../../../../services/agents/report/ingest/text/aligned-table.ts'
import { readText } from '../../../../../services/agents/report/ingest/text/read-text.ts'
import { tablesInText } from '../../../../../services/agents/report/ingest/text/text-tables.ts'

const textsIn = (folder: string) => {
  const url = new URL(`./${folder}/`, import.meta.url)
  return readdirSync(url)
    .filter((name) => name.endsWith('.txt'))
    .map((name) => ({ name, bytes: readFileSync(new URL(name, url)) }))
}
const rowsOf = (text: string) =>
  tablesInText(text).map(({ csv }) => csv.split('\n').map((line) => line.split('\t')))

/** Of each text: names, number of rows and last row of its table. */
const TABLES: Record<string, unknown> = JSON.parse(
  readFileSync(new URL('./aligned-tables/expected.json', import.meta.url), 'utf8'),
)

t.test('columns of programs, statistics packages and people', async (t) => {
  const texts = textsIn('aligned-tables')
  t.ok(texts.length >= 20)
  for (const { name, bytes } of texts) {
    const [rows = [], ...others] = rowsOf(bytes.toString())
    const [names, ...body] = rows
    t.same(others, [], name)
    t.same({ names, rows: body.length, last: body.at(-1) }, TABLES[name], name)
  }
})

t.test(
  'what is no table: prose, verse, code, logs, settings, recipes, addresses, letters, lists',
  async (t) => {
    const texts = textsIn('no-tables')
    t.ok(texts.length >= 40)
    for (const { name, bytes } of texts) t.same(rowsOf(bytes.toString()), [], name)
  },
)

t.test('that columns were found by position is said, and how many lines did not fit', async (t) => {
  const rows = Array.from(
    { length: 60 },
    (_, i) => `${String(i).padEnd(5)}${'Ann Lee'.padEnd(12)}${String(i * 3).padStart(5)}`,
  )
  const text = ['ID   NAME        SCORE', ...rows]
  text[30] = '29   A name that is too long 87'
  const read = readText(Buffer.from(text.join('\n')), { name: 'a.txt', markdown: false })
  t.match(read, {
    kind: 'data',
    tables: [{ rows: 60, columns: [{ name: 'ID' }, { name: 'NAME' }, { name: 'SCORE' }] }],
  })
  t.match(read.notes, [/laid out/, /found by position; 1 of 61 lines did not fit/])
})

t.test('any aligned table of words and numbers with blank cells comes back', async () => {
  const word = fc.stringMatching(/^[a-z]{2,7}(?: [a-z]{2,5})?$/)
  const number = fc.double({ min: 10, max: 9999, noNaN: true }).map((value) => value.toFixed(1))
  const row = fc.tuple(word, number, fc.option(number, { freq: 5, nil: '' }), word)
  fc.assert(
    fc.property(fc.array(row, { minLength: 6, maxLength: 30 }), (body) => {
      if (body.filter((cells) => cells[2] === '').length * 2 > body.length) return true
      const rows = [['name', 'first', 'second', 'group'], ...body]
      const width = (i: number) => Math.max(...rows.map((cells) => cells[i]!.length))
      const lines = rows.map(
        ([a, b, c, d]) => `${a!.padEnd(width(0))}  ${b!.padStart(width(1))}  ${c!.padStart(width(2))}  ${d}`,
      )
      return JSON.stringify(alignedTable(lines)?.rows) === JSON.stringify(rows)
    }),
    { numRuns: 300, seed: 13 },
  )
})

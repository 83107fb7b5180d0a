import { readFileSync } from 'node:fs'
import t from 'tap'
import type { Table } from '#schemas/document.ts'
import { readSpreadsheet } from '../../../../../../services/agents/report/ingest/data/spreadsheet/read-spreadsheet.ts'
import { readXlsx } from '../../../../../../services/agents/report/ingest/data/spreadsheet/read-xlsx.ts'
import { zipOf } from '../../archive/zip-of.ts'

const signal = new AbortController().signal
const fixture = (name: string) => readFileSync(new URL(`../../../cases/inputs/${name}`, import.meta.url))
const read = (bytes: Uint8Array, format: 'xlsx' | 'ods' = 'xlsx') =>
  readSpreadsheet(bytes, { name: 'book', format, signal })
const column = (table: Table, name: string) => table.columns.find((each) => each.name === name)!

/** A workbook with one sheet of this XML inside of `worksheet`. */
function workbookOf(sheet: string, parts: Record<string, string | Buffer> = {}): Buffer {
  const relation = (id: string, type: string, target: string) =>
    `<Relationship Id="${id}" Type="http://x/relationships/${type}" Target="${target}"/>`
  return zipOf({
    '[Content_Types].xml': '<Types/>',
    'xl/workbook.xml': '<workbook><sheets><sheet name="One" sheetId="1" r:id="r1"/></sheets></workbook>',
    'xl/_rels/workbook.xml.rels': `<Relationships>${relation('r1', 'worksheet', 'worksheets/s.xml')}${relation('r2', 'sharedStrings', 'strings.xml')}</Relationships>`,
    'xl/worksheets/s.xml': `<?xml version="1.0"?><worksheet>${sheet}</worksheet>`,
    ...parts,
  })
}

const text = (value: string) => `<c t="inlineStr"><is><t>${value}</t></is></c>`
const number = (value: number) => `<c><v>${value}</v></c>`
const rowsOf = (...rows: string[]) =>
  `<sheetData>${rows.map((row) => `<row>${row}</row>`).join('')}</sheetData>`

t.test(
  'a workbook of openpyxl: titles, merged cells, dates, per cent, currency, hidden and empty sheets',
  async (t) => {
    const { tables, notes } = await read(fixture('workbook.xlsx'))
    t.strictSame(
      tables.map(({ name }) => name),
      ['book#Sales', 'book#Hidden', 'book#Text'],
    )
    const [sales, hidden, words] = tables as [Table, Table, Table]
    t.strictSame(column(sales, 'Region').values, ['North', 'North', 'North', 'South', 'South', 'South'])
    t.match(column(sales, 'Date'), { kind: 'temporal', values: { 0: Date.UTC(2024, 0, 1) } })
    t.match(column(sales, 'At'), { kind: 'temporal', values: { 0: Date.UTC(2024, 0, 1, 6, 30) } })
    t.match(column(sales, 'Share').values, [7, 8, 9])
    t.match(column(sales, 'Price').values, [12.5, 13.5])
    t.match(column(sales, 'Ok').kind, 'boolean')
    t.match(sales.losses, [/^6 formulas have no stored value/])
    t.match(sales.notes[0], /^2 merged cells count for each row/)
    t.match(hidden.notes, [/hidden in the workbook/])
    t.match(column(hidden, 'code').values[1], '0010')
    t.match(column(words, 'name').values, ['Doe, 0', 'Doe, 1'])
    t.match(column(words, 'note').values[0], 'say "hi" there')
    t.match(notes, [/"Empty" is empty/])
  },
)

t.test('an OpenDocument spreadsheet', async (t) => {
  const { tables } = await read(fixture('sheet.ods'), 'ods')
  t.match(tables, [
    {
      name: 'book',
      rows: 5,
      columns: [{ name: 'date', kind: 'temporal' }, { values: [1.5, 2, 3, 4, 5] }, { name: 'g' }],
    },
  ])
})

t.test('errors of formulas, shared strings, positions and rows that are hidden', async (t) => {
  const strings = '<sst><si><t>a</t></si><si><r><t>b</t></r><r><t> c</t></r><rPh><t>no</t></rPh></si></sst>'
  const sheet = `<sheetData><row r="3"><c r="B3" t="s"><v>0</v></c><c r="C3" t="s"><v>1</v></c></row>
    <row r="5" hidden="1"><c r="B5"><v>1.5</v></c><c r="C5" t="e"><f>1/0</f><v>#N/A</v></c></row>
    <row r="6"><c r="B6"><v>2</v></c><c r="C6" t="str"><f>x</f><v>y&amp;z</v></c></row></sheetData>`
  const { tables } = await read(workbookOf(sheet, { 'xl/strings.xml': strings }))
  t.match(tables, [
    {
      rows: 2,
      columns: [
        { name: 'a', values: [1.5, 2] },
        { name: 'b c', values: [null, 'y&z'] },
      ],
    },
  ])
  t.match(tables[0]!.notes, [/^1 row is hidden/, /^1 cell holds an error/])
})

t.test('charts and pictures are a loss', async (t) => {
  const sheet = rowsOf(text('a') + text('b'), number(1) + number(2), number(3) + number(4))
  const { losses } = await read(workbookOf(sheet, { 'xl/charts/chart1.xml': '', 'xl/media/i.png': '' }))
  t.strictSame(losses, ['1 chart and 1 picture of the workbook were not read.'])
})

t.test('hostile workbooks', async (t) => {
  await t.rejects(read(fixture('workbook.xlsx').subarray(0, 3000)), { code: 'BROKEN_FILE' })
  const empty = zipOf({ '[Content_Types].xml': '', 'xl/x': '' })
  await t.rejects(read(empty), { code: 'BROKEN_FILE', message: /no "xl\/workbook.xml"/ })
  const laughs = `<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>${rowsOf(text('name') + text('v'), text('&b;') + number(1), text('x') + number(2))}`
  t.match(await read(workbookOf(laughs)), { tables: [{ columns: [{ values: ['&b;', 'x'] }, {}] }] })
  const far = '<sheetData><row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
  t.match(await read(workbookOf(far)), { tables: [], notes: [/empty/] })
  const unclosed = `<sheetData><row>${'<c>'.repeat(10_000)}`
  t.match(await read(workbookOf(unclosed)), { tables: [] })
})

t.test('a part that unpacks beyond the limit is stopped', async (t) => {
  const strings = Buffer.alloc(20_000_000, '<si><t>aaaaaaaaaaaaaaaaaaaa</t></si>')
  const bomb = workbookOf(rowsOf(number(1)), { 'xl/strings.xml': strings })
  t.ok(bomb.length < 100_000)
  await t.rejects(readXlsx(bomb, { partBytes: 1024 * 1024 }), {
    code: 'LIMIT_EXCEEDED',
    message: /strings\.xml" in the archive unpacks to more than 1 MiB/,
  })
})

t.test('an aborted step ends the thread', async (t) => {
  const caller = new AbortController()
  const reading = readSpreadsheet(fixture('workbook.xlsx'), {
    name: 'a',
    format: 'xlsx',
    signal: caller.signal,
  })
  caller.abort(new Error('cancelled'))
  await t.rejects(reading, { message: 'cancelled' })
})

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { Table } from '#schemas/document.ts'
import { readLargeWorkbook } from '../../../../../services/agents/report/ingest/large/read-large-workbook.ts'
import { readDocument } from '../../../../../services/agents/report/ingest/read-document.ts'
import { readLocalFile } from '../../../../../services/agents/report/ingest/read-file.ts'
import { sheetData, workbookOf } from '../data/spreadsheet/workbook-of.ts'
import { differences } from './differences.ts'
import { freshFolder } from './read-large.ts'

const context = {
  signal: new AbortController().signal,
  progress: () => undefined,
  blobs: { put: () => Promise.reject(new Error('nothing is stored')) },
  findTools: () => Promise.resolve(undefined),
}

function fileOf(bytes: Uint8Array) {
  const folder = freshFolder()
  mkdirSync(join(folder, 'in'), { recursive: true })
  const path = join(folder, 'in', 'a.xlsx')
  writeFileSync(path, bytes)
  return { name: 'a.xlsx', path, folder: join(folder, 'in'), size: bytes.length }
}

const small = (bytes: Uint8Array) => readDocument({ name: 'a.xlsx', bytes }, context)
const first = 'xl/worksheets/s0.xml'
const ROWS = 2_000
const STRINGS = [
  'id',
  'day',
  'share',
  'ok',
  'region',
  'note',
  'result',
  'North',
  'South &amp; West',
  '_x0041_bc',
]
const COLUMNS = ['A', 'B', 'C', 'D', 'E', 'F', 'G']
const header = COLUMNS.map((column, i) => `<c r="${column}~" t="s"><v>${i}</v></c>`)

/** A row with all that a cell can be. */
const rowOf = (i: number) => [
  `<c r="A~"><v>${i + 1}</v></c>`,
  `<c r="B~" s="1"><v>${44_000 + (i % 900)}</v></c>`,
  `<c r="C~" s="2"><v>${(i % 97) / 100}</v></c>`,
  `<c r="D~" t="b"><v>${i % 3 === 0 ? 1 : 0}</v></c>`,
  `<c r="E~" t="s"><v>${7 + (i % 2)}</v></c>`,
  i % 7 === 3
    ? `<c r="F~" t="inlineStr"><is><r><t>a\tb "c"\n</t></r><r><t xml:space="preserve"> ${i % 5}</t></r></is></c>`
    : "<c r='F~' t='s'><v>9</v></c>",
  i % 50 === 9
    ? '<c r="G~" t="e"><f>1/0</f><v>#DIV/0!</v></c>'
    : i % 50 === 10
      ? '<c r="G~"><f>A~*2</f></c>'
      : `<c r="G~"><f>A~*2</f><v>${(i * 7.25).toFixed(2)}</v></c>`,
]
const rows = (count = ROWS) => Array.from({ length: count }, (_, i) => rowOf(i))
const book = (sheet: string, is1904 = false) =>
  workbookOf({ sheets: { One: sheet }, strings: STRINGS, formats: [0, 14, 9], is1904 })

const told = ({ notes, losses = [] }: Table) => [
  ...notes.filter((note) => /hidden|merged|error/.test(note)),
  ...losses.filter((loss) => /formula/.test(loss)),
]

/** What a sheet gives in memory, and as one that is too large for it. */
async function bothWays(bytes: Uint8Array): Promise<{ held: Table; large: Table }> {
  const [held] = (await small(bytes)).tables!
  const { tables } = await readLargeWorkbook(fileOf(bytes), [first], { ...context, heldRows: 100 })
  return { held: held!, large: tables[0]! }
}

t.test('a sheet is read by SQL as it is in memory', async (t) => {
  const hidden = (text: string) => text.replaceAll(/<row (r="\d*7")/g, '<row hidden="1" $1')
  const title = ['<c r="A~" t="inlineStr"><is><t>Sales of the year</t></is></c>']
  const blankLeft = (cells: string[]) =>
    cells.map((cell) =>
      cell.replace(/r=(.)([A-G])/, (_, q, c) => `r=${q}${String.fromCharCode(c.charCodeAt(0) + 2)}`),
    )
  const books: [name: string, bytes: Buffer][] = [
    ['all kinds of cells', book(sheetData([header, ...rows()]))],
    ['days from 1904', book(sheetData([header, ...rows()]), true)],
    ['hidden rows', book(hidden(sheetData([header, ...rows()])))],
    [
      'a title, and blank rows',
      book(
        sheetData([
          title,
          undefined,
          header,
          ...rows().flatMap((row, i) => (i === 900 ? [undefined, row] : [row])),
        ]),
      ),
    ],
    ['blank columns on the left', book(sheetData([header, ...rows()].map(blankLeft)))],
    [
      'prefixes, comments and references',
      book(
        sheetData([header, ...rows()])
          .replaceAll(/<(\/?)(row|c|v)\b/g, '<$1x:$2')
          .replace('<sheetData>', '<!-- <c> --><sheetData>'),
      ),
    ],
  ]
  for (const [name, bytes] of books) {
    const { held, large } = await bothWays(bytes)
    t.same(differences(held, large), [], name)
    t.same(told(large), told(held), name)
    t.equal(large.whole!.rows, ROWS, name)
  }
})

t.test('merged cells hold for each row that they span', async (t) => {
  const merged = rows().map((row, i) => (i % 4 === 0 ? row : row.filter((_, column) => column !== 4)))
  // Five rows of it have no cells of their own.
  const gap = merged.flatMap((row, i) =>
    i === 1000 ? [...Array.from({ length: 3 }, () => undefined), row] : [row],
  )
  const ranges = Array.from({ length: ROWS / 4 }, (_, i) => {
    const top = 2 + 4 * i + (i >= 250 ? 3 : 0)
    return `<mergeCell ref="E${top}:E${top + (i === 249 ? 6 : 3)}"/>`
  })
  const names = '<mergeCell ref="A1:B1"/>'
  const sheet = `${sheetData([header, ...gap])}<mergeCells>${names}${ranges.join('')}</mergeCells>`
  const { held, large } = await bothWays(book(sheet))
  t.same(differences(held, large), [])
  t.same(told(large), told(held))
  t.match(told(large), [/^500 merged cells count for each row/])
  const region = large.whole!.columns.findIndex((_, i) => large.columns[i]!.name === 'region')
  t.equal(large.whole!.columns[region]!.missing, 0)
})

t.test('each sheet by what it needs, in one workbook', async (t) => {
  const bytes = workbookOf({
    sheets: { Large: sheetData([header, ...rows()]), Small: sheetData([header, ...rows(20)]), Blank: '' },
    strings: STRINGS,
    formats: [0, 14, 9],
  })
  const file = fileOf(bytes)
  const { tables, notes } = await readLargeWorkbook(file, [first], { ...context, heldRows: 100 })
  t.match(tables, [
    { name: 'a.xlsx#Large', whole: { rows: ROWS } },
    { name: 'a.xlsx#Small', rows: 20, whole: undefined },
  ])
  t.match(notes, [/"Blank" is empty/])
  // Rows that only have a format make no sheet a large one.
  const alone = await readLargeWorkbook(fileOf(bytes), [first], context)
  t.match(alone.tables[0], { name: 'a.xlsx#Large', rows: ROWS, whole: undefined })
})

t.test('cells that are left of all others, or between them, late', async (t) => {
  const late = [...rows(2_100).map((row) => row.filter((_, i) => i !== 1)), ['<c r="B~"><v>7</v></c>']]
  const { large } = await bothWays(book(sheetData([header.filter((_, i) => i !== 1), ...late])))
  t.match(large.losses, [
    /1 cell stands in columns that are blank in the first 2000 rows and was left out, the first in row 2102/,
  ])
})

t.test('more rows than are held: all count, from the file itself', async (t) => {
  const count = 200_500
  const body = Array.from(
    { length: count },
    (_, i) => `<row><c><v>${(i * 7_919) % count}</v></c><c><v>${i % 5}.5</v></c></row>`,
  )
  const names = '<row><c t="inlineStr"><is><t>x</t></is></c><c t="inlineStr"><is><t>y</t></is></c></row>'
  const { tables, losses } = await readLocalFile(
    fileOf(book(`<sheetData>${names}${body.join('')}</sheetData>`)),
    context,
  )
  t.equal(losses, undefined)
  t.match(tables, [{ name: 'a.xlsx', whole: { rows: count } }])
  t.match(tables![0]!.whole!.columns[0]!.numeric, { min: 0, max: count - 1, mean: (count - 1) / 2 })
  t.equal(tables![0]!.losses, undefined)
})

t.test(
  'hostile: tags without end, rows beyond what a sheet has, a hundred megabytes of nothing',
  async (t) => {
    const read = (sheet: string) =>
      readLargeWorkbook(fileOf(book(sheet)), [first], { ...context, heldRows: 50 })
    await t.rejects(read(`<sheetData><row><c r="${'A'.repeat(3_000_000)}`), { code: 'BROKEN_FILE' })
    const beyond = sheetData([header, ...rows(150)]).replace('<row r="100">', '<row r="1048577">')
    const { tables } = await read(beyond)
    t.match(tables[0]!.losses, [/^Only the first 99 rows of the sheet were read/])
    const empty = book(`<sheetData>${'<row></row>'.repeat(10_000_000)}`)
    t.ok(empty.length < 500_000)
    t.match(await readLocalFile(fileOf(empty), context), { tables: [], notes: [/empty/] })
  },
)

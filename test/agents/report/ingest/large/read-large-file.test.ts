import { readdirSync, readFileSync } from 'node:fs'
import t from 'tap'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import type { LargeFamily } from '../../../../../services/agents/report/ingest/large/read-large-file.ts'
import { differences } from './differences.ts'
import { readLarge, readSmall } from './read-large.ts'

const inputs = new URL('../../cases/inputs/', import.meta.url)
const FAMILIES: Record<string, LargeFamily> = {
  csv: 'csv',
  ndjson: 'ndjson',
  json: 'json',
  parquet: 'parquet',
}
/** Tables of pandas by columns, and maps: records are what is read by SQL. */
const OTHERWISE = new Set(['nan.json', 'pandas_columns.json', 'types.parquet'])

/** Cases that are read at a time: an engine waits for files and threads more than it works. */
const AT_A_TIME = 4

async function inFlight<T>(cases: readonly T[], test: (one: T) => Promise<unknown>): Promise<void> {
  const open = [...cases]
  const lane = async () => {
    for (let one = open.shift(); one !== undefined; one = open.shift()) await test(one)
  }
  await Promise.all(Array.from({ length: AT_A_TIME }, lane))
}

async function compare(content: string | Uint8Array, family: LargeFamily): Promise<string[]> {
  const [small, large] = await Promise.all([readSmall(content, family), readLarge(content, family)])
  return differences(small.tables![0]!, large.tables[0]!)
}

t.test('every case is read by SQL as it is in memory', async (t) => {
  let compared = 0
  await inFlight(readdirSync(inputs), async (name) => {
    const family = FAMILIES[name.slice(name.lastIndexOf('.') + 1)]
    if (!family || OTHERWISE.has(name)) return
    const bytes = readFileSync(new URL(name, inputs))
    const small = await readSmall(bytes, family).catch(() => undefined)
    if (small?.tables?.length !== 1) return
    const large = await readLarge(bytes, family)
    t.same(differences(small.tables[0]!, large.tables[0]!), [], name)
    compared++
  })
  t.ok(compared >= 35, `${compared} files`)
})

const ROWS = 2_000

/** Rows with a counter and a number from a generator with a seed. */
function csvOf(header: string, row: (i: number, random: () => number) => string, end = '\n'): string {
  let state = 7
  const random = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
  return [header, ...Array.from({ length: ROWS }, (_, i) => row(i, random)), ''].join(end)
}

t.test('values', async (t) => {
  const iso = (i: number) => new Date(1.6e12 + i * 3_600_000).toISOString()
  const text = csvOf(
    'late,marks,temp,amount,price,share,weight,day,zoned,flag,id,cc',
    (i, random) =>
      `${i === 1_990 ? 'oops' : random().toFixed(3)},${i % 50 === 49 ? 'none' : random().toFixed(2)},${i % 40 === 0 ? -999 : (random() * 9).toFixed(1)},"${Math.floor(random() * 1e7).toLocaleString('en-US')}",$${(random() * 100).toFixed(2)},${(random() * 100).toFixed(1)}%,${(random() * 9).toFixed(2)} kg,${iso(i * 24).slice(0, 10)},${iso(i).slice(0, 19)}+02:00,${random() < 0.5 ? 'yes' : 'no'},${9_007_199_254_740_993n + BigInt(i)},${['NA', 'DE', 'FR', 'US'][i % 4]}`,
  )
  t.same(await compare(text, 'csv'), [])
})

t.test('marks in front of and behind numbers that SQL could take for its own', async (t) => {
  t.same(
    await compare(
      csvOf('x|y', (i, random) => `$${(random() * 1e4).toFixed(2)}|${i} $/h`),
      'csv',
    ),
    [],
  )
})

t.test('forms of files', async (t) => {
  const files: [name: string, text: string | Uint8Array][] = [
    ['ragged', csvOf('a,b,c', (i) => (i % 100 === 5 ? `${i},2` : i % 100 === 7 ? `${i},2,3,4` : `${i},1,w`))],
    ['lines in cells', csvOf('a,b', (i) => `${i},"x ""${i % 5}"",\ny"`)],
    ['a line in one late cell', csvOf('a,b', (i) => `${i},${i === 1_900 ? '"x,\ny"' : `w${i % 5}`}`)],
    ['a quote that never closes', csvOf('a,b', (i) => `${i},${i === 1_500 ? '"x' : `w${i % 5}`}`)],
    ['backslashes', csvOf('a,b', (i) => `${i},"he said \\"hi\\", ${i % 5}"`)],
    ['line ends of Windows', csvOf('a,b', (i) => `${i},"x\r\n${i % 5}"`, '\r\n')],
    ['line ends of old Macs', csvOf('a,b', (i) => `${i},w${i % 5}`, '\r')],
    ['a mark in front', `\ufeff${csvOf('a,b', (i) => `${i},w${i % 5}`)}`],
    ['UTF-16', Buffer.from(`\ufeff${csvOf('a,b', (i) => `${i},é${i % 5}`)}`, 'utf16le')],
    [
      'another encoding, late',
      Buffer.from(
        csvOf('a,b', (i) => `${i},${i > 1_500 ? 'caf\xe9' : 'tea'}`),
        'latin1',
      ),
    ],
    ['one column with gaps', csvOf('value', (i, random) => (i % 9 === 4 ? '""' : random().toFixed(3)))],
    ['names with SQL', csvOf('"a""; DROP TABLE sample; --",c0,v0,row_number', (i) => `${i},${i % 3},x,2`)],
    ['zero bytes', csvOf('a,b', (i) => `${i % 500 === 3 ? '\0' : i},w${i % 5}`)],
    ['names again', csvOf('a,b', (i) => `${i % 900 === 899 ? 'a,b\n' : ''}${i},w${i % 5}`)],
  ]
  await inFlight(files, async ([name, text]) => t.same(await compare(text, 'csv'), [], name))
})

t.test(
  'words and impossible dates among values, told row by row; values whose squares overflow',
  async (t) => {
    const text = csvOf(
      'x,day,y',
      (i, random) =>
        `${i % 30 === 7 ? 'pending' : random().toFixed(3)},${i % 500 === 9 ? '2021-02-30' : `2021-03-${10 + (i % 9)}`},${random().toFixed(3)}e300`,
    )
    const [small, large] = [await readSmall(text), await readLarge(text)]
    const told = ({ columns }: { columns: { malformed: unknown; malformedCount: number }[] }) =>
      columns.map(({ malformed, malformedCount }) => ({ malformed, malformedCount }))
    t.same(told(large.tables[0]!), told(small.tables![0]!))
    const { mean, stdDev } = large.tables[0]!.whole!.columns[2]!.numeric!
    t.ok(Math.abs(mean / 5e299 - 1) < 0.05, `${mean}`)
    // Of a uniform distribution.
    t.ok(Math.abs(stdDev / (1e300 / Math.sqrt(12)) - 1) < 0.05, `${stdDev}`)
  },
)

t.test('JSON: fields, words and decimals that come late, lines that are no records', async (t) => {
  const records = (more: (i: number) => object) =>
    Array.from({ length: 22_000 }, (_, i) => JSON.stringify({ id: i, x: i % 7, ...(i >= 21_000 && more(i)) }))
  const late = records((i) => ({ late: i % 5, x: 2.5 }))
  t.same(await compare(late.join('\n'), 'ndjson'), [])
  t.same(await compare(`[${late.join(',\n')}]`, 'json'), [])
  t.same(await compare(records(() => ({ x: 'word' })).join('\n'), 'ndjson'), [])
  const lines = records(() => ({})).slice(0, 500)
  lines[100] = '{"id": 15, "x":'
  const { tables } = await readLarge(lines.join('\n'), 'ndjson')
  t.equal(tables[0]!.whole!.rows, 499)
  t.same(tables[0]!.columns[0]!.values.slice(99, 101), [99, 101])
  t.same(tables[0]!.losses, ['1 line is no record and was left out.'])
  const days = lines.slice(0, 50).map((_, i) => JSON.stringify({ day: '01-02-2021', o: { a: i } }))
  const { tables: dated } = await readLarge(days.join('\n'), 'ndjson')
  t.match(dated[0]!.columns, [{ kind: 'category' }, { name: 'o.a', kind: 'number' }])
})

t.test('the same file gives the same, byte for byte', async (t) => {
  const text = csvOf('a,b,t', (i, random) => `${random()},w${i % 7},2021-01-${10 + (i % 9)}`)
  const [first, second] = [await readLarge(text), await readLarge(text)]
  t.equal(JSON.stringify(first.tables), JSON.stringify(second.tables))
})

t.test('nothing but a header, or nothing at all', async (t) => {
  const { tables } = await readLarge('a,b,c\n')
  t.match(tables[0], { rows: 0, whole: { rows: 0 } })
  await t.rejects(readLarge(''), { code: 'BROKEN_FILE' })
})

t.test('who aborts gets the reason, and no fault of the file', async (t) => {
  const abort = new AbortController()
  const reason = new Error('enough')
  const reading = readLarge(
    csvOf('a,b', (i) => `${i},2`),
    'csv',
    {
      signal: abort.signal,
      progress: (share) => {
        if (share > 0.1) abort.abort(reason)
      },
    },
  )
  const fault = await reading.then(
    () => undefined,
    (error: unknown) => error,
  )
  t.equal(fault, reason)
  t.notOk(fault instanceof MurmurError)
})

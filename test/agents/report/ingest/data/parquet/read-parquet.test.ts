import { readFileSync } from 'node:fs'
import t from 'tap'
import { readParquet } from '../../../../../../services/agents/report/ingest/data/parquet/read-parquet.ts'

const signal = new AbortController().signal
/** Written with pyarrow 26: six rows of every type, packed with Zstandard. */
const TYPES = readFileSync(new URL('../../../cases/inputs/types.parquet', import.meta.url))
const read = (bytes: Uint8Array) => readParquet(bytes, { name: 'types.parquet', signal })

t.test('every type', async (t) => {
  const { tables } = await read(TYPES)
  const table = tables[0]!
  const values = Object.fromEntries(table.columns.map(({ name, values: cells }) => [name, cells.slice(0, 2)]))
  t.match(table, { name: 'types.parquet', rows: 6 })
  t.match(values, {
    id: ['1234567890123456789', '1234567890123456790'],
    day: [Date.UTC(2024, 0, 1), Date.UTC(2024, 0, 2)],
    at: [Date.UTC(2024, 0, 1, 12, 30, 0), Date.UTC(2024, 0, 1, 12, 30, 1)],
    ns: [Date.UTC(2024, 0, 1), Date.UTC(2024, 0, 2)],
    price: [12.5, 13.5],
    f32: [0, 0.1],
    half: [0, 0.5],
    x: [1.5, null],
    u8: [0, 1],
    ok: [true, false],
    name: ['Köln', 'München'],
    'place.lat': [1, 2],
    'place.tag': ['a', 'a'],
    tags: ['a, b', null],
    lines: ['[{"sku":"a","n":1}]'],
    'map.k': [1, 1],
  })
  t.strictSame(table.losses, ['The column "raw" holds binary data and was left out.'])
  t.match(table.notes.join('\n'), /"wide" holds decimals of up to 38 digits[\s\S]*"place" is nested/)
})

t.test('cut off, damaged, or nothing of it', async (t) => {
  await t.rejects(read(TYPES.subarray(0, 500)), { code: 'BROKEN_FILE', message: /damaged or cut off/ })
  await t.rejects(read(Buffer.from('PAR1PAR1')), { code: 'BROKEN_FILE' })
  const damaged = Buffer.from(TYPES)
  damaged.fill(0xff, 4, 60)
  const { tables } = await read(damaged)
  t.match(tables[0]!.losses?.[0], /^The column "id" could not be read/)
})

import t from 'tap'
import { holdsManyRows } from '../../../../../services/agents/report/ingest/large/many-rows.ts'
import { INGEST_LIMITS } from '../../../../../services/agents/report/ingest/limits.ts'

const LIMIT = INGEST_LIMITS.tableRows

t.test('lines of a text', async (t) => {
  const lines = (count: number) => Buffer.from('1\n'.repeat(count))
  t.equal(await holdsManyRows(lines(LIMIT), 'csv'), false)
  t.equal(await holdsManyRows(lines(LIMIT + 1), 'csv'), true)
  t.equal(await holdsManyRows(lines(LIMIT + 1), 'ndjson'), true)
})

t.test('records of an array, not its lines', async (t) => {
  const records = (count: number) => Buffer.from(`[${'{},'.repeat(count - 1)}{}]`)
  t.equal(await holdsManyRows(records(LIMIT), 'json'), false)
  t.equal(await holdsManyRows(records(LIMIT + 1), 'json'), true)
  t.equal(await holdsManyRows(Buffer.from(`[{}${'\n'.repeat(LIMIT + 1)}]`), 'json'), false)
})

t.test('what is no Parquet file has no rows', async (t) => {
  t.equal(await holdsManyRows(Buffer.from('1\n'.repeat(LIMIT + 1)), 'parquet'), false)
})

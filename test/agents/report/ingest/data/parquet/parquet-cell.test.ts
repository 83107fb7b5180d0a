import t from 'tap'
import { jsonCell } from '../../../../../../services/agents/report/ingest/data/parquet/parquet-cell.ts'

t.test('a time of day is cut off to seconds: the last moment stays in its day', async (t) => {
  t.equal(jsonCell(86_399_999, 'time-ms'), '23:59:59')
  t.equal(jsonCell(86_399_999_999n, 'time-us'), '23:59:59')
  t.equal(jsonCell(86_399_999_999_999n, 'time-ns'), '23:59:59')
  t.equal(jsonCell(0n, 'time-ns'), '00:00:00')
  t.equal(jsonCell(3_600_000_500n, 'time-us'), '01:00:00')
})

t.test('a point in time keeps its day and its milliseconds', async (t) => {
  t.equal(jsonCell(new Date('2024-02-29T23:59:59.999Z')), '2024-02-29T23:59:59.999Z')
  t.equal(jsonCell(new Date('1969-12-31T23:59:59.500Z')), '1969-12-31T23:59:59.500Z')
  t.equal(jsonCell(new Date('2024-02-29'), 'date'), '2024-02-29')
})

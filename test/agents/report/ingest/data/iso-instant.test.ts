import t from 'tap'
import { isoInstant } from '../../../../../services/agents/report/ingest/data/iso-instant.ts'

t.test('days and times in the two usual layouts', async (t) => {
  t.strictSame(isoInstant('2024-02-29'), { ms: Date.UTC(2024, 1, 29), granularity: 'day' })
  const at = { ms: Date.UTC(1999, 11, 31, 23, 59, 58), granularity: 'time' }
  for (const cell of ['1999-12-31T23:59:58', '1999-12-31 23:59:58']) t.strictSame(isoInstant(cell), at, cell)
  t.strictSame(isoInstant('1999-12-31T23:59:58Z'), { ...at, zoneMs: 0 })
})

t.test('what does not exist, or is written otherwise, is left to others', async (t) => {
  for (const cell of [
    '2023-02-29',
    '1900-02-29',
    '2024-04-31',
    '2024-00-10',
    '2024-13-10',
    '0999-01-01',
    '2024/02/29',
    '2024-2-29 ',
    '24-02-2900',
    '2024-02-29 24:00:00',
    '2024-02-29 10:60:00',
    '2024-02-29x10:30:00',
    '2024-02-29 10:30:00z',
    '2024-02-29 10.30.00',
    '',
  ])
    t.equal(isoInstant(cell), undefined, cell)
})

t.test('centuries: 2000 was a leap year', async (t) => {
  t.equal(isoInstant('2000-02-29')?.ms, Date.UTC(2000, 1, 29))
})

import t from 'tap'
import {
  readFiscalYear,
  readHalfYear,
  readQuarter,
  readWeek,
} from '../../../../../services/agents/report/ingest/data/period-cell.ts'

const day = (instant: { ms: number } | undefined) =>
  instant && new Date(instant.ms).toISOString().slice(0, 10)

t.test('quarters and half-years', async (t) => {
  for (const cell of [
    '2021-Q3',
    'Q3 2021',
    "Q3'21",
    '3Q21',
    'Q3 FY21',
    '3. Quartal 2021',
    '3rd quarter 2021',
    'T3 2021',
  ])
    t.equal(day(readQuarter(cell)), '2021-07-01', cell)
  for (const cell of ['2021H2', 'H2 2021', '2H21', '2021-S2', '2. Halbjahr 2021'])
    t.equal(day(readHalfYear(cell)), '2021-07-01', cell)
  t.equal(readQuarter('Q5 2021'), undefined)
  t.equal(readHalfYear('H3 2021'), undefined)
})

t.test('weeks of ISO 8601 and fiscal years', async (t) => {
  for (const cell of ['2021-W04', '2021W04', 'W04 2021', 'KW 4/2021', '2021 week 4'])
    t.equal(day(readWeek(cell)), '2021-01-25', cell)
  t.equal(day(readWeek('2021-W04-3')), '2021-01-27')
  t.equal(day(readWeek('2020-W53')), '2020-12-28')
  t.equal(readWeek('2021-W53'), undefined, 'the year has 52')
  for (const cell of ['FY2021', 'FY21', '2021/22', '2021-2022', 'FY 2021/22', 'FY21-22'])
    t.equal(day(readFiscalYear(cell)), '2021-01-01', cell)
  t.equal(readFiscalYear('2021/25'), undefined)
})

import t from 'tap'
import { numericTimeOf } from '../../../../../services/agents/report/ingest/data/numeric-time.ts'

const day = (year: number, month: number, date: number) => Date.UTC(year, month - 1, date)

t.test('numbers that tell the time', async (t) => {
  const compact = numericTimeOf('d', [20_240_101, 20_240_229, 20_231_231])!
  t.equal(compact.toMs(20_240_229), day(2024, 2, 29))
  t.equal(compact.granularity, 'day')
  const seconds = numericTimeOf('timestamp', [1_609_459_200, 1_612_051_200, 1_614_643_200])!
  t.match(
    { ms: seconds.toMs(1_609_459_200), seconds },
    { ms: day(2021, 1, 1), seconds: { granularity: 'day' } },
  )
  const ms = numericTimeOf('createdAt', [1_609_459_200_123, 1_612_051_200_000, 1_614_643_200_000])!
  t.match(ms, { name: 'Unix milliseconds', granularity: 'time' })
  t.match(numericTimeOf('period', [202_101, 202_102, 202_103]), { name: 'yyyymm', granularity: 'month' })
  const stamped = numericTimeOf('timestamp', [20_210_131_103_000, 20_210_201_000_000, 20_210_301_235_959])!
  t.equal(stamped.toMs(20_210_131_103_000), Date.UTC(2021, 0, 31, 10, 30))
  const slips = numericTimeOf('date', [20_210_231, ...Array.from({ length: 20 }, (_, i) => 20_210_101 + i)])!
  t.match(slips, { name: 'yyyymmdd' })
  t.ok(Number.isNaN(slips.toMs(20_210_231)), 'a day that does not exist is none')
  t.match(numericTimeOf('date', [44_197, 44_197, 44_198]), { granularity: 'day' }, 'a panel repeats its days')
  const serial = numericTimeOf('Date', [44_197, 44_198, 44_199])!
  t.equal(serial.toMs(44_197), day(2021, 1, 1))
})

t.test('numbers that do not', async (t) => {
  t.equal(numericTimeOf('id', [20_241_301, 20_240_101, 20_240_102]), undefined, 'there is no month 13')
  t.equal(numericTimeOf('revenue', [1_609_459_200, 1_612_051_200, 1_614_643_200]), undefined)
  t.equal(numericTimeOf('room', [202_101, 202_102, 202_103]), undefined)
  t.equal(numericTimeOf('price', [44_197, 44_198, 44_199]), undefined)
  t.equal(numericTimeOf('at', [44_197, 44_197, 44_197, 44_198]), undefined, 'days differ')
  t.equal(numericTimeOf('date', [20_240_101]), undefined, 'one proves nothing')
})

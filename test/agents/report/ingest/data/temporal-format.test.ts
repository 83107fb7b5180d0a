import t from 'tap'
import { temporalFormatOf } from '../../../../../services/agents/report/ingest/data/temporal-format.ts'

const name = (...cells: string[]) => temporalFormatOf(cells).format?.name

t.test('years of two digits stand where the dates lie close together', async (t) => {
  const days = [25, 26, 27, 28, 29, 30, 31]
  t.equal(name(...days.map((day) => `21-01-${day}`)), 'YY-MM-DD')
  t.equal(name(...days.map((day) => `${day}-01-21`)), 'DD-MM-YYYY')
  t.equal(name(...days.map((day) => `${day}.01.21`)), 'DD.MM.YY')
  t.equal(name('98-12-31', '99-01-01'), 'YY-MM-DD')
})

t.test('seasons are no months, and days that may be months give none', async (t) => {
  t.equal(name('2009-10', '2010-11', '2011-12'), 'fiscal year')
  t.equal(name('2009-10', '2009-11', '2009-12'), 'ISO 8601')
  t.strictSame(temporalFormatOf(['01/02/2021', '03/04/2021']), { ambiguous: true })
  t.equal(name('05/05/2024', '06/06/2024'), 'MM/DD/YYYY')
})

import t from 'tap'
import { numberFormat } from '../../../services/platform/statistics/number-format.ts'

t.test('numbers are as by a formatter of their own, which is made once', async (t) => {
  for (const options of [
    { maximumFractionDigits: 0 },
    { maximumSignificantDigits: 4 },
    { notation: 'compact', maximumSignificantDigits: 4 },
    { minimumFractionDigits: 2, maximumFractionDigits: 2, useGrouping: false },
  ] as const) {
    for (const value of [0, -1.5, 12_345.678, 1e9])
      t.equal(numberFormat(options).format(value), new Intl.NumberFormat('en', options).format(value))
    t.equal(numberFormat({ ...options }), numberFormat(options))
  }
})

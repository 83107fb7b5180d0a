import t from 'tap'
import { decimalSignOfTexts } from '../../../../../services/agents/report/ingest/data/decimal-sign.ts'

t.test('the sign of decimals, with units and bounds beside the numbers', async (t) => {
  t.equal(decimalSignOfTexts(['1,5', '2']), ',')
  t.equal(decimalSignOfTexts(['<0,05 mg/L', '3,50 zł']), ',')
  t.equal(decimalSignOfTexts(['1.5 kg']), '.')
  t.equal(decimalSignOfTexts(['512', '1.204', '12.530']), ',')
  t.equal(decimalSignOfTexts(['1,234', '2,345']), null)
})

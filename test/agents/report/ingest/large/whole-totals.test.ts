import t from 'tap'
import { withoutWholeTotals } from '../../../../../services/agents/report/ingest/large/whole-totals.ts'
import { openTypedInput } from './typed-input.ts'

const { engine, typed } = await openTypedInput()
t.teardown(() => engine.close())
const shops = Array.from({ length: 100 }, (_, i) => `shop ${i % 7}`)
const sales = Array.from({ length: 100 }, (_, i) => `${i + 1}`)

async function totalsIn(label: string, value: string) {
  const { file } = await typed({ shop: shops, sales }, { shop: [label], sales: [value] })
  const { file: rest, totals } = await withoutWholeTotals(engine, file)
  const [[sum] = []] = await engine.rows(`SELECT sum(v1) FROM ${rest.from([1])}`)
  return { totals, rows: rest.rows, sum }
}

t.test('a row that sums up the others is left out', async (t) => {
  t.same(await totalsIn('Total', '5050'), { totals: ['Total'], rows: 100, sum: 5050 })
  t.same(await totalsIn('Average', '50.5'), { totals: ['Average'], rows: 100, sum: 5050 })
})

t.test('a row that is only called so stays, and one that has the sum by chance', async (t) => {
  t.same(await totalsIn('Total', '300'), { totals: [], rows: 101, sum: 5350 })
  t.same(await totalsIn('shop 3', '5050'), { totals: [], rows: 101, sum: 10_100 })
})

import t from 'tap'
import { wholeRules } from '../../../../../services/agents/report/ingest/large/whole-rules.ts'
import { openTypedInput } from './typed-input.ts'

const { engine, typed } = await openTypedInput()
t.teardown(() => engine.close())
const hundred = (cell: (i: number) => string) => Array.from({ length: 100 }, (_, i) => cell(i))

t.test('who breaks a rule that follows from names', async (t) => {
  const { file, table } = await typed({
    low: hundred((i) => (i === 6 || i === 40 ? '500' : `${i}`)),
    high: hundred((i) => (i === 7 ? '' : `${i + 5}`)),
    humidity: hundred((i) => (i === 9 ? '140' : `${i}.5`)),
  })
  t.same(await wholeRules(engine, file, table.columns), [
    {
      rule: 'low ≤ high',
      columns: ['low', 'high'],
      fault: 'low is above high',
      checked: 99,
      violations: 2,
      rows: [7, 41],
    },
    {
      rule: '0 ≤ humidity ≤ 100',
      columns: ['humidity'],
      fault: 'humidity is outside 0 to 100',
      checked: 100,
      violations: 1,
      rows: [10],
    },
  ])
})

t.test('rules that all rows keep are not told, and names without one have none', async (t) => {
  const kept = await typed({ low: hundred(String), high: hundred((i) => `${i + 1}`) })
  t.same(await wholeRules(engine, kept.file, kept.table.columns), [])
  const other = await typed({ x: hundred(String), y: hundred((i) => `${100 - i}`) })
  t.same(await wholeRules(engine, other.file, other.table.columns), [])
})

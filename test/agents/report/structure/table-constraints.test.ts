import t from 'tap'
import type { Analysis } from '#schemas/analysis.ts'
import type { Column } from '#schemas/document.ts'
import { analyseDocuments } from '../../../../services/agents/report/analysis/analyse-documents.ts'
import { normalNumbers } from '../analysis/normal-numbers.ts'
import { column, dataDocument } from '../analysis/sample-documents.ts'

const ROWS = 120
const cents = (value: number) => Math.round(100 * value) / 100
const around = (seed: number, mean: number, sd: number) =>
  [...normalNumbers(ROWS, seed)].map((value) => cents(mean + sd * value))
const number = (name: string, values: Column['values']) => column(name, 'number', values)
const changed = (values: readonly number[], at: Record<number, number>) =>
  values.map((value, i) => at[i] ?? value)

function analyse(...columns: Column[]): Analysis {
  const work = analyseDocuments([dataDocument('a.csv', columns)])
  let step = work.next()
  while (!step.done) step = work.next()
  return step.value
}
const rulesOf = (analysis: Analysis) =>
  (analysis.constraints ?? []).map(({ rule, checked, violations, rows }) => ({
    rule,
    checked,
    violations,
    rows,
  }))

const low = around(1, 50, 5)
const open = low.map((value, i) => cents(value + 1 + (i % 5) / 10))
const high = open.map((value, i) => cents(value + 1 + (i % 3) / 10))

t.test('low ≤ open ≤ high: the rows that break it lead the report', async (t) => {
  const analysis = analyse(
    number('Open', open),
    number('High', changed(high, { 40: 20, 99: 21 })),
    number('Low', low),
  )
  t.same(
    rulesOf(analysis).sort((a, b) => a.rule.localeCompare(b.rule)),
    [
      { rule: 'Low ≤ High', checked: ROWS, violations: 2, rows: [41, 100] },
      { rule: 'Open ≤ High', checked: ROWS, violations: 2, rows: [41, 100] },
    ],
  )
  const told = analysis.insights.filter(({ kind }) => kind === 'constraint')
  t.equal(told.length, 1, 'the same rows, told once')
  t.match(told[0]?.statement, /In 2 of 120 rows of a.csv .*Low is above High.*\(rows 41 and 100\)/)
  t.ok(told[0]!.strength > 0.9)
})

t.test('a rule that all rows keep is no news, and one that many break is none', async (t) => {
  t.same(rulesOf(analyse(number('Open', open), number('High', high), number('Low', low))), [])
  t.same(rulesOf(analyse(number('High', low), number('Low', around(2, 50, 5)))), [])
})

t.test('parts and total, price and quantity', async (t) => {
  const a = around(3, 40, 8)
  const b = around(4, 30, 8)
  const total = a.map((value, i) => cents(value + b[i]!))
  t.same(rulesOf(analyse(number('a', a), number('b', b), number('total', changed(total, { 7: 1 })))), [
    { rule: 'a + b = total', checked: ROWS, violations: 1, rows: [8] },
  ])
  const units = [...normalNumbers(ROWS, 5)].map((value) => Math.round(50 + 9 * value))
  const revenue = units.map((value, i) => cents(value * a[i]!))
  const sales = [
    number('units', units),
    number('price', a),
    number('revenue', changed(revenue, { 0: 5, 9: 7 })),
  ]
  t.same(rulesOf(analyse(...sales)), [
    { rule: 'units × price = revenue', checked: ROWS, violations: 2, rows: [1, 10] },
  ])
})

t.test('what rounding explains breaks nothing', async (t) => {
  const a = [...normalNumbers(ROWS, 6)].map((value) => 40 + 8 * value)
  const b = [...normalNumbers(ROWS, 7)].map((value) => 30 + 8 * value)
  const total = a.map((value, i) => Number((value + b[i]!).toFixed(1)))
  const tenths = (values: readonly number[]) => values.map((value) => Number(value.toFixed(1)))
  const analysis = analyse(number('a', tenths(a)), number('b', tenths(b)), number('total', total))
  t.match(analysis.columns[2]?.derivedFrom, { how: 'sum' })
  t.same(rulesOf(analysis), [])
})

t.test('start and end', async (t) => {
  const start = low.map((_, i) => Date.UTC(2024, 0, 1 + i))
  const end = start.map((ms, i) => ms + (i === 60 ? -1 : (i % 7) + 1) * 86_400_000)
  const dates = [
    column('start_date', 'temporal', start),
    column('end_date', 'temporal', end),
    number('x', low),
  ]
  t.same(rulesOf(analyse(...dates)), [
    { rule: 'start_date ≤ end_date', checked: ROWS, violations: 1, rows: [61] },
  ])
})

t.test('shares of a whole, whole per cent rounded', async (t) => {
  const a = [...normalNumbers(ROWS, 8)].map((value) => Math.round(33.4 + 5 * value))
  const b = [...normalNumbers(ROWS, 9)].map((value) => Math.round(33.4 + 5 * value))
  const c = a.map((value, i) => 100 - value - b[i]! + (i % 3) - 1)
  const shares = [number('share_a', a), number('share_b', b)]
  t.same(rulesOf(analyse(...shares, number('share_c', c))), [])
  t.same(rulesOf(analyse(...shares, number('share_c', changed(c, { 3: 90 })))), [
    { rule: 'share_a + share_b + share_c = 100', checked: ROWS, violations: 1, rows: [4] },
  ])
})

t.test('what cannot be', async (t) => {
  const ages = [...normalNumbers(ROWS, 10)].map((value) => Math.round(45 + 12 * value))
  t.same(rulesOf(analyse(number('age', changed(ages, { 5: -3, 6: 1999 })))), [
    { rule: '0 ≤ age ≤ 125', checked: ROWS, violations: 2, rows: [6, 7] },
  ])
  t.same(rulesOf(analyse(number('age change', changed(ages, { 5: -3 })))), [])
})

t.test('columns of chance keep no rules', async (t) => {
  const names = ['a', 'b', 'c', 'start', 'end', 'total', 'min', 'mean', 'x', 'share']
  t.same(rulesOf(analyse(...names.map((name, i) => number(name, around(20 + i, 50, 10))))), [])
})

import t from 'tap'
import { sentinelsOf } from '../../../../../services/agents/report/ingest/data/sentinel-values.ts'

const many = (n: number, value: (i: number) => number) => Array.from({ length: n }, (_, i) => value(i))

t.test('nines far from all other values', async (t) => {
  t.strictSame(sentinelsOf('t', [12, -999, 13, 11, -999, 12, 14]), [{ value: -999, count: 2 }])
  t.strictSame(sentinelsOf('t', [1, 2, 3, 4, 5, 9999, 9999, 9999, null]), [{ value: 9999, count: 3 }])
  t.strictSame(
    sentinelsOf('income', [...many(50, (i) => i * 2_000), -999, -999]),
    [{ value: -999, count: 2 }],
    'below zero where nothing else is',
  )
  t.strictSame(
    sentinelsOf('t', [...many(50, (i) => i), -999, -999, -888, -888]).map(({ value }) => value),
    [-999, -888],
    'one does not hide another',
  )
  t.strictSame(sentinelsOf('age', [...many(90, (i) => 18 + (i % 50)), 99, 99, 99]), [{ value: 99, count: 3 }])
})

t.test('what only looks like one', async (t) => {
  t.strictSame(sentinelsOf('t', [12, -999, 13, 11, 12, 14]), [], 'once is an outlier')
  t.strictSame(sentinelsOf('p', [995, 999, 999, 990, 100, 500, 700]), [], 'a price among prices')
  t.strictSame(sentinelsOf('price', [...many(90, (i) => 5 + i), 999, 999, 999]), [], 'prices end in nines')
  t.strictSame(sentinelsOf('t', [12, -5, 13, 11, -5, 12]), [])
  t.strictSame(sentinelsOf('t', [-999, -999]), [], 'nothing to be far from')
  t.strictSame(sentinelsOf('age', [...many(90, (i) => 60 + (i % 39)), 99, 99, 99]), [], 'people do get old')
  t.strictSame(sentinelsOf('profit', [...many(50, (i) => i * 400 - 9_000), -999, -999]), [])
})

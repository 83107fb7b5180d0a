import t from 'tap'
import { makeReport } from './make-report.ts'

const csv = (head: string, rows: readonly (readonly (string | number)[])[]) =>
  `${[head, ...rows.map((row) => row.join(','))].join('\n')}\n`
const many = <T>(count: number, of: (i: number) => T) => Array.from({ length: count }, (_, i) => of(i))
/** Evenly scattered over 0 to 1, the same each time. */
const scatter = (i: number, seed = 1) => {
  const x = Math.sin((i + 1) * 12.9898 * seed + seed * 78.233) * 43758.5453
  return x - Math.floor(x)
}
const report = (name: string, text: string) => makeReport({ name, text })
const said = ({ sentences }: { sentences: string[] }) => sentences.join('\n')

t.test('a category that is called as a count is no total', async (t) => {
  const rows = many(60, (i) => [['N', 'S', 'E', 'W'][i % 4]!, Math.round(90 + 20 * scatter(i))])
  const made = await report('regions.csv', csv('region,output', rows))
  t.notMatch(said(made), /sums up|sum up/)
  t.equal(made.documents[0]?.tables?.[0]?.rows, 60)
})

t.test('totals of parts that say first what they are of', async (t) => {
  const rows = ['North', 'South', 'West'].flatMap((part, k) => {
    const costs = many(6, (i) => Math.round(50 + 40 * scatter(i, k + 2)))
    return [
      ...costs.map((cost, i) => [part, `item ${i}`, cost]),
      [`${part} total`, '', costs.reduce((a, b) => a + b)],
    ]
  })
  const made = await report('costs.csv', csv('department,item,cost', rows))
  t.match(said(made), /3 rows \("North total" …\) sum up others/)
  t.equal(made.documents[0]?.tables?.[0]?.rows, 18)
})

t.test('parts called shop and phone make a total, and a row that breaks it is told', async (t) => {
  const rows = many(40, (i) => {
    const [a, b, c] = [480, 760, 80].map((x, k) => Math.round(x * (0.6 + 0.8 * scatter(i, k + 3))))
    return [`b${i}`, a!, b!, c!, a! + b! + c! + (i === 13 ? 250 : 0)]
  })
  const made = await report('branches.csv', csv('branch,online,shop,phone,total', rows))
  t.match(made.headline, /online \+ shop \+ phone is not total \(row 14\)/)
})

t.test('the body mass index goes with the weight by definition', async (t) => {
  const rows = many(80, (i) => {
    const height = Number((150 + 40 * scatter(i)).toFixed(1))
    const weight = Number((50 + 50 * scatter(i, 5)).toFixed(1))
    return [height, weight, (weight / (height / 100) ** 2).toFixed(1)]
  })
  const made = await report('people.csv', csv('height_cm,weight_kg,bmi', rows))
  t.notMatch(said(made), /bmi is higher|where bmi is/)
})

t.test('prices of a bar, and means between extremes, go together by nature', async (t) => {
  const rows = many(60, (i) => {
    const mean = 12 + 8 * scatter(i)
    return [
      new Date(Date.UTC(2023, 3, 1 + i)).toISOString().slice(0, 10),
      ...[i === 20 ? 3 : -4, 0, 4].map((d, k) => (mean + d * (1 + 0.5 * scatter(i, k + 3))).toFixed(1)),
    ]
  })
  const made = await report('weather.csv', csv('date,temp_min,temp_mean,temp_max', rows))
  t.match(made.headline, /temp_min is above temp_mean/)
  t.notMatch(made.report.summary.map(({ text }) => text).join('\n'), /temp mean and|and temp mean/i)
})

t.test('what turns round within a third column by little is told as gone', async (t) => {
  const rows = many(800, (i) => {
    const hospital = i % 2 ? 'A' : 'B'
    const severity = scatter(i, 2) < (hospital === 'A' ? 0.8 : 0.2) ? 'severe' : 'mild'
    const risk = severity === 'severe' ? (hospital === 'A' ? 0.3 : 0.36) : hospital === 'A' ? 0.03 : 0.06
    return [hospital, severity, scatter(i, 7) < risk ? 1 : 0]
  })
  const made = await report('hospitals.csv', csv('hospital,severity,died', rows))
  t.match(said(made), /hospital A, but .*hospital B; within groups of the same severity, however/)
})

t.test('of two shares of buyers a small difference is a large one', async (t) => {
  const rows = many(2000, (i) => [10_000 + i, i % 2 ? 'A' : 'B', (i >> 1) % 100 < (i % 2 ? 9 : 15) ? 1 : 0])
  const made = await report('visitors.csv', csv('user_id,variant,converted', rows))
  t.match(made.headline, /Converted is 1 in 15 % .* variant B, but in 9 % .* A/)
})

t.test('three years of months show their season', async (t) => {
  const rows = many(36, (i) => [
    `${2021 + Math.floor(i / 12)}-${String((i % 12) + 1).padStart(2, '0')}`,
    Math.round(500 + 120 * Math.sin((2 * Math.PI * i) / 12) + 40 * (scatter(i) - 0.5)),
  ])
  t.match((await report('sales.csv', csv('month,sales', rows))).headline, /pattern by month of the year/)
})

t.test('where nothing was found no course is made of noise, and a loss is said once', async (t) => {
  const day = (i: number) => new Date(Date.UTC(2023, 0, 1 + i)).toISOString().slice(0, 10)
  const rows = many(60, (i) => [
    day(i),
    Math.round(100 + 30 * (scatter(i) - 0.5)),
    ...(i === 7 ? ['more'] : []),
  ])
  const made = await report('noise.csv', csv('date,visits', rows))
  t.notMatch(said(made), /went from/)
  t.equal(made.report.summary.filter(({ text }) => /1 row has more cells/.test(text)).length, 1)
  t.match(made.headline, /Not all was read/)
})

t.test('two rows are too few to find anything in, and to say that there is nothing', async (t) => {
  const made = await report('two.csv', 'a,b\n1,2\n3,4\n')
  t.match(made.headline, /2 rows only: too few/)
  t.notMatch(said(made), /beyond chance/)
})

t.test('a share of a whole below nothing breaks a rule', async (t) => {
  const rows = many(30, (i) => {
    const a = i === 5 ? 60 : Math.round(20 + 20 * scatter(i))
    const b = i === 5 ? 41 : Math.round(30 + 20 * scatter(i, 4))
    return [`d${i}`, a, b, 100 - a - b]
  })
  const made = await report('votes.csv', csv('district,party_a_pct,party_b_pct,other_pct', rows))
  t.match(made.headline, /other_pct is below 0 \(row 6\)/)
})

t.test('headings that name their group over each column', async (t) => {
  const rows = many(10, (i) => [`r${i}`, 100 + i, 5000 + 7 * i, 120 - i, 6000 + 11 * i])
  const made = await report(
    'years.csv',
    `,2021,2021,2022,2022\n${csv('Region,Units,Revenue,Units,Revenue', rows)}`,
  )
  t.strictSame(
    made.documents[0]?.tables?.[0]?.columns.map(({ name }) => name),
    ['Region', 'Units 2021', 'Revenue 2021', 'Units 2022', 'Revenue 2022'],
  )
})

t.test('a column of amounts makes a long table, whatever it is called', async (t) => {
  const rows = many(60, (i) => i).flatMap((i) => {
    const date = new Date(Date.UTC(2023, 0, 1 + i)).toISOString().slice(0, 10)
    return [
      [date, 'temperature', (10 + 4 * scatter(i)).toFixed(1)],
      [date, 'humidity', Math.round(60 + 20 * scatter(i, 3))],
    ]
  })
  const made = await report('station.csv', csv('date,sensor,value', rows))
  t.match(said(made), /read as 2 columns: "(humidity|temperature)"/)
  t.notMatch(said(made), /two groups/)
})

t.test('a price in euros is what a table of flats is about', async (t) => {
  const rows = many(80, (i) => {
    const size = Math.round(30 + 90 * scatter(i))
    return [
      size,
      Math.max(1, Math.round(size / 25 + scatter(i, 3) - 0.5)),
      Math.round(3000 * size + 60_000 * (scatter(i, 5) - 0.5)),
    ]
  })
  const made = await report('flats.csv', csv('size_m2,rooms,price_eur', rows))
  t.match(made.headline, /^Price is higher where size/)
})

t.test('cells that are empty in one group only', async (t) => {
  const rows = many(90, (i) => {
    const clinic = ['A', 'B', 'C'][i % 3]!
    return [
      clinic,
      Math.round(110 + 30 * scatter(i)),
      clinic === 'C' && i % 5 > 0 ? '' : Math.round(170 + 60 * scatter(i, 3)),
    ]
  })
  const made = await report('clinics.csv', csv('clinic,bp,chol', rows))
  t.match(made.headline, /chol .* is empty in 80 % of the 30 rows with clinic C, but in 0 % of the others/)
})

t.test('three prices are no tail, and a hundred zeros are told as such', async (t) => {
  const prices = many(60, (i) => [`k${i}`, [9.99, 19.99, 49.99][i % 3]!])
  t.notMatch(said(await report('plans.csv', csv('key,fee', prices))), /but values reach/)
  const counts = many(120, (i) => [`c${i}`, scatter(i) < 0.8 ? 0 : 1 + Math.floor(3 * scatter(i, 3))])
  t.match(
    said(await report('care.csv', csv('customer,complaints', counts))),
    /at least half of the values .*are 0/,
  )
})

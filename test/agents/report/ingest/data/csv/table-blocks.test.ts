import t from 'tap'
import { tableBlocks } from '../../../../../../services/agents/report/ingest/data/csv/table-blocks.ts'

const grid = (text: string) => text.split('\n').map((line) => line.split(','))
const blocks = (text: string) =>
  tableBlocks(grid(text))?.map(({ title, rows, above, below }) => ({
    title,
    first: rows[0]!.join(),
    rows: rows.length,
    above: above.length,
    below: below.length,
  }))

t.test('blank rows part tables that name their columns', async (t) => {
  const [cities, rain] = ['city,pop,area\nA,100,5\nB,200,6', 'year,rain\n2020,5.5\n2021,6.5']
  const none = { title: undefined, above: 0, below: 0 }
  t.strictSame(blocks(`${cities}\n,,\n${rain}`), [
    { ...none, first: 'city,pop,area', rows: 3 },
    { ...none, first: 'year,rain', rows: 3 },
  ])
  t.match(blocks(`Cities\n${cities}\n\nRain by year\n\n${rain}`), [
    { title: 'Cities' },
    { title: 'Rain by year' },
  ])
  t.match(blocks(`${cities}\n\n${rain}\n\nSource: me`), [{ rows: 3 }, { rows: 4 }])
})

t.test('rows that go on, facts above and signatures below are no tables', async (t) => {
  t.equal(blocks('k,v\na,1\nb,2\n\nc,3\nd,4'), undefined)
  t.equal(blocks('k,v\na,1\nb,2\n\nk,v\nc,3\nd,4'), undefined, 'the same names again')
  const items = Array.from({ length: 6 }, (_, i) => `i${i},${i},${i}.5`).join('\n')
  t.match(blocks(`Name,Anna\nDept,Sales\nDate,2024-01-05\n\nitem,qty,price\n${items}\n\nApproved by,Bob`), [
    { first: 'item,qty,price', rows: 7, above: 3, below: 1 },
  ])
})

t.test('a blank column parts tables that stand side by side', async (t) => {
  const rows = ['c0,0,,2010,5.5', 'c1,100,,2011,6.5', 'c2,200,,2012,7', ',,,2013,8']
  t.match(blocks(['city,pop,,year,rain', ...rows].join('\n')), [
    { first: 'city,pop', rows: 4 },
    { first: 'year,rain', rows: 5 },
  ])
  const spaced = ['city,pop,,area,density', ...rows.slice(0, 3)].join('\n')
  t.equal(blocks(spaced), undefined, 'the same rows on both sides')
})

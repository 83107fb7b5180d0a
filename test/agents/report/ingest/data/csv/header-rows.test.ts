import t from 'tap'
import {
  hasHeader,
  splitHeader,
} from '../../../../../../services/agents/report/ingest/data/csv/header-rows.ts'

const rows = (text: string) => text.split('\n').map((line) => line.split(','))

t.test('names in two rows, units below them, facts above them', async (t) => {
  const merged = splitHeader(rows(',2022,,2023,\nregion,units,price,units,price\nR0,92,9,47,7\nR1,84,3,92,2'))
  t.strictSame(merged.header, ['region', 'units 2022', 'price 2022', 'units 2023', 'price 2023'])
  t.equal(merged.body.length, 2)
  const units = splitHeader(rows('time,temp\ns,degC\n0,20.9\n1,20.1\n2,19.4'))
  t.match(units, { header: ['time', 'temp'], units: ['s', '°C'], body: { length: 3 } })
  const facts = splitHeader(
    rows('Station,Hill,\nMade,today,\nDate,Rain,Temp\n2024-01-01,5,6\n2024-01-02,5,6'),
  )
  t.match(facts, { header: ['Date', 'Rain', 'Temp'], above: { length: 2 }, body: { length: 2 } })
})

t.test('what only looks like it', async (t) => {
  const words = splitHeader(rows('name,city\nAnn,Rome\nBob,Oslo\nCid,Bern'))
  t.match(words, { header: ['name', 'city'], units: [], body: { length: 3 } })
  const sparse = splitHeader(rows('a,b,c\n1,,\n2,,3\n4,5,6'))
  t.match(sparse, { header: ['a', 'b', 'c'], above: { length: 0 }, body: { length: 3 } })
  const missing = splitHeader(rows('a,b\nNA,n\n1,2\n2,3\n3,4'))
  t.equal(missing.body.length, 4, 'a row of missing values states no units')
})

t.test('a preamble of the width of the table, and rows of values that lack some', async (t) => {
  const preamble = splitHeader(
    rows('Station,Hill\nElevation,120\nDate,Rain\n2024-01-01,1.5\n2024-01-02,2\n2024-01-03,0'),
  )
  t.match(preamble, { header: ['Date', 'Rain'], above: { length: 2 }, body: { length: 3 } })
  const words = splitHeader(
    rows(
      'Station,Hill,North\nOwner,Me,You\nDate,Rain,Temp\n2024-01-01,1.5,1\n2024-01-02,2,1\n2024-01-03,0,1',
    ),
  )
  t.match(words, { header: ['Date', 'Rain', 'Temp'], above: { length: 2 } })
  const lacking = splitHeader(rows('k,v\na0,.\na1,1.5\na2,2.5\na3,3'))
  t.match(lacking, { header: ['k', 'v'], above: { length: 0 }, body: { length: 4 } })
  const code = splitHeader(rows('k,v\na0,n/m\na1,1.5\na2,2.5\na3,3'))
  t.match(code, { header: ['k', 'v'], above: { length: 0 }, body: { length: 4 } })
})

t.test('words over words: names, unless they come again below or are built like what is below', async (t) => {
  t.match(splitHeader(rows('red,small\nblue,large\nred,large\nblue,small')), {
    header: [],
    body: { length: 4 },
  })
  t.match(splitHeader(rows('A1,x1\nA2,x2\nA3,x3\nA4,x4')), { header: [], body: { length: 4 } })
  t.match(splitHeader(rows('code,name\nA2,x2\nA3,x3\nA4,x4')), { header: ['code', 'name'] })
})

t.test('a header is words, or words and years in order over other values', async (t) => {
  const yes = [
    [
      ['name', 'size'],
      ['a', '1'],
    ],
    [
      ['', 'size', 'weight'],
      ['0', '1', '2'],
    ],
    [
      ['land', '2019', '2020'],
      ['A', '1.5', '2.5'],
    ],
    [
      ['a', '', ''],
      ['1', '2', '3'],
    ],
    [
      ['', 'v'],
      ['0', '1.5'],
    ],
    [
      ['site', 'NA', 'K'],
      ['a', '1', '2'],
    ],
    [
      ['region', '2021-01', '2021-02'],
      ['A', '1', '2'],
    ],
  ]
  const no = [
    [],
    [
      ['1', '2'],
      ['3', '4'],
    ],
    [
      ['name', '5'],
      ['a', '1'],
    ],
    [
      ['a', 'a', 'a', 'a'],
      ['1', '2', '3', '4'],
    ],
    [
      ['land', '2019', '2021', '2020'],
      ['A', '1.5', '2.5', '3.5'],
    ],
    [
      ['from', '2019', '2020'],
      ['A', '2021', '2022'],
    ],
    [
      ['2024-01-01', 'x'],
      ['2024-01-02', 'y'],
    ],
    [
      ['x'.repeat(501), 'b'],
      ['1', '2'],
    ],
  ]
  for (const rows of yes) t.equal(hasHeader(rows), true, JSON.stringify(rows))
  for (const rows of no) t.equal(hasHeader(rows), false, JSON.stringify(rows).slice(0, 60))
})

import t from 'tap'
import { splitHeader } from '../../../../../../services/agents/report/ingest/data/csv/header-rows.ts'

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
  t.match(facts, { header: ['Date', 'Rain', 'Temp'], skipped: 2, body: { length: 2 } })
})

t.test('what only looks like it', async (t) => {
  const words = splitHeader(rows('name,city\nAnn,Rome\nBob,Oslo\nCid,Bern'))
  t.match(words, { header: ['name', 'city'], units: [], body: { length: 3 } })
  const sparse = splitHeader(rows('a,b,c\n1,,\n2,,3\n4,5,6'))
  t.match(sparse, { header: ['a', 'b', 'c'], skipped: 0, body: { length: 3 } })
  const missing = splitHeader(rows('a,b\nNA,n\n1,2\n2,3\n3,4'))
  t.equal(missing.body.length, 4, 'a row of missing values states no units')
})

import t from 'tap'
import { parseCsvTables } from '../../../../../../services/agents/report/ingest/data/csv/parse-csv-tables.ts'

const tables = (text: string) => parseCsvTables(text, { name: 'a.csv' }).tables

t.test('several tables in one file, named by their titles', async (t) => {
  const two =
    'Cities\ncity;pop;area\nA;100;5,5\nB;200;6,5\nC;150;7\n\nRain\nyear;rain\n2020;5,5\n2021;6,5\n2022;7,1\n'
  t.match(tables(two), [
    {
      name: 'a.csv#Cities',
      rows: 3,
      columns: [{ name: 'city' }, { name: 'pop' }, { name: 'area', values: [5.5, 6.5, 7] }],
    },
    {
      name: 'a.csv#Rain',
      rows: 3,
      columns: [{ name: 'year', kind: 'temporal' }, { values: [5.5, 6.5, 7.1] }],
    },
  ])
})

t.test('one table keeps its name, whatever blank lines part', async (t) => {
  t.match(tables('k,v\na,1\n\nb,2\n\nc,3\n'), [{ name: 'a.csv', rows: 3 }])
  t.match(tables('a,b\n\n1,2\n\n3,4\n'), [{ rows: 2 }], 'a blank line after each')
  t.match(tables('# made by x\nk,v\na,1\nb,2\n'), [{ rows: 2, notes: [/made by x/] }])
})

t.test('a file that was cut says so', async (t) => {
  const rows = Array.from({ length: 20 }, (_, i) => `${i},"x, ${i}",${i * 3}`).join('\n')
  t.match(tables(`a,b,c\n${rows}\n20,x`)[0]!.losses, [/last row ends after 2 of 3 cells/])
  const quoted = tables(`a,b,c\n${rows}\n20,"x, 2`)[0]!
  t.match(quoted, { rows: 20, losses: [/ends inside a quoted cell/] })
  t.equal(tables(`a,b,c\n${rows}`)[0]!.losses, undefined, 'the last line end may be missing')
})

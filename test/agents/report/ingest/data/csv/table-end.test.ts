import t from 'tap'
import { trimEnd } from '../../../../../../services/agents/report/ingest/data/csv/table-end.ts'

const rows = (text: string) => text.split('\n').map((line) => line.split(','))

t.test('remarks and blank rows at the end', async (t) => {
  t.match(trimEnd(rows('P0,10,1\nP1,11,2\nP2,12,3\nSource: us,,\n,,'), 3), {
    remarks: ['Source: us'],
    body: { length: 3 },
  })
  t.match(trimEnd(rows('a,1\nb,2\nc,3\nNote: in EUR'), 2), { remarks: { length: 1 }, body: { length: 3 } })
})

t.test('a row that lacks its values stays', async (t) => {
  t.match(trimEnd(rows('a,1\nb,2\nc,3\nd'), 2), { remarks: [], body: { length: 4 } })
  t.match(trimEnd(rows('a,1,x\nb,2,\nc,3,\nd,,'), 3), { remarks: [], body: { length: 4 } })
  t.match(trimEnd(rows('1,1,1\n2,1,1\n3,1,1\n4'), 3), { remarks: [], body: { length: 4 } })
})

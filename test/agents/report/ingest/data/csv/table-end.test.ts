import t from 'tap'
import { trimEnd } from '../../../../../../services/agents/report/ingest/data/csv/table-end.ts'

const rows = (text: string) => text.split('\n').map((line) => line.split(','))

t.test('totals, averages and remarks at the end', async (t) => {
  const end = trimEnd(rows('P0,10,1\nP1,11,2\nP2,12,3\nP3,13,4\nTotal,46,10\nSource: us,,'), 3)
  t.match(end, { totals: ['Total'], footers: 1, body: { length: 4 } })
  t.match(trimEnd(rows('a,1\nb,2\nc,3\nMean,2'), 2), { totals: ['Mean'], body: { length: 3 } })
})

t.test('what only has the name of a total stays', async (t) => {
  t.match(trimEnd(rows('Shell,10\nBP,11\nEni,12\nTotal,17'), 2), { totals: [], body: { length: 4 } })
  t.match(trimEnd(rows('a,1,x\nb,2,\nc,3,\nd,4,'), 3), { totals: [], footers: 0, body: { length: 4 } })
})

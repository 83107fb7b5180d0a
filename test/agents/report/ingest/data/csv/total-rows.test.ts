import t from 'tap'
import { withoutTotals } from '../../../../../../services/agents/report/ingest/data/csv/total-rows.ts'

const rows = (text: string) => text.split('\n').map((line) => line.split(','))

t.test('rows that sum up others, wherever they stand', async (t) => {
  t.match(withoutTotals(rows('a,1\nb,2\nc,3\nTotal,6')), { totals: ['Total'], body: { length: 3 } })
  t.match(withoutTotals(rows('Total,6\na,1\nb,2\nc,3')), { totals: ['Total'], body: { length: 3 } })
  t.match(withoutTotals(rows('a,1\nb,2\nc,3\nMean,2')), { totals: ['Mean'], body: { length: 3 } })
  const parts = 'a,1\nb,2\nc,3\nd,4\nSubtotal,10\ne,3\nf,4\ng,5\nh,6\nSubtotal,18\nGrand Total,28\ni,1'
  t.match(withoutTotals(rows(parts)), { totals: { length: 3 }, body: { length: 9 } })
  t.match(
    withoutTotals(rows('a,1,5\nb,2,5\nc,3,5\nGesamt,6,5')),
    { totals: ['Gesamt'] },
    'a mean price beside',
  )
})

t.test('what only has the name of a total stays', async (t) => {
  t.match(withoutTotals(rows('Shell,10\nBP,11\nEni,12\nTotal,17')), { totals: [], body: { length: 4 } })
  t.match(withoutTotals(rows('Allianz,1\nb,2\nc,3\nd,6')), { totals: [] }, 'a word that begins like one')
  t.match(withoutTotals(rows('male,1\nfemale,2\ntotal,3\nmale,4\nfemale,5\ntotal,9')), { totals: [] })
})

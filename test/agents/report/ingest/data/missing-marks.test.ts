import t from 'tap'
import { inferColumn } from '../../../../../services/agents/report/ingest/data/infer-column.ts'
import { presentCells } from '../../../../../services/agents/report/ingest/data/missing-marks.ts'

const column = (...cells: string[]) => inferColumn('v', cells).column

t.test('what says that nothing is there', async (t) => {
  const numbers = column('1', '.', '2', '#DIV/0!', 'None', 'inf', '3', '')
  t.match(numbers, { kind: 'number', values: [1, null, 2, null, null, null, 3, null], malformedCount: 0 })
  t.equal(
    numbers.missingMarks!.reduce((sum, { count }) => sum + count, 0),
    4,
    'blank cells are no marks',
  )
  t.match(column('None', 'Attached', 'None', 'Built-in', 'None', 'Attached'), {
    kind: 'category',
    values: ['None'],
  })
})

t.test('NA is Namibia among codes', async (t) => {
  t.strictSame(presentCells(['NA', 'ZA', 'BW', 'AO']), ['NA', 'ZA', 'BW', 'AO'])
  t.strictSame(presentCells(['NA', 'Berlin', 'Rome', 'Oslo']), [null, 'Berlin', 'Rome', 'Oslo'])
  t.strictSame(presentCells(['NA', '1', '2']), [null, '1', '2'])
})

t.test('other codes that look like a mark, and marks among codes', async (t) => {
  t.equal(presentCells(['NAN', 'LAX', 'JFK', 'FRA'])[0], 'NAN', 'an airport')
  t.equal(presentCells(['Na', 'K', 'Ca', 'Mg'])[0], 'Na', 'an element')
  t.equal(presentCells(['na', 'de', 'us', 'fr'])[0], 'na')
  t.equal(presentCells(['NA', 'CA', 'TX', 'NY', 'WA'])[0], null, 'no state is called NA')
  t.equal(
    presentCells(['NA', 'NA', 'NA', 'NA', 'ZA', 'BW', 'AO'])[0],
    null,
    'far more frequent than any code',
  )
})

t.test('marks that a reader may not expect are told', async (t) => {
  t.match(inferColumn('v', ['1', '.', '2', '.', '3']).notes, [/"v": 2 of 5 cells hold "."/])
  t.strictSame(inferColumn('v', ['1', 'NA', '2', '', '3']).notes, [])
})

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

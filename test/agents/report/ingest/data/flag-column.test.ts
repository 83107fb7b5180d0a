import t from 'tap'
import { readFlags } from '../../../../../services/agents/report/ingest/data/flag-column.ts'

const values = (...cells: (string | null)[]) => readFlags('b', cells)?.column.values

t.test('words and signs of yes and no', async (t) => {
  t.strictSame(values('Yes', 'no', null), [true, false, null])
  t.strictSame(values('Y', 'N', 'y'), [true, false, true])
  t.strictSame(values('✓', '✗'), [true, false])
  t.strictSame(values('on', 'off'), [true, false])
  t.strictSame(values('vrai', 'faux'), [true, false])
  t.equal(values('N', 'N'), undefined, 'north, as long as there is no Y')
  t.equal(values('M', 'F'), undefined)
  t.equal(values('yes', 'no', 'maybe'), undefined)
})

t.test('a tick beside blank cells', async (t) => {
  const ticks = readFlags('b', ['x', null, null, 'X', null])
  t.strictSame(ticks?.column.values, [true, false, false, true, false])
  t.match(ticks?.notes, [/2 of 5 cells hold "x"/])
  t.strictSame(ticks?.missing, { value: false })
  t.strictSame(ticks?.read('y'), 'malformed')
  t.equal(values('x', 'x', 'x', 'x', 'x'), undefined, 'the same everywhere')
  t.equal(values('x', null, 'y', null, null), undefined)
})

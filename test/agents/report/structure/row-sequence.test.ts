import t from 'tap'
import type { Column } from '#schemas/document.ts'
import { namesSequence, sequenceSteps } from '../../../../services/agents/report/structure/row-sequence.ts'

const column = (name: string, values: Column['values']): Column => ({
  name,
  kind: 'number',
  values,
  malformed: [],
  malformedCount: 0,
})

t.test('columns that count steps', async (t) => {
  t.strictSame([...sequenceSteps(column('epoch', [1, 2, 3, 4, 5, 7]))!], [1, 2, 3, 4, 5, 7])
  const twice = [0, 1, 2, 3, 4, 5, 0, 1, 2, 3, 4, 5]
  t.ok(sequenceSteps(column('step', twice)), 'once in each of two runs')
  t.equal(sequenceSteps(column('price', [1, 2, 3, 4, 5, 7])), null, 'no name of a step')
  t.equal(sequenceSteps(column('step', [1, 2, 2, 3, 1, 9])), null)
  t.equal(sequenceSteps(column('step', [1, 2, 3])), null, 'three rise by chance')
})

t.test('tables that say so', async (t) => {
  t.ok(namesSequence('data/time_series.csv'))
  t.ok(namesSequence('signal-2.csv'))
  t.notOk(namesSequence('signals.csv'))
})

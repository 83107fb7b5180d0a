import t from 'tap'
import type { ColumnRole } from '#schemas/analysis.ts'
import { tableSubject } from '../../../../services/agents/report/structure/table-subject.ts'

const subject = (table: string, names: string, roles: Record<string, ColumnRole> = {}) =>
  tableSubject(
    table,
    names.split(' ').map((name) => ({ name, role: roles[name] ?? 'measure' })),
  )

t.test('the column that a table is about, by its name', async (t) => {
  t.equal(subject('tips.csv', 'total_bill tip size'), 'tip', 'named as the table')
  t.equal(subject('stackloss.csv', 'Air.Flow stack.loss'), 'stack.loss')
  t.equal(subject('a.csv', 'carat depth price x y z'), 'price', 'y is a place beside x and z')
  t.equal(subject('a.csv', 'x1 x2 y'), 'y', 'and what is explained beside x1 and x2')
  t.equal(subject('a.csv', 'Min.Price Price Max.Price'), 'Price')
  t.equal(subject('a.csv', 'age plan churn', { plan: 'category', churn: 'binary' }), 'churn')
  t.equal(subject('a.csv', 'Miles_per_Gallon Weight'), 'Miles_per_Gallon')
})

t.test('none where no name tells, and never what names the rows', async (t) => {
  t.equal(subject('a.csv', 'length width height'), undefined)
  t.equal(subject('orders.csv', 'order height', { order: 'identifier' }), undefined)
  t.equal(subject('a.csv', 'survived age', { survived: 'text' }), undefined)
})

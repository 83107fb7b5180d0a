import t from 'tap'
import { RepeatBudget } from '#platform/requests/repeat-budget.ts'

t.test('five hundred at once, and then one for every five answers', async (t) => {
  const budget = new RepeatBudget()
  let spent = 0
  while (budget.spend()) spent++
  t.equal(spent, 500)
  for (let i = 0; i < 6; i++) budget.earn()
  t.ok(budget.spend())
  t.notOk(budget.spend())
  for (let i = 0; i < 10_000; i++) budget.earn()
  spent = 0
  while (budget.spend()) spent++
  t.equal(spent, 500, 'no more is saved')
})

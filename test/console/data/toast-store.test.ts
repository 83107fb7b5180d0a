import t from 'tap'
import { ProblemError } from '../../../services/console/data/problem.ts'
import { ToastStore } from '../../../services/console/data/toast-store.ts'

t.test('messages: the last few are shown, those of problems until they were read', async (t) => {
  const store = new ToastStore()
  for (let index = 0; index < 6; index++)
    store.addProblem(new ProblemError({ code: 'A', message: String(index), fix: 'f' }))
  t.strictSame(
    store.read().map(({ title, code, fix }) => `${title} ${code} ${fix}`),
    ['2 A f', '3 A f', '4 A f', '5 A f'],
  )
  store.remove(store.read()[0]!.id)
  t.equal(store.read().length, 3)
})

import t from 'tap'
import { PendingAdmissions } from '../../../services/orchestrator/intake/pending-admissions.ts'

/** With the sum that `onChange` gives. */
function uncounted() {
  let sum = 0
  const items = new PendingAdmissions<number>((item, sign) => {
    sum += sign * item
  })
  return { items, sum: () => sum }
}

t.test('an item counts from when it was let in until a sample has it', async (t) => {
  const { items, sum } = uncounted()
  items.add(5).stored(0, 10)
  items.add(7).stored(1, 3)
  t.strictSame([items.size, sum()], [2, 12])
  items.observe((partition) => (partition === 0 ? 9 : 2))
  t.strictSame([items.size, sum()], [2, 12], 'both samples end just before them')
  items.observe((partition) => (partition === 0 ? 10 : 2))
  t.strictSame([items.size, sum()], [1, 7], 'a sample that ends with it has it')
  items.observe(() => 1000)
  t.strictSame([items.size, sum()], [0, 0])
})

t.test('what is not stored yet is in no sample', async (t) => {
  const { items, sum } = uncounted()
  const admitted = items.add(5)
  items.observe(() => 1000)
  t.equal(sum(), 5)
  admitted.stored(0, 11)
  items.observe(() => 1000)
  t.equal(sum(), 0)
})

t.test('what did not come in after all counts no more, and is taken away once', async (t) => {
  const { items, sum } = uncounted()
  const admitted = items.add(5)
  items.add(1)
  admitted.withdrawn()
  admitted.withdrawn()
  t.strictSame([items.size, sum()], [1, 1])
})

t.test('a log that was set back is not waited for', async (t) => {
  const { items } = uncounted()
  items.add(1).stored(0, 1e9)
  for (let sample = 0; sample < 40; sample++) items.observe(() => 1)
  t.equal(items.size, 1, 'forty samples')
  items.observe(() => 1)
  t.equal(items.size, 0)
})

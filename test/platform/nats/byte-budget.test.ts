import t from 'tap'
import { ByteBudget } from '../../../services/platform/nats/byte-budget.ts'

const settle = () => new Promise((resolve) => setImmediate(resolve))

t.test('no more than the budget at the same time, in the order of asking', async (t) => {
  const budget = new ByteBudget(10)
  const started: string[] = []
  const ends = new Map<string, () => void>()
  const use = (name: string, bytes: number) =>
    budget.use(bytes, () => {
      started.push(name)
      return new Promise<void>((resolve) => ends.set(name, resolve))
    })
  const all = [use('a', 6), use('b', 4), use('c', 7), use('d', 1), use('huge', 1000)]
  await settle()
  t.strictSame(started, ['a', 'b'])
  t.equal(budget.used, 10)
  ends.get('b')!()
  await settle()
  t.strictSame(started, ['a', 'b'], 'd would fit, but c has asked before it')
  ends.get('a')!()
  await settle()
  t.strictSame(started, ['a', 'b', 'c', 'd'])
  ends.get('c')!()
  await settle()
  t.equal(started.length, 4)
  ends.get('d')!()
  await settle()
  t.equal(started.at(-1), 'huge', 'alone')
  t.equal(budget.used, 10)
  ends.get('huge')!()
  await Promise.all(all)
  t.equal(budget.used, 0)
})

t.test('what fails gives back what was set aside for it', async (t) => {
  const budget = new ByteBudget(10)
  await t.rejects(
    budget.use(10, () => Promise.reject(new Error('away'))),
    { message: 'away' },
  )
  t.equal(budget.used, 0)
  t.equal(await budget.use(10, async () => 1), 1)
})

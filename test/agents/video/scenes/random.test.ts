import t from 'tap'
import { createRandom } from '../../../../services/agents/video/scenes/random.ts'

const take = (seed: number, count: number) => {
  const random = createRandom(seed)
  return Array.from({ length: count }, () => random.next())
}

t.test('a seed always gives the same numbers: scenes of today can be drawn again tomorrow', async (t) => {
  t.strictSame(take(1, 3), [0.5394896373618394, 0.3102823495864868, 0.8518753789830953])
  t.not(take(2, 1)[0], take(1, 1)[0])
})

t.test('numbers lie in their bounds and are spread over them', async (t) => {
  const random = createRandom(9)
  const values = Array.from({ length: 20_000 }, () => random.next())
  t.ok(values.every((value) => value >= 0 && value < 1))
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  t.ok(Math.abs(mean - 0.5) < 0.01, String(mean))
  const dice = Array.from({ length: 6000 }, () => random.int(1, 6))
  for (let side = 1; side <= 6; side++) {
    const count = dice.filter((value) => value === side).length
    t.ok(count > 850 && count < 1150, `${side}: ${count}`)
  }
  t.ok(Array.from({ length: 100 }, () => random.between(-2, 3)).every((value) => value >= -2 && value < 3))
})

t.test('normal numbers have mean 0 and standard deviation 1', async (t) => {
  const random = createRandom(4)
  const values = Array.from({ length: 20_000 }, () => random.normal())
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length
  t.ok(Math.abs(mean) < 0.03, String(mean))
  t.ok(Math.abs(variance - 1) < 0.05, String(variance))
})

t.test('certain and impossible are what they say, and a pick is one of the list', async (t) => {
  const random = createRandom(5)
  t.ok(Array.from({ length: 50 }, () => random.chance(1)).every(Boolean))
  t.notOk(Array.from({ length: 50 }, () => random.chance(0)).some(Boolean))
  t.strictSame(new Set(Array.from({ length: 100 }, () => random.pick(['a', 'b']))), new Set(['a', 'b']))
})

t.test('what a fork is asked for changes nothing for its parent', async (t) => {
  const [one, other] = [createRandom(3), createRandom(3)]
  const fork = one.fork()
  other.fork()
  for (let i = 0; i < 10; i++) fork.next()
  t.equal(one.next(), other.next())
})

import t from 'tap'
import { drawsFrom, thinkMs } from '../../../../loadtest/load/users/think-time.ts'

t.test('thoughts are exponential around their mean and never longer than four times that', async (t) => {
  t.equal(thinkMs(0, 1000), 0)
  t.equal(thinkMs(0.999999, 1000), 4000)
  t.equal(thinkMs(1 - Math.exp(-1), 1000), 1000)
  t.equal(thinkMs(0.5, 0), 0)
})

t.test('the same seed gives the same draws, another one others, all from 0 to 1', async (t) => {
  const take = (seed: number) => {
    const draw = drawsFrom(seed)
    return Array.from({ length: 1000 }, draw)
  }
  t.strictSame(take(7), take(7))
  t.notSame(take(7), take(8))
  const draws = take(1)
  t.ok(draws.every((draw) => draw >= 0 && draw < 1))
  const mean = draws.reduce((sum, draw) => sum + draw, 0) / draws.length
  t.ok(mean > 0.45 && mean < 0.55, `${mean}`)
})

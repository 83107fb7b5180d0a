import t from 'tap'
import type { Plan } from '#schemas/plan.ts'
import {
  predictedMs,
  QueueForecast,
  type QueueSample,
} from '../../../services/orchestrator/intake/queue-forecast.ts'

const sample = (atMs: number, waiting: number[], completed: number, inWork = 8): QueueSample => ({
  atMs,
  waiting,
  inWork,
  completed,
})
/** Agents that do `perSecond`, with so many steps waiting at each of three samples. */
const busy = (waiting: number[], perSecond: number) => {
  const forecast = new QueueForecast()
  for (const s of [0, 1, 2]) forecast.observe('x', sample(s * 1000, waiting, s * perSecond))
  return forecast
}

t.test(
  'the wait is what stands before, at the rate of the last seconds; lower priorities stand behind',
  async (t) => {
    const forecast = busy([10, 90, 500], 20)
    t.match(forecast.estimate('x', 0), { waitMs: 500, serviceMs: 400 })
    t.match(forecast.estimate('x', 1), { waitMs: 5000 })
    t.match(forecast.estimate('x', 2), { waitMs: 30_000 })
    t.equal(forecast.estimate('y', 1), undefined, 'nobody waits for it')
  },
)

t.test('what instances have in hand soon is no wait', async (t) => {
  t.match(busy([0, 8, 0], 20).estimate('x', 1), { waitMs: 0 })
  t.match(busy([0, 9, 0], 20).estimate('x', 1), { waitMs: 450 })
})

t.test('nobody knows: just started, too few completions, an idle moment in between, no agents', async (t) => {
  const forecast = new QueueForecast()
  forecast.observe('x', sample(0, [0, 500, 0], 0))
  t.equal(forecast.estimate('x', 1), undefined, 'one look')
  forecast.observe('x', sample(500, [0, 500, 0], 100))
  t.equal(forecast.estimate('x', 1), undefined, 'half a second')
  forecast.observe('x', sample(1000, [0, 500, 0], 200))
  t.ok(forecast.estimate('x', 1))
  forecast.observe('x', sample(1500, [0, 0, 0], 300))
  t.equal(forecast.estimate('x', 1), undefined, 'nothing waited')
  forecast.observe('x', sample(2000, [0, 500, 0], 301))
  t.equal(forecast.estimate('x', 1), undefined, 'the rate before a pause says nothing')
  t.equal(busy([0, 500, 0], 0).estimate('x', 1), undefined, 'dead agents')
  t.equal(busy([0, 500, 0], 7).estimate('x', 1), undefined, '14 completions')
  const anew = busy([0, 500, 0], 20)
  anew.observe('x', sample(3000, [0, 500, 0], 3))
  t.equal(anew.estimate('x', 1), undefined, 'the consumer was made anew')
  const known = busy([0, 500, 0], 20)
  known.keepOnly(new Set(['y']))
  t.equal(known.estimate('x', 1), undefined, 'no longer followed')
})

t.test('slow agents are looked at for longer, fast ones for the last seconds', async (t) => {
  const slow = new QueueForecast()
  for (let s = 0; s <= 40; s++) slow.observe('x', sample(s * 1000, [0, 20, 0], Math.floor(s / 2)))
  t.equal(Math.round(slow.estimate('x', 1)?.waitMs ?? 0), 38_667)
  const faster = new QueueForecast()
  for (let s = 0; s <= 20; s++)
    faster.observe('x', sample(s * 1000, [0, 100, 0], s <= 10 ? s * 10 : s * 100 - 900))
  t.match(faster.estimate('x', 1), { waitMs: 1000 }, 'ten times as many instances since ten seconds')
})

t.test('what was let in since the last look counts', async (t) => {
  const forecast = busy([0, 100, 0], 20)
  for (let i = 0; i < 20; i++) forecast.onAdmitted('x', 1)
  t.match(forecast.estimate('x', 1), { waitMs: 6000 })
  t.match(forecast.estimate('x', 0), { waitMs: 0 })
  forecast.observe('x', sample(3000, [0, 120, 0], 60))
  t.match(forecast.estimate('x', 1), { waitMs: 6000 })
})

t.test('a plan takes as long as its longest path', async (t) => {
  const plan: Plan = {
    steps: [
      { id: 'a', agent: 'x' },
      { id: 'b', agent: 'y' },
      { id: 'c', agent: 'x', needs: ['a', 'b'] },
      { id: 'd', agent: 'free', needs: ['c'] },
    ],
  }
  const times = {
    x: { waitMs: 100, serviceMs: 10, everyMs: 1 },
    y: { waitMs: 1000, serviceMs: 1, everyMs: 1 },
  }
  t.equal(
    predictedMs(plan, (agent) => times[agent as 'x' | 'y']),
    1111,
  )
  t.equal(
    predictedMs(plan, () => undefined),
    0,
  )
})

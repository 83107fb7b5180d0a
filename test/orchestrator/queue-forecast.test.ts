import fc from 'fast-check'
import t from 'tap'
import type { Plan } from '#schemas/plan.ts'
import type { TaskDemand } from '../../services/orchestrator/intake/admission-check.ts'
import {
  predictedMs,
  QueueForecast,
  type QueueSample,
} from '../../services/orchestrator/intake/queue-forecast.ts'
import { WaitControl } from '../../services/orchestrator/intake/wait-control.ts'
import { acceptedTask } from '../support/random-plan.ts'

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
const demandOf = (
  plan: Plan,
  about: { deadlineMs?: number; delayMs?: number; priority?: 0 | 1 | 2 } = {},
): TaskDemand => ({
  accepted: { ...acceptedTask({ taskId: 't', plan }), deadlineMs: 6000, delayMs: 0, ...about },
  bytes: 500,
})
const one: Plan = { steps: [{ id: 'a', agent: 'x' }] }

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
  const times = { x: { waitMs: 100, serviceMs: 10 }, y: { waitMs: 1000, serviceMs: 1 } }
  t.equal(
    predictedMs(plan, (agent) => times[agent as 'x' | 'y']),
    1111,
  )
  t.equal(
    predictedMs(plan, () => undefined),
    0,
  )
})

t.test('a task that would most likely be late is refused, with when to come back', async (t) => {
  const control = new WaitControl(busy([0, 100, 0], 20))
  t.match(control.refusal(demandOf(one)), { reason: 'wait', code: 'OVERLOADED', retryAfterMs: 500 })
  t.equal(control.refusal(demandOf(one, { deadlineMs: 60_000 })), undefined)
  t.equal(control.refusal(demandOf(one, { priority: 0 })), undefined, 'an urgent one passes those that wait')
  t.equal(control.refusal(demandOf(one, { delayMs: 1000 })), undefined, 'it begins later')
  t.equal(control.refusal(undefined), undefined, 'it depends on the task')
  const impatient: Plan = { steps: [{ id: 'a', agent: 'x', queueTimeoutMs: 6000 }] }
  t.match(
    control.refusal(demandOf(impatient, { deadlineMs: 900_000 })),
    { message: /would wait 5\.0 s/ },
    'by the limit of its first step',
  )
  const chain: Plan = {
    steps: [
      { id: 'a', agent: 'x' },
      { id: 'b', agent: 'x', needs: ['a'] },
    ],
  }
  t.match(control.refusal(demandOf(chain, { deadlineMs: 12_000 })), { message: /10\.8 s of the 12\.0 s/ })
})

t.test('with no backlog nobody is refused, whatever was before', async (t) => {
  const counts = fc.tuple(fc.nat(1000), fc.nat(1000), fc.nat(1000))
  const samples = fc.array(
    fc.record({
      afterMs: fc.integer({ min: 1, max: 3000 }),
      waiting: counts,
      done: fc.nat(500),
      inWork: fc.nat(64),
    }),
    { maxLength: 20 },
  )
  fc.assert(
    fc.property(
      samples,
      fc.integer({ min: 1, max: 10_000 }),
      fc.constantFrom(0, 1, 2),
      (history, deadlineMs, priority) => {
        const forecast = new QueueForecast()
        const control = new WaitControl(forecast)
        let [atMs, completed] = [0, 0]
        for (const { afterMs, waiting, done, inWork } of history) {
          atMs += afterMs
          completed += done
          forecast.observe('x', sample(atMs, waiting, completed, inWork))
        }
        forecast.observe('x', sample(atMs + 500, [0, 0, 0], completed))
        const demand = demandOf(one, { deadlineMs, priority: priority as 0 | 1 | 2 })
        for (let i = 0; i < 50; i++) {
          if (control.refusal(demand)) return false
          control.onAdmitted(demand)
        }
        return true
      },
    ),
    { numRuns: 500 },
  )
  t.pass('500 histories')
})

t.test('at any overload, what is let in ends in time: simulated', async (t) => {
  fc.assert(
    fc.property(
      fc.integer({ min: 20, max: 100 }),
      fc.double({ min: 1.1, max: 8, noNaN: true }),
      (perSecond, load) => {
        const forecast = new QueueForecast()
        const control = new WaitControl(forecast)
        const demand = demandOf(one)
        let [queue, completed, late, done] = [[] as number[], 0, 0, 0]
        for (let tick = 0; tick < 800; tick++) {
          const nowMs = tick * 50
          for (let i = 0; i < Math.round(perSecond * 0.05); i++) {
            const since = queue.shift()
            if (since === undefined) break
            completed++
            if (nowMs > 20_000) done++
            if (nowMs > 20_000 && nowMs - since > 6000) late++
          }
          if (tick % 20 === 0) forecast.observe('x', sample(nowMs, [0, queue.length, 0], completed, 4))
          for (let i = 0; i < Math.round(perSecond * load * 0.05); i++)
            if (!control.refusal(demand)) {
              control.onAdmitted(demand)
              queue.push(nowMs)
            }
        }
        queue = []
        return late <= done * 0.05 && done >= Math.round(perSecond * 0.05) * 20 * 20 * 0.95
      },
    ),
    { numRuns: 15 },
  )
  t.pass('15 loads: after 20 s nearly none is late, and nobody is idle')
})

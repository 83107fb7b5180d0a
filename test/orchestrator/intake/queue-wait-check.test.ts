import fc from 'fast-check'
import t from 'tap'
import type { Plan } from '#schemas/plan.ts'
import type { TaskDemand } from '../../../services/orchestrator/intake/admission-check.ts'
import { QueueForecast, type QueueSample } from '../../../services/orchestrator/intake/queue-forecast.ts'
import { QueueWaitCheck } from '../../../services/orchestrator/intake/queue-wait-check.ts'
import { acceptedTask } from '../../support/random-plan.ts'

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

t.test('a task that would most likely be late is refused, with when to come back', async (t) => {
  const control = new QueueWaitCheck(busy([0, 100, 0], 20))
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
        const control = new QueueWaitCheck(forecast)
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

/** How many of a rate fall into a tick of 50 ms: over all ticks as many as the rate says, which rounding each would not give. */
const countIn = (perSecond: number, tick: number) =>
  Math.floor(perSecond * 0.05 * (tick + 1)) - Math.floor(perSecond * 0.05 * tick)

t.test('at any overload, what is let in ends in time: simulated', async (t) => {
  fc.assert(
    fc.property(
      fc.integer({ min: 20, max: 100 }),
      fc.double({ min: 1.1, max: 8, noNaN: true }),
      (perSecond, load) => {
        const forecast = new QueueForecast()
        const control = new QueueWaitCheck(forecast)
        const demand = demandOf(one)
        let [queue, completed, late, done] = [[] as number[], 0, 0, 0]
        for (let tick = 0; tick < 800; tick++) {
          const nowMs = tick * 50
          for (let i = 0; i < countIn(perSecond, tick); i++) {
            const since = queue.shift()
            if (since === undefined) break
            completed++
            if (nowMs > 20_000) done++
            if (nowMs > 20_000 && nowMs - since > 6000) late++
          }
          if (tick % 20 === 0) forecast.observe('x', sample(nowMs, [0, queue.length, 0], completed, 4))
          for (let i = 0; i < countIn(perSecond * load, tick); i++)
            if (!control.refusal(demand)) {
              control.onAdmitted(demand)
              queue.push(nowMs)
            }
        }
        queue = []
        return late <= done * 0.05 && done >= perSecond * 20 * 0.95
      },
    ),
    // What comes in the two seconds before anything is measured is 16 s of work at most: gone before it counts.
    { numRuns: 15, examples: [[28, 8]] },
  )
  t.pass('15 loads: after 20 s nearly none is late, and nobody is idle')
})

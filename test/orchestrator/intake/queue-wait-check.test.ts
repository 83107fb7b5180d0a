import fc from 'fast-check'
import t from 'tap'
import type { Plan } from '#schemas/plan.ts'
import type { TaskDemand } from '../../../services/orchestrator/intake/admission-check.ts'
import { QueueForecast } from '../../../services/orchestrator/intake/queue-forecast.ts'
import { QueueWaitCheck } from '../../../services/orchestrator/intake/queue-wait-check.ts'
import { acceptedTask } from '../../support/random-plan.ts'

/** Agents that do `perSecond` with eight slots, with so many steps of each priority ready and to come at each of seven samples. */
const busy = (ready: number[], perSecond: number, later: number[] = [0, 0, 0, 0]) => {
  const forecast = new QueueForecast()
  forecast.observeQueues(new Map([['x', { waiting: 9, inWork: 8 }]]))
  for (let ms = 0; ms <= 3000; ms += 500) {
    const done = [0, 0, (ms * perSecond) / 1000, 0]
    const work = new Map([['x', { ready, later, done }]])
    forecast.observeWork({ atMs: ms, work, offsets: [0], orchestrators: 1 })
  }
  return forecast
}
const demandOf = (
  plan: Plan,
  about: { deadlineMs?: number; delayMs?: number; priority?: 0 | 1 | 2 } = {},
): TaskDemand => ({
  accepted: { ...acceptedTask({ taskId: 't', plan }), deadlineMs: 6000, delayMs: 0, priority: 1, ...about },
  bytes: 500,
})
const one: Plan = { steps: [{ id: 'a', agent: 'x' }] }

t.test('a task that would most likely be late is refused, with when to come back', async (t) => {
  const control = new QueueWaitCheck(busy([0, 84, 0, 0], 20))
  t.match(control.refusal(demandOf(one)), {
    reason: 'wait',
    code: 'OVERLOADED',
    retryAfterMs: 2200,
    needs: new Map([
      ['x 1 ready', { units: 1 }],
      // Of the 4.2 s before it, which are 4.6 s with its own 400 ms, what leaves 2.4 s.
      ['x 1 all', { units: 1, leftMs: (4200 * 2400) / 4600 }],
    ]),
  })
  t.equal(control.refusal(demandOf(one, { deadlineMs: 60_000 })), undefined)
  t.equal(control.refusal(demandOf(one, { priority: 0 })), undefined, 'an urgent one passes those that wait')
  t.equal(control.refusal(demandOf(one, { delayMs: 1000 })), undefined, 'it begins later')
  t.equal(control.onAdmitted(demandOf(one, { delayMs: 1000 })), undefined)
  t.equal(control.refusal(undefined), undefined, 'it depends on the task')
  const impatient: Plan = { steps: [{ id: 'a', agent: 'x', queueTimeoutMs: 6000 }] }
  t.match(
    control.refusal(demandOf(impatient, { deadlineMs: 900_000 })),
    { message: /would wait 4\.0 s/ },
    'by the limit of its first step',
  )
  const chain: Plan = {
    steps: [
      { id: 'a', agent: 'x' },
      { id: 'b', agent: 'x', needs: ['a'] },
    ],
  }
  t.match(control.refusal(demandOf(chain, { deadlineMs: 12_000 })), {
    message: /9\.1 s of the 12\.0 s/,
    needs: new Map([
      ['x 1 ready', { units: 1 }],
      ['x 1 all', { units: 2, leftMs: (4200 * 4800) / 9050 }],
    ]),
  })
})

t.test('what tasks that were let in still need counts though it is not ready yet', async (t) => {
  const control = new QueueWaitCheck(busy([0, 20, 0, 0], 20, [0, 100, 0, 0]))
  t.match(control.refusal(demandOf(one)), { message: /6\.4 s of the 6\.0 s/ })
})

t.test('who comes when nothing is before him is let in, whatever was before', async (t) => {
  const four = fc.tuple(fc.nat(1000), fc.nat(1000), fc.nat(1000), fc.nat(1000))
  const samples = fc.array(
    fc.record({
      afterMs: fc.integer({ min: 1, max: 3000 }),
      ready: four,
      later: four,
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
        let [atMs, done] = [0, 0]
        const see = (ready: number[], later: number[]) => {
          const work = new Map([['x', { ready, later, done: [0, done, 0, 0] }]])
          forecast.observeWork({ atMs, work, offsets: [0], orchestrators: 2 })
        }
        for (const one of history) {
          atMs += one.afterMs
          done += one.done
          forecast.observeQueues(new Map([['x', { waiting: 1, inWork: one.inWork }]]))
          see(one.ready, one.later)
        }
        atMs += 500
        see([0, 0, 0, 0], [0, 0, 0, 0])
        return !control.refusal(demandOf(one, { deadlineMs, priority: priority as 0 | 1 | 2 }))
      },
    ),
    { numRuns: 500 },
  )
  t.pass('500 histories')
})

t.test('a crowd that comes between two samples is let in as far as it can be done', async (t) => {
  const control = new QueueWaitCheck(busy([0, 0, 0, 0], 20))
  let letIn = 0
  for (let i = 0; i < 1000; i++)
    if (!control.refusal(demandOf(one))) {
      control.onAdmitted(demandOf(one))
      letIn++
    }
  t.equal(letIn, 41, '2.4 s of the 6 s that each may take, a run of 400 ms among them')
})

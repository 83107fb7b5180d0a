import t from 'tap'
import { phasesOf } from '../../../../loadtest/load/measure/phases.ts'

type Timed = Parameters<typeof phasesOf>[0]
const step = (dispatchedAtMs: number, startedAtMs: number, finishedAtMs: number) => ({
  status: 'completed' as const,
  attempt: 1,
  dispatchedAtMs,
  startedAtMs,
  finishedAtMs,
})
const task = (steps: Timed['steps'], needs: Record<string, string[]>, finishedAtMs?: number): Timed =>
  ({
    createdAtMs: 0,
    finishedAtMs,
    steps,
    plan: { steps: Object.entries(needs).map(([id, of]) => ({ id, agent: 'a', needs: of })) },
  }) as Timed

t.test('steps one after the other: queues, work, and the rest add up to the whole', async (t) => {
  const steps = { a: step(5, 10, 30), b: step(34, 40, 60) }
  t.strictSame(phasesOf(task(steps, { a: [], b: ['a'] }, 70)), {
    queueMs: 11,
    runMs: 40,
    orchestrationMs: 19,
    totalMs: 70,
  })
})

t.test('of steps side by side the one that ended last counts', async (t) => {
  const steps = { a: step(0, 1, 10), b: step(0, 1, 50), c: step(55, 56, 60) }
  t.match(phasesOf(task(steps, { a: [], b: [], c: ['a', 'b'] }, 60)), { queueMs: 2, runMs: 53, totalMs: 60 })
})

t.test(
  'what never ran takes no time; a task that goes on has no phases; clocks that differ make nothing longer',
  async (t) => {
    t.equal(phasesOf(task({}, {})), undefined)
    const asleep = { a: { status: 'completed' as const, attempt: 0 } }
    t.match(phasesOf(task(asleep, { a: [] }, 100)), { queueMs: 0, runMs: 0, orchestrationMs: 100 })
    const ahead = phasesOf(task({ a: step(0, 500, 900) }, { a: [] }, 100))!
    t.equal(ahead.queueMs + ahead.runMs + ahead.orchestrationMs, 100)
    const behind = phasesOf(task({ a: step(50, 20, 30) }, { a: [] }, 100))!
    t.match(behind, { queueMs: 0, runMs: 10, orchestrationMs: 90 })
  },
)

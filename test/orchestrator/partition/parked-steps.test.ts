import t, { type Test } from 'tap'
import type { TaskState } from '#schemas/task.ts'
import {
  type Lane,
  ParkedCount,
  type ParkedStep,
  ParkedSteps,
} from '../../../services/orchestrator/partition/parked-steps.ts'
import { systemClock } from '../../../services/platform/clock/clock.ts'
import { dispatchedTask } from '../../support/emitter-fixture.ts'
import { MemoryPartitionStore } from '../../support/memory-partition-store.ts'
import { commitOf, write } from '../../support/task-states.ts'
import { until } from '../../support/until.ts'

const queue: Lane = { name: 'steps.x.any.1', agent: 'x', priority: 1 }

/** A queue with so much room, and the steps of `count` tasks that want to go there. */
async function world(t: Pick<Test, 'teardown'>, about: { tasks: number; maxParked?: number }) {
  const store = new MemoryPartitionStore()
  const states = Array.from({ length: about.tasks }, (_, i) =>
    dispatchedTask(`task-${String(i).padStart(3, '0')}`, { agent: 'x', seq: i + 1 }),
  )
  const writes = states.map((state, i) => write(state, { dueMs: 10_000 - i, isNew: true }))
  await store.commit(0, commitOf([undefined, 1], { writes }))
  const queueOf = { room: 0, sent: [] as string[], tries: 0, maxConcurrent: 0 }
  let underWay = 0
  const send = async (state: TaskState, _step: ParkedStep) => {
    queueOf.tries++
    queueOf.maxConcurrent = Math.max(queueOf.maxConcurrent, ++underWay)
    await Promise.resolve()
    underWay--
    if (queueOf.room === 0) return queue
    queueOf.room--
    queueOf.sent.push(state.id)
    return undefined
  }
  const count = new ParkedCount()
  const { maxParked } = about
  const parked = new ParkedSteps({
    partition: 0,
    store,
    clock: systemClock,
    count,
    send,
    ...(maxParked !== undefined && { maxParked }),
  })
  t.teardown(() => parked.clear())
  const park = () => {
    for (const { id, seq } of states) parked.park(queue, { taskId: id, stepId: 'a', attempt: 1, seq })
  }
  return { store, states, parked, count, queueOf, park }
}

t.test('one is tried while there is no room, then more and more of them go', async (t) => {
  const { parked, count, queueOf, park } = await world(t, { tasks: 100 })
  park()
  t.equal(parked.heldFrom, 1)
  t.ok(parked.isHolding(queue.name))
  await until('it was tried', () => queueOf.tries >= 3)
  t.equal(queueOf.maxConcurrent, 1, 'one at a time')
  queueOf.room = 40
  await until('there was room', () => queueOf.room === 0)
  await until('the rest is held', () => parked.heldFrom === 41)
  t.equal(count.of('x'), 60)
  queueOf.room = 1000
  await until('all went', () => !parked.isHolding(queue.name))
  t.equal(parked.heldFrom, undefined)
  t.equal(count.of('x'), 0)
  t.strictSame(queueOf.sent, queueOf.sent.toSorted(), 'in their order')
  t.equal(new Set(queueOf.sent).size, 100)
  t.ok(queueOf.maxConcurrent > 1 && queueOf.maxConcurrent <= 64, `${queueOf.maxConcurrent} at a time`)
})

t.test('beyond the bound only a number is kept; the steps are found in the store, each once', async (t) => {
  const { parked, count, queueOf, park } = await world(t, { tasks: 100, maxParked: 10 })
  park()
  t.equal(count.of('x'), 100)
  t.equal(parked.heldFrom, 1)
  queueOf.room = 30
  await until('there was room', () => queueOf.room === 0)
  await until('the rest is held', () => count.of('x') === 70)
  t.equal(parked.heldFrom, 31)
  queueOf.room = 1000
  await until('all went', () => !parked.isHolding(queue.name))
  t.strictSame(queueOf.sent, queueOf.sent.toSorted(), 'the oldest first')
  t.equal(queueOf.sent.length, 100)
})

t.test('a lane that is full leaves some places to each other one', async (t) => {
  const { store, states, parked, queueOf, park } = await world(t, { tasks: 100, maxParked: 10 })
  park()
  const other: Lane = { name: 'steps.y.any.1', agent: 'y', priority: 1 }
  const reads: number[] = []
  const due = store.dueTimers.bind(store)
  store.dueTimers = async (...about) => {
    reads.push(about.length)
    return await due(...about)
  }
  queueOf.room = 5
  for (const { id, seq } of states.slice(0, 5))
    parked.park(other, { taskId: id, stepId: 'a', attempt: 1, seq: seq + 1000 })
  await until('those of the other one were tried', () => !parked.isHolding(other.name) || queueOf.room === 0)
  t.strictSame(reads, [], 'none of them had to be found again among all that is active')
})

t.test('a store that does not answer, and one that has forgotten the task', async (t) => {
  const { store, parked, queueOf, park } = await world(t, { tasks: 3 })
  const answers = store.readTasks.bind(store)
  let faults = 0
  store.readTasks = async () => {
    faults++
    throw new Error('away')
  }
  park()
  await until('it was asked twice', () => faults >= 2)
  t.equal(parked.heldFrom, 1)
  store.readTasks = answers
  store.flush()
  await until('nobody wants them any more', () => parked.heldFrom === undefined)
  t.equal(queueOf.tries, 0)
})

t.test('after clearing nothing is tried', async (t) => {
  const { parked, count, queueOf, park } = await world(t, { tasks: 5 })
  const { signal } = parked
  park()
  await until('it was tried', () => queueOf.tries >= 1)
  parked.clear()
  t.ok(signal.aborted)
  t.equal(count.of('x'), 0)
  const { tries } = queueOf
  queueOf.room = 10
  park()
  await until('those of the next life went', () => queueOf.sent.length === 5)
  t.equal(queueOf.tries, tries + 5, 'each once')
})

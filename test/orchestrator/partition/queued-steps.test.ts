import t, { type Test } from 'tap'
import type { TaskState } from '#schemas/task.ts'
import { DEFAULT_POLICY } from '../../../services/orchestrator/dispatch/agent-policy.ts'
import { Dispatcher } from '../../../services/orchestrator/dispatch/dispatcher.ts'
import { NO_LIMITS } from '../../../services/orchestrator/dispatch/queue-limits.ts'
import { systemClock } from '../../../services/platform/clock/clock.ts'
import { openBus, openNats } from '../../support/bus.ts'
import { dispatchedTask, dispatchOf, emitterOf } from '../../support/emitter-fixture.ts'
import { withServers } from '../../support/servers.ts'
import { until } from '../../support/until.ts'

const storageBytes = 0.05 * 1024 ** 3
const servers = await withServers(t)
const bus = await openBus(t, servers.natsUrl)
const { jsm } = await openNats(t, servers.natsUrl)
await bus.streams.provision({ partitions: 4, storageBytes })
const blobs = await bus.objects.create({ storageBytes })

const queued = async (agent: string) => {
  const subject = `steps.${agent}.any.1`
  return (await jsm.streams.info('STEPS', { subjects_filter: subject })).state.subjects?.[subject] ?? 0
}
function fixture(
  t: Pick<Test, 'teardown'>,
  { concurrency, maxWaiting = 1000 }: { concurrency: number; maxWaiting?: number },
) {
  const dispatcher = new Dispatcher({
    clock: systemClock,
    brokerNowMs: systemClock.nowMs,
    orchestrators: () => 1,
    policyOf: () => ({ ...DEFAULT_POLICY, limits: { ...NO_LIMITS, concurrency } }),
    maxWaiting,
  })
  const made = emitterOf({ bus, blobs, dispatcher })
  t.teardown(() => {
    made.emitter.clear()
    dispatcher.stop()
  })
  const end = ({ id }: TaskState) =>
    dispatcher.onTask(
      dispatchedTask(id, { agent: 'x', steps: { a: { status: 'completed', attempt: 1 } } }),
      0,
    )
  return { ...made, dispatcher, end }
}
const tasksFor = (agent: string, count: number): TaskState[] =>
  Array.from({ length: count }, (_, i) => dispatchedTask(`${agent}-${i}`, { agent, seq: 10 + i }))

t.test('what waits for its turn keeps the watermark back, and goes when others end', async (t) => {
  const { emitter, keep, end } = fixture(t, { concurrency: 2 })
  const tasks = tasksFor('turns', 5)
  await keep(tasks)
  await emitter.emit(tasks.map(dispatchOf))
  t.equal(await queued('turns'), 2)
  t.equal(emitter.heldFrom, 12)
  end(tasks[0]!)
  await until('the third is out', async () => (await queued('turns')) === 3)
  await until('the fourth is next', () => emitter.heldFrom === 13)
  // The task of the fourth ends while it waits: it is never sent.
  end(tasks[3]!)
  t.equal(emitter.heldFrom, 14)
  end(tasks[1]!)
  await until('the fifth is out', () => emitter.heldFrom === undefined)
  t.equal(await queued('turns'), 4)
})

t.test('more than may wait: found again in the store, none lost and none twice', async (t) => {
  const { emitter, keep, end, dispatcher } = fixture(t, { concurrency: 1, maxWaiting: 2 })
  const tasks = tasksFor('many', 8)
  await keep(tasks)
  await emitter.emit(tasks.map(dispatchOf))
  t.equal(await queued('many'), 1)
  t.equal(emitter.heldFrom, 11)
  const done = new Set<string>()
  await until('all had their turn', () => {
    const out = tasks.filter(
      ({ id }) => !done.has(id) && dispatcher.sentOf({ taskId: id, stepId: 'a', attempt: 1 }),
    )
    if (out.length > 1) throw new Error(`${out.length} are out`)
    for (const task of out) {
      done.add(task.id)
      end(task)
    }
    return done.size === tasks.length
  })
  await until('all are out', () => emitter.heldFrom === undefined)
  t.equal(await queued('many'), 8)
})

t.test('who starts over forgets what waited; the next one offers it anew', async (t) => {
  const { emitter, keep } = fixture(t, { concurrency: 1 })
  const tasks = tasksFor('again', 3)
  await keep(tasks)
  await emitter.emit(tasks.map(dispatchOf))
  emitter.clear()
  t.equal(emitter.heldFrom, undefined)
  await emitter.emit(tasks.map(dispatchOf))
  t.equal(emitter.heldFrom, 11)
  t.equal(await queued('again'), 1, 'its id is known: nothing was sent twice')
})

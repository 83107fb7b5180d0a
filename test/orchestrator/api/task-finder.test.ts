import t from 'tap'
import { createManualClock } from '#platform/clock/manual-clock.ts'
import type { Bus } from '#platform/nats/bus.ts'
import type { TaskState } from '#schemas/task.ts'
import { TaskFinder } from '../../../services/orchestrator/api/task-finder.ts'
import type { PartitionStore } from '../../../services/orchestrator/partition/partition-store.ts'
import { taskState } from '../../support/task-states.ts'

/** A store that has folded the log up to 10. `asked`: how often the end of the log was asked for. */
function finder(tasks: TaskState[], { lastLogSeq = 10, level = true } = {}) {
  const clock = createManualClock()
  let asked = 0
  const streams = {
    lastLogSeq: async () => {
      asked++
      return lastLogSeq
    },
  }
  const store: Pick<PartitionStore, 'position' | 'readTasks'> = {
    position: async () => ({ offset: 10, emitted: 0, level, log: undefined }),
    readTasks: async (_, ids) => ids.map((id) => tasks.find((task) => task.id === id)),
  }
  const deps = { bus: { streams } as unknown as Bus, store: store as PartitionStore, partitions: 4, clock }
  return { tasks: new TaskFinder(deps), clock, asked: () => asked }
}

t.test('a task is found by its tenant at once, and is not there for others', async (t) => {
  const { tasks, asked } = finder([taskState('t', { tenant: 'north' })])
  t.equal((await tasks.find('north', 't')).id, 't')
  await t.rejects(tasks.find('south', 't'), { code: 'TASK_NOT_FOUND' })
  t.equal(asked(), 0)
})

t.test('one that was accepted just now is waited for; one that there is not is denied', async (t) => {
  const known: TaskState[] = []
  const late = finder(known)
  const found = late.tasks.find('default', 't')
  await late.clock.whenSleeping()
  known.push(taskState('t'))
  await late.clock.advance(20)
  t.equal((await found).id, 't')
  const none = finder([])
  const denied = t.rejects(none.tasks.find('default', 't'), { code: 'TASK_NOT_FOUND' })
  await none.clock.whenSleeping()
  await none.clock.advance(320)
  await denied
  t.equal(none.asked(), 1)
})

t.test('what is not folded yet, or is read again, can not be denied', async (t) => {
  const behind = finder([], { lastLogSeq: 11 })
  const unsure = t.rejects(behind.tasks.find('default', 't'), { code: 'UNAVAILABLE' })
  await behind.clock.whenSleeping()
  await behind.clock.advance(320)
  await unsure
  await t.rejects(finder([taskState('t')], { level: false }).tasks.find('default', 't'), {
    code: 'UNAVAILABLE',
  })
})

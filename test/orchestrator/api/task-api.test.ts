import t from 'tap'
import { createManualClock } from '#platform/clock/manual-clock.ts'
import type { TaskState } from '#schemas/task.ts'
import { TaskApi } from '../../../services/orchestrator/api/task-api.ts'
import type {
  PartitionPosition,
  PartitionStore,
} from '../../../services/orchestrator/partition/partition-store.ts'
import { taskState } from '../../support/task-states.ts'
import { servedOperations } from './served-operations.ts'

/** An orchestrator that answers about these tasks; the log goes as far as the store has folded it, unless it is said otherwise. */
function api(
  tasks: TaskState[],
  about: { offset?: () => number; lastLogSeq?: number; unreadable?: boolean } = {},
) {
  const clock = createManualClock()
  let asked = 0
  const { bus, ask, served } = servedOperations({
    streams: {
      async lastLogSeq() {
        asked++
        return about.lastLogSeq ?? 10
      },
    },
  })
  const store: Pick<PartitionStore, 'position' | 'readTasks'> = {
    position: async (): Promise<PartitionPosition> => ({
      offset: about.offset?.() ?? 10,
      emitted: 0,
      level: true,
      log: undefined,
    }),
    readTasks: async (_, ids, onUnreadable) =>
      ids.map((id) => {
        if (about.unreadable) onUnreadable?.({ id, why: 'spoilt', known: {} })
        return tasks.find((task) => task.id === id)
      }),
  }
  const component = new TaskApi({
    bus,
    store: store as PartitionStore,
    partitions: 4,
    clock,
    answers: { encode: async (task) => Buffer.from(task.id) },
    placements: { explained: async (_, task) => task },
  })
  component.start()
  return { component, clock, ask, served, asked: () => asked }
}

const get = { taskId: 't' }

t.test('it serves as long as it runs', async (t) => {
  const { component, served } = api([])
  t.strictSame(served(), ['getTask', 'getTaskLog', 'listTasks'])
  component.quiesce()
  t.strictSame(served(), [])
})

t.test('a task is answered to its tenant, and is not there for others', async (t) => {
  const { ask, asked } = api([taskState('t', { tenant: 'north' })])
  t.equal(String(await ask('getTask', get, 'north')), 't')
  t.equal(asked(), 0, 'nobody asked for the end of the log')
  await t.rejects(ask('getTask', get, 'south'), { code: 'TASK_NOT_FOUND' })
  t.equal(asked(), 0, 'nor did it wait')
})

t.test('one that was accepted just now is waited for', async (t) => {
  const tasks: TaskState[] = []
  const { ask, clock } = api(tasks)
  const answer = ask('getTask', get)
  await clock.whenSleeping()
  tasks.push(taskState('t'))
  await clock.advance(20)
  t.equal(String(await answer), 't')
})

t.test('one that there is not is denied after 300 ms, when all of the log is folded', async (t) => {
  const { ask, clock, asked } = api([])
  const answer = t.rejects(ask('getTask', get), { code: 'TASK_NOT_FOUND', message: 'there is no task "t"' })
  await clock.whenSleeping()
  await clock.advance(300)
  t.equal(clock.sleeping, 1, 'not before')
  await clock.advance(20)
  await answer
  t.equal(asked(), 1, 'the end of the log as it was when it was asked')
})

t.test('what is not folded yet can not be denied', async (t) => {
  const { ask, clock } = api([], { lastLogSeq: 11 })
  const answer = t.rejects(ask('getTask', get), { code: 'UNAVAILABLE', retryAfterMs: 1000 })
  await clock.whenSleeping()
  await clock.advance(320)
  await answer
  await t.rejects(api([], { unreadable: true }).ask('getTask', get), { code: 'UNAVAILABLE' })
})

import t from 'tap'
import type { TaskState } from '#schemas/task.ts'
import { endedRuns } from '../../../services/orchestrator/schedules/run-outcomes.ts'

const run = (taskId: string) => ({ taskId, scheduledAtMs: 1, startedAtMs: 1 })
const deps = (about: {
  tasks?: Record<string, TaskState['status']>
  offset?: number
  lastSeq?: number
  level?: boolean
}) => ({
  bus: { streams: { lastLogSeq: async () => about.lastSeq ?? 10 } },
  store: {
    position: async () => ({
      offset: about.offset ?? 10,
      emitted: 0,
      level: about.level ?? true,
      log: undefined,
    }),
    readTasks: async (_partition: number, ids: string[]) =>
      ids.map((id) => {
        const status = about.tasks?.[id]
        return status && ({ id, status } as TaskState)
      }),
  },
  partitions: 4,
})

t.test('those that are over, and no others', async (t) => {
  const tasks = { a: 'completed', b: 'running', c: 'failed', d: 'cancelled', e: 'scheduled' } as const
  const ended = await endedRuns(Object.keys(tasks).map(run), deps({ tasks }))
  t.strictSame([...ended], ['a', 'c', 'd'])
})

t.test(
  'one that is not there was forgotten, once all of the log is folded; before, it may be on its way',
  async (t) => {
    t.strictSame([...(await endedRuns([run('x')], deps({})))], ['x'])
    t.strictSame([...(await endedRuns([run('x')], deps({ offset: 9 })))], [])
  },
)

t.test('while the partition is built anew nobody can say', async (t) => {
  await t.rejects(endedRuns([run('x')], deps({ level: false })), { code: 'UNAVAILABLE' })
})

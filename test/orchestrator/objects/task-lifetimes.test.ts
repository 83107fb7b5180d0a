import t from 'tap'
import type { TaskState } from '../../../schemas/task.ts'
import { TaskLifetimes } from '../../../services/orchestrator/objects/task-lifetimes.ts'
import { taskState } from '../../support/task-states.ts'

const states: Record<string, TaskState> = {
  runs: taskState('runs', { keepFinishedMs: 500 }),
  ended: taskState('ended', { status: 'completed', finishedAtMs: 1000, keepFinishedMs: 500 }),
  old: taskState('old', { status: 'failed', finishedAtMs: 1000 }),
}
function lifetimesOf(level: boolean, archived: Record<string, TaskState> = {}) {
  return new TaskLifetimes({
    ended: {
      async find(id) {
        if (id === 'away') throw new Error('the archive does not answer')
        return archived[id]
      },
    },
    store: {
      position: async () => ({ offset: 1, emitted: 1, level, log: undefined }),
      readTasks: async (_partition, ids, onUnreadable) => {
        if (ids.includes('torn')) onUnreadable?.({ id: 'torn', why: 'torn', known: {} })
        return ids.map((id) => states[id])
      },
    },
    ...{ partitions: 2, keepFinishedMs: 9000, nowMs: () => 1200 },
  })
}

t.test('until when tasks are there at least, and whether they are', async (t) => {
  t.strictSame(Object.fromEntries(await lifetimesOf(true).of(['runs', 'ended', 'old', 'none', 'torn'])), {
    runs: 1700,
    ended: 1500,
    old: 10_000,
    none: 'gone',
    torn: 'unknown',
  })
  t.strictSame(
    Object.fromEntries(await lifetimesOf(false).of(['runs', 'none'])),
    { runs: 1700, none: 'unknown' },
    'while partitions are built anew nobody can say what is gone',
  )
})

t.test(
  'what is history since the partition was restored is kept for as long as it may be read',
  async (t) => {
    const history = taskState('history', { status: 'completed', finishedAtMs: 1100, keepFinishedMs: 500 })
    t.strictSame(Object.fromEntries(await lifetimesOf(true, { history }).of(['history', 'none', 'away'])), {
      history: 1600,
      none: 'gone',
      away: 'unknown',
    })
  },
)

t.test('which have ended, and which have not', async (t) => {
  const { ended, active } = await lifetimesOf(true).ended(['runs', 'ended', 'none'])
  t.strictSame([[...ended], [...active]], [['ended'], ['runs']])
  await t.rejects(lifetimesOf(true).ended(['torn']), { code: 'UNAVAILABLE' })
})

import t from 'tap'
import type { TaskState } from '#schemas/task.ts'
import { EndedTasks } from '../../../services/orchestrator/history/ended-tasks.ts'
import { taskState } from '../../support/task-states.ts'

const KEEP = 1000
const NOW = 10_000

function world(task: TaskState | undefined, { isArchived = true, leftUntilMs = 0 } = {}) {
  const asked: [string, number][] = []
  const archive = {
    async findEnded(taskId: string, sinceMs: number) {
      asked.push([taskId, sinceMs])
      return task
    },
    async findTask(taskId: string) {
      asked.push([taskId, 0])
      return task
    },
  }
  const ended = new EndedTasks({
    archive: () => (isArchived ? archive : undefined),
    left: { untilMs: async () => leftUntilMs || undefined },
    ...{ partitions: 4, keepFinishedMs: KEEP, nowMs: () => NOW },
  })
  return { ended, asked }
}
const finished = (about: Partial<TaskState>) => taskState('a', { status: 'completed', ...about })

t.test('what ended before its partition was restored, and may be read, is in the archive', async (t) => {
  const task = finished({ finishedAtMs: NOW - 500 })
  const { ended, asked } = world(task)
  t.equal(await ended.find('a', { restoredAtMs: NOW - 10 }), task)
  t.strictSame(asked, [['a', NOW - KEEP]])
})

t.test('one whose time is over is not there, whoever asks', async (t) => {
  const { ended } = world(finished({ finishedAtMs: NOW - 500, keepFinishedMs: 400 }))
  t.equal(await ended.find('a', { restoredAtMs: NOW - 10 }), undefined)
})

t.test('nobody asks the archive where all that may be read is in the store', async (t) => {
  for (const position of [undefined, {}, { restoredAtMs: NOW - KEEP - 1 }]) {
    const { ended, asked } = world(finished({ finishedAtMs: NOW - 5 }))
    t.equal(await ended.find('a', position), undefined)
    t.strictSame(asked, [])
  }
  t.equal(await world(undefined, { isArchived: false }).ended.find('a', { restoredAtMs: NOW }), undefined)
})

t.test('one that has left to make room is in the archive, until its time is over', async (t) => {
  const task = finished({ finishedAtMs: NOW - 500 })
  const { ended, asked } = world(task, { leftUntilMs: NOW + 5 })
  t.equal(await ended.find('a', { leftUntilMs: NOW + 7 }), task)
  t.strictSame(asked, [['a', 0]], 'nothing else is looked at')
  t.equal(await ended.find('a', { leftUntilMs: NOW }), undefined, 'all that had left have expired')
  const other = world(task)
  t.equal(await other.ended.find('a', { leftUntilMs: NOW + 7 }), undefined, 'others have left')
  t.strictSame(other.asked, [])
  t.equal(await other.ended.find('a', { leftUntilMs: NOW + 7, restoredAtMs: NOW - 10 }), task, 'restored too')
  const late = world(task, { leftUntilMs: NOW })
  t.equal(await late.ended.find('a', { leftUntilMs: NOW + 7 }), undefined, 'its own time is over')
})

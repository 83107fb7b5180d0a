import t from 'tap'
import type { TaskState } from '#schemas/task.ts'
import { EndedTasks } from '../../../services/orchestrator/history/ended-tasks.ts'
import { taskState } from '../../support/task-states.ts'

const KEEP = 1000
const NOW = 10_000

function world(task: TaskState | undefined, isArchived = true) {
  const asked: [string, number][] = []
  const archive = {
    async findEnded(taskId: string, sinceMs: number) {
      asked.push([taskId, sinceMs])
      return task
    },
  }
  const ended = new EndedTasks({
    ...{ archive: () => (isArchived ? archive : undefined), keepFinishedMs: KEEP, nowMs: () => NOW },
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
  t.equal(await world(undefined, false).ended.find('a', { restoredAtMs: NOW }), undefined)
})

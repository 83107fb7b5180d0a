import t from 'tap'
import type { TaskState } from '#schemas/task.ts'
import type { LeavingTask } from '../../../services/orchestrator/storage/left-tasks.ts'
import { RedisRelief } from '../../../services/orchestrator/storage/redis-relief.ts'
import { createManualClock } from '../../../services/platform/clock/manual-clock.ts'
import { silentLog } from '../../../services/platform/telemetry/logger.ts'
import { createMetrics } from '../../../services/platform/telemetry/metrics.ts'
import { taskState } from '../../support/task-states.ts'

const KEEP = 3_600_000

/** Redis with 1,000 tasks, each a thousandth of its memory; tasks are as `of` says. */
function world({
  of = () => ({}),
  archivedUpTo = 1000,
  isWhole = () => true,
  usedAtFirst = 0.9,
}: {
  of?: (i: number) => Partial<TaskState>
  archivedUpTo?: number
  isWhole?: (id: string) => boolean
  usedAtFirst?: number
}) {
  const clock = createManualClock()
  const nowMs = clock.nowMs()
  const tasks = new Map(
    Array.from({ length: 1000 }, (_, i) => [
      `t${i}`,
      taskState(`t${i}`, {
        ...{ status: 'completed', createdAtMs: 1000 + i, finishedAtMs: nowMs - 5, seq: i + 1 },
        ...of(i),
      }),
    ]),
  )
  const left: LeavingTask[] = []
  const hurries: number[] = []
  const relief = new (class extends RedisRelief {
    next = () => this.poll()
  })({
    redis: {
      info: async () => {
        const used = usedAtFirst * 1000 - left.length
        return [`used_memory:${Math.round(used)}\r\nmaxmemory:1000`]
      },
    },
    store: {
      position: async () => ({
        ...{ offset: 1000, emitted: 1000, level: true, log: { stream: 's', storedAtMs: 1 } },
      }),
      oldestTasks: async (_, { fromMs, count }) =>
        [...tasks.values()].filter(({ createdAtMs }) => createdAtMs >= fromMs).slice(0, count),
      readTasks: async (_, ids) => ids.map((id) => tasks.get(id)),
    },
    left: {
      leave: async (_, leaving) => {
        for (const { id } of leaving) tasks.delete(id)
        left.push(...leaving)
        return leaving.length
      },
    },
    owned: () => [7],
    archivedUpTo: (created, partition) => (created === 's' && partition === 7 ? archivedUpTo : 0),
    isArchived: async ({ id }) => isWhole(id),
    hurryArchive: (segmentMs) => void hurries.push(segmentMs),
    ...{ keepFinishedMs: KEEP, metrics: createMetrics(), clock, log: silentLog },
  })
  return { relief, left, tasks, nowMs, hurries }
}

t.test('the oldest leave until there is room, and no more than that', async (t) => {
  const { relief, left, nowMs, hurries } = world({})
  await relief.next()
  t.ok(left.length > 150 && left.length <= 650, `${left.length}: below 75 %`)
  t.strictSame(left[0], { id: 't0', untilMs: nowMs - 5 + KEEP })
  t.strictSame(
    left.map(({ id }) => id),
    Array.from({ length: left.length }, (_, i) => `t${i}`),
  )
  t.strictSame(hurries, [])
  await relief.next()
  t.ok(left.length <= 650, 'there is room: nothing leaves')
})

t.test('below the mark nothing leaves', async (t) => {
  const { relief, left } = world({ usedAtFirst: 0.79 })
  await relief.next()
  t.strictSame(left, [])
})

t.test(
  'what has not ended, is not archived, or has expired stays; the archive is told to hurry',
  async (t) => {
    const { relief, left, hurries } = world({
      archivedUpTo: 30,
      of: (i) => {
        if (i === 3) return { status: 'running', finishedAtMs: undefined } as Partial<TaskState>
        return i === 5 ? { finishedAtMs: 10, keepFinishedMs: 1 } : i === 6 ? { keepFinishedMs: 99_000 } : {}
      },
    })
    await relief.next()
    const ids = left.map(({ id }) => id)
    t.equal(ids.length, 28)
    t.notOk(ids.includes('t3') || ids.includes('t5') || ids.includes('t30'))
    const own = left.find(({ id }) => id === 't6')!
    t.equal(own.untilMs - left[0]!.untilMs, 99_000 - KEEP, 'its own time counts')
    t.strictSame(hurries, [5000])
  },
)

t.test('what the archive does not have whole stays', async (t) => {
  const { relief, left } = world({ isWhole: (id) => id === 't7' })
  await relief.next()
  t.strictSame(
    left.map(({ id }) => id),
    ['t7'],
  )
})

t.test('nothing leaves where nothing is archived', async (t) => {
  const { relief, left, hurries } = world({ archivedUpTo: 0 })
  await relief.next()
  t.strictSame(left, [])
  t.strictSame(hurries, [5000])
})

t.test('the archive is told to hurry no more than is needed', async (t) => {
  const early = world({ archivedUpTo: 0, usedAtFirst: 0.82 })
  await early.relief.next()
  t.strictSame(early.hurries, [60_000], 'nobody is refused yet')
  const busy = world({ of: () => ({ status: 'running', finishedAtMs: undefined }) as Partial<TaskState> })
  await busy.relief.next()
  t.strictSame(busy.hurries, [], 'nothing has ended')
})

import t, { type Test } from 'tap'
import { systemClock } from '#platform/clock/clock.ts'
import { createManualClock, type ManualClock } from '#platform/clock/manual-clock.ts'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import { createMetrics } from '#platform/telemetry/metrics.ts'
import { type ScheduleState, scheduleDefinitionSchema } from '#schemas/schedule.ts'
import type { Submission } from '#schemas/submission.ts'
import type { TaskState } from '#schemas/task.ts'
import { newSchedule } from '#workflow/schedule/decide-schedule.ts'
import { keyedTaskId } from '../../../services/orchestrator/intake/admit.ts'
import { ScheduleRunner } from '../../../services/orchestrator/schedules/schedule-runner.ts'
import { ScheduleStore } from '../../../services/orchestrator/schedules/schedule-store.ts'
import { SUBJECTS } from '../../../subjects/subjects.ts'
import { openBus } from '../../support/bus.ts'
import { quietLog } from '../../support/owner-fixture.ts'
import { withServers } from '../../support/servers.ts'
import { until } from '../../support/until.ts'

const servers = await withServers(t)
const bus = await openBus(t, servers.natsUrl)
await bus.streams.provision({ partitions: 1, storageBytes: 1024 ** 3 })
const START = createManualClock().nowMs()
const TICK = 200

/** What all orchestrators share: tasks by their keys, and whether they have ended. */
class Tasks {
  readonly submitted: { tenant: string; submission: Submission; taskId: string }[] = []
  readonly status = new Map<string, TaskState['status']>()
  readonly cancelled: string[] = []
  refuse: (submission: Submission) => MurmurError | undefined = () => undefined
  isKnown = true

  accept = async (tenant: string, submission: Submission) => {
    const refusal = this.refuse(submission)
    if (refusal) throw refusal
    const taskId = keyedTaskId(tenant, submission.idempotencyKey ?? '')
    const duplicate = this.status.has(taskId)
    if (!duplicate) {
      this.status.set(taskId, 'running')
      this.submitted.push({ tenant, submission, taskId })
    }
    return { taskId, duplicate }
  }
  cancel = async (_tenant: string, { taskId }: { taskId: string }) => {
    this.cancelled.push(taskId)
    this.status.set(taskId, 'cancelled')
  }
  store = {
    position: async () => ({ offset: 1, emitted: 1, level: this.isKnown, log: undefined }),
    readTasks: async (_partition: number, ids: string[]) =>
      ids.map((id) => {
        const status = this.status.get(id)
        return status && ({ id, status } as TaskState)
      }),
  }
  times = () => this.submitted.map(({ submission }) => submission.labels?.['murmur.scheduled-at'])
}

interface Orchestrator {
  store: ScheduleStore
  clock: ManualClock
  metric(name: string): Promise<number>
  stop(): Promise<void>
}

let names = 0
/** One schedule, and orchestrators that all think that it is theirs. */
async function open(t: Test, more: object, tasks: Tasks, count = 1) {
  const name = `s${names++}`
  const definition = scheduleDefinitionSchema.parse({
    everyMs: 1000,
    submission: { type: 'report', input: { n: 1 } },
    ...more,
  })
  // Else the next test's orchestrators would run it, too.
  t.teardown(async () => {
    const message = await bus.streams.lastMessage('SCHEDULES', SUBJECTS.schedule('acme', name))
    if (message) await bus.streams.deleteMessage('SCHEDULES', message.seq)
  })
  const start = async (): Promise<Orchestrator> => {
    const clock = createManualClock()
    const metrics = createMetrics()
    const store = new ScheduleStore({ bus, clock: systemClock, log: quietLog })
    const runner = new ScheduleRunner({
      bus,
      schedules: store,
      store: tasks.store,
      partitions: 1,
      clock,
      owns: () => true,
      accept: tasks.accept,
      cancel: tasks.cancel,
      metrics,
      log: quietLog,
    })
    await store.start()
    runner.start()
    const stop = async () => {
      await runner.quiesce()
      await store.stop()
    }
    t.teardown(stop)
    const metric = async (metricName: string) => {
      const lines = (await metrics.expose()).split('\n').filter((line) => line.startsWith(metricName))
      return lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0)
    }
    return { store, clock, metric, stop }
  }
  const all = await Promise.all(Array.from({ length: count }, start))
  const [first] = all
  await first!.store.write(newSchedule({ tenant: 'acme', name }, definition, START), 0)
  await Promise.all(all.map(({ store }) => store.settled()))
  const state = (): Promise<ScheduleState> => first!.store.get('acme', name)
  /** Turns all clocks to `ms` after the start, tick by tick, and lets what is under way be done. */
  const turnTo = async (ms: number) => {
    for (const { clock } of all)
      while (clock.nowMs() < START + ms) {
        await clock.whenSleeping()
        await clock.advance(TICK)
      }
  }
  /** Turns the clock tick by tick until something is so. */
  const turnUntil = (what: string, condition: () => boolean | Promise<boolean>) =>
    until(what, async () => {
      if (await condition()) return true
      await Promise.all(all.map(({ clock }) => clock.advance(TICK)))
      return false
    })
  return { name, all, state, turnTo, turnUntil }
}

const at = (ms: number) => new Date(START + ms).toISOString()

t.test('two that both think that it is theirs: one task for each occurrence, decided once', async (t) => {
  const tasks = new Tasks()
  const { all, state, turnTo } = await open(t, { overlap: 'allow', catchUp: { policy: 'all' } }, tasks, 2)
  for (let second = 1; second <= 8; second++) {
    await turnTo(second * 1000)
    await until('it is decided and done', async () => {
      const { cursorMs, pending } = await state()
      return cursorMs >= START + second * 1000 && pending.length === 0
    })
  }
  t.strictSame(
    tasks.times().toSorted(),
    Array.from({ length: 8 }, (_, i) => at((i + 1) * 1000)),
  )
  const { counts, lastRun } = await state()
  t.match(counts, { started: 8, missed: 0 })
  t.match(lastRun, { scheduledAtMs: START + 8000 })
  const started = await Promise.all(all.map(({ metric }) => metric('murmur_schedule_started_total')))
  t.equal(started[0]! + started[1]!, 8, 'and counted once')
})

t.test(
  'one that ends between writing and doing: the next one does it, and it is the same task',
  async (t) => {
    const tasks = new Tasks()
    // Accepted, and whoever did it never says so.
    const hanging = Promise.withResolvers<never>()
    const { accept } = tasks
    tasks.accept = async (...asked) => {
      await accept(...asked)
      return hanging.promise
    }
    const { state, turnTo } = await open(t, {}, tasks)
    await turnTo(1000)
    await until('it is accepted', () => tasks.submitted.length === 1)
    t.strictSame((await state()).pending, [{ scheduledAtMs: START + 1000 }])
    tasks.accept = accept
    const next = await open(t, {}, tasks)
    await next.all[0]!.clock.whenSleeping()
    await next.all[0]!.clock.advance(TICK)
    await until('it is known', async () => (await state()).pending.length === 0)
    t.equal(
      tasks.submitted.filter(({ submission }) => submission.labels?.['murmur.scheduled-at'] === at(1000))
        .length,
      1,
    )
    t.match((await state()).counts, { started: 1 })
    hanging.reject(new MurmurError('UNAVAILABLE', 'it is over'))
  },
)

t.test('overlap: while nobody can say what runs, nothing is decided; then what holds', async (t) => {
  const tasks = new Tasks()
  const { state, turnTo, turnUntil, all } = await open(t, { overlap: 'queue' }, tasks)
  await turnTo(1000)
  await until('one runs', async () => (await state()).running.length === 1)
  tasks.isKnown = false
  await turnTo(2600)
  t.equal((await state()).cursorMs, START + 1000)
  tasks.isKnown = true
  await turnUntil('one waits, and the next is skipped', async () => (await state()).counts.overlap > 0)
  const { running, queuedAtMs } = await state()
  t.ok(queuedAtMs)
  tasks.status.set(running[0]!.taskId, 'completed')
  await turnUntil('it goes', async () => tasks.submitted.length === 2)
  t.equal(tasks.times()[1], new Date(queuedAtMs!).toISOString())
  t.ok((await all[0]!.metric('murmur_schedule_skipped_total')) >= 1)
})

t.test('cancel-running: the one before is cancelled once the next is due', async (t) => {
  const tasks = new Tasks()
  const { state, turnTo, turnUntil } = await open(t, { overlap: 'cancel-running' }, tasks)
  await turnTo(1000)
  await until('one runs', async () => (await state()).running.length === 1)
  const { running } = await state()
  await turnTo(2000)
  await until('it is cancelled', () => tasks.cancelled.length > 0)
  t.equal(tasks.cancelled[0], running[0]!.taskId)
  await turnUntil('the next one runs', () => tasks.submitted.length >= 2)
})

t.test('no room: it is tried again; refused for good: it is told, with why', async (t) => {
  const tasks = new Tasks()
  tasks.refuse = () => new MurmurError('OVERLOADED', 'no room', { retryAfterMs: 100 })
  const { state, turnTo, turnUntil, all } = await open(
    t,
    { everyMs: 3_600_000, startAtMs: START + 1000 },
    tasks,
  )
  await turnTo(2000)
  await until('it waits', async () => (await state()).pending.length === 1)
  tasks.refuse = () => undefined
  await turnUntil('it is accepted', async () => (await state()).counts.started === 1)
  t.ok((await all[0]!.metric('murmur_schedule_late_seconds_sum')) >= 1)

  tasks.refuse = () => new MurmurError('UNKNOWN_AGENT', 'there is none')
  const other = await open(t, {}, tasks)
  await other.turnTo(1000)
  await until('it is refused', async () => (await other.state()).counts.refused === 1)
  t.match((await other.state()).lastSkip, { why: 'refused', problem: { code: 'UNKNOWN_AGENT' } })
})

t.test('what is left of a deleted one is taken away after an hour', async (t) => {
  const { name, all, turnTo } = await open(t, { cron: '@daily', everyMs: undefined }, new Tasks())
  const [{ store, clock }] = all as [Orchestrator]
  await store.change('acme', name, () => ({ v: 1, tenant: 'acme', name, deletedAtMs: START }))
  await turnTo(1000)
  const isThere = () => [...store.entries()].some(({ stored }) => stored.name === name)
  t.ok(isThere())
  await clock.advance(3_600_000)
  await until('it is gone', () => !isThere())
})

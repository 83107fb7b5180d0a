import t from 'tap'
import { systemClock } from '#platform/clock/clock.ts'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import { createSourceSealer } from '#platform/secrets/source-sealing.ts'
import { LIMITS } from '#schemas/limits.ts'
import { scheduleDefinitionSchema } from '#schemas/schedule.ts'
import type { Submission } from '#schemas/submission.ts'
import { newSchedule } from '#workflow/schedule/decide-schedule.ts'
import { ScheduleApi } from '../../../services/orchestrator/schedules/schedule-api.ts'
import { ScheduleStore } from '../../../services/orchestrator/schedules/schedule-store.ts'
import type { NatsOperationName, RequestInput } from '../../../subjects/operations.ts'
import { SUBJECTS } from '../../../subjects/subjects.ts'
import { openBus } from '../../support/bus.ts'
import { quietLog } from '../../support/owner-fixture.ts'
import { withServers } from '../../support/servers.ts'

const servers = await withServers(t)
const bus = await openBus(t, servers.natsUrl)
await bus.streams.provision({ partitions: 1, storageBytes: 1024 ** 3 })
const schedules = new ScheduleStore({ bus, clock: systemClock, log: quietLog })
const accepted: { tenant: string; submission: Submission }[] = []
let refusal: MurmurError | undefined
const api = new ScheduleApi({
  sources: createSourceSealer(undefined),
  bus,
  schedules,
  clock: systemClock,
  log: quietLog,
  partitions: 1,
  store: {
    position: async () => ({ offset: 1, emitted: 1, level: true, log: undefined }),
    readTasks: async (_partition, ids) => ids.map(() => undefined),
  },
  check: async () => undefined,
  accept: async (tenant, submission) => {
    if (refusal) throw refusal
    accepted.push({ tenant, submission })
    return { taskId: `task-${accepted.length}`, duplicate: false }
  },
})
await schedules.start()
api.start()
t.teardown(() => api.quiesce())
t.teardown(() => schedules.stop())

const ask = <Name extends NatsOperationName>(
  operation: Name,
  request: RequestInput<Name>,
  tenant = 'default',
) => bus.call(operation, request, { tenant })
const daily = { cron: '@daily', submission: { type: 'report' } }

t.test('each tenant has its own: others’ are not there', async (t) => {
  await ask('putSchedule', { name: 'mine', ...daily })
  await ask('putSchedule', { name: 'theirs', ...daily }, 'acme')
  t.match(await ask('listSchedules', {}), { schedules: [{ name: 'mine', tenant: 'default' }] })
  t.match(await ask('listSchedules', {}, 'acme'), { schedules: [{ name: 'theirs' }] })
  for (const operation of [
    'getSchedule',
    'pauseSchedule',
    'resumeSchedule',
    'triggerSchedule',
    'deleteSchedule',
  ] as const)
    await t.rejects(ask(operation, { name: 'theirs' }), { code: 'SCHEDULE_NOT_FOUND' }, operation)
  t.match(await ask('triggerSchedule', { name: 'theirs' }, 'acme'), { duplicate: false })
  t.equal(accepted.at(-1)?.tenant, 'acme')
})

t.test(
  'changed as a whole: counts stay, other times begin anew, a pause holds until it is said otherwise',
  async (t) => {
    await ask('triggerSchedule', { name: 'mine' })
    await ask('pauseSchedule', { name: 'mine', reason: 'why' })
    const { schedule, created } = await ask('putSchedule', {
      name: 'mine',
      everyMs: 60_000,
      submission: { type: 'report', priority: 2 },
    })
    t.notOk(created)
    t.match(schedule, { counts: { started: 1 }, paused: { reason: 'why' }, submission: { priority: 2 } })
    t.notOk('cron' in schedule)
    const again = await ask('putSchedule', { name: 'mine', ...daily, paused: false })
    t.notOk(again.schedule.paused)
    t.equal(again.schedule.nextRuns.length, 5)
  },
)

t.test('triggered and refused: whoever asked is told, and nothing is started later', async (t) => {
  refusal = new MurmurError('OVERLOADED', 'no room', { retryAfterMs: 100 })
  await t.rejects(ask('triggerSchedule', { name: 'mine' }), { code: 'OVERLOADED' })
  refusal = undefined
  const state = await schedules.get('default', 'mine')
  t.match(state, { pending: [], lastSkip: { why: 'refused', problem: { code: 'OVERLOADED' } } })
})

t.test('at its bound a tenant makes no more, and changes those that it has', async (t) => {
  const definition = scheduleDefinitionSchema.parse(daily)
  await Promise.all(
    Array.from({ length: LIMITS.schedulesPerTenant }, (_, i) =>
      bus.publisher.publish(
        SUBJECTS.schedule('full', `s${i}`),
        JSON.stringify(newSchedule({ tenant: 'full', name: `s${i}` }, definition, 1000)),
        { msgId: `full-${i}` },
      ),
    ),
  )
  await schedules.settled()
  await t.rejects(ask('putSchedule', { name: 'more', ...daily }, 'full'), { code: 'LIMIT_EXCEEDED' })
  t.notOk((await ask('putSchedule', { name: 's7', ...daily }, 'full')).created)
  await ask('deleteSchedule', { name: 's8' }, 'full')
  t.ok((await ask('putSchedule', { name: 'more', ...daily }, 'full')).created)
  const first = await ask('listSchedules', { limit: 200 }, 'full')
  t.equal(first.schedules.length, 200)
  t.match(await ask('listSchedules', { limit: 200, cursor: first.nextCursor }, 'full'), {
    schedules: { length: 200 },
  })
})

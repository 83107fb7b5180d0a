import t from 'tap'
import { createManualClock } from '#platform/clock/manual-clock.ts'
import type { GetSubmissionRequest, SubmissionOutcome } from '../../../schemas/submission.ts'
import { SubmissionApi } from '../../../services/orchestrator/api/submission-api.ts'
import { intakeIdentity, taskIdFor } from '../../../services/orchestrator/intake/admit.ts'
import type { SubmissionOutcomes } from '../../../services/orchestrator/intake/submission-outcomes.ts'
import { inRange, type PartitionRange } from '../../../subjects/task-partition.ts'
import { taskState } from '../../support/task-states.ts'
import { servedOperations } from './served-operations.ts'

const BORN = '2026-01-01T00:00:00Z'
const taskIdOf = (request: GetSubmissionRequest, tenant = 'default') =>
  taskIdFor(tenant, intakeIdentity(request, BORN))

interface World {
  /** Ids of tasks that there are. */
  tasks?: string[]
  noted?: SubmissionOutcome
  /** Message ids in the queue, from its first place on. */
  queue?: string[]
  lastLogSeq?: number
  /** Of a later epoch. */
  range?: PartitionRange
}

function api(world: World) {
  const clock = createManualClock()
  const queue = () => (world.queue ?? []).map((id, i) => ({ seq: i + 1, header: () => id }))
  const { bus, ask, served } = servedOperations({
    streams: {
      createdAt: async () => BORN,
      lastLogSeq: async () => world.lastLogSeq ?? 1,
      messageAt: async (_: string, seq: number) => queue().find((message) => message.seq === seq),
      nextMessage: async (_: string, __: string, from: number) => queue().find(({ seq }) => seq >= from),
    },
  })
  const component = new SubmissionApi({
    bus,
    store: {
      position: async () => ({ offset: 1, emitted: 1, level: true, log: undefined }),
      readTasks: async (_, ids) => ids.map((id) => (world.tasks?.includes(id) ? taskState(id) : undefined)),
    },
    outcomes: { find: async () => world.noted } as unknown as SubmissionOutcomes,
    partitions: 4,
    ...(world.range && { live: { elsewhere: (id) => [inRange(id, world.range)] } }),
    clock,
  })
  component.start()
  const find = (request: GetSubmissionRequest, tenant?: string) => ask('getSubmission', request, tenant)
  return { component, clock, find, served }
}

const rejected: SubmissionOutcome = {
  status: 'rejected',
  error: { code: 'UNKNOWN_AGENT', status: 400, message: 'no agent', fix: 'start it' },
}

t.test('a submission is accepted when there is the task that it names', async (t) => {
  for (const request of [{ messageId: 'm' }, { seq: 7 }]) {
    const taskId = taskIdOf(request)
    t.strictSame(await api({ tasks: [taskId] }).find(request), { status: 'accepted', taskId })
  }
  const north = taskIdOf({ messageId: 'm' }, 'north')
  t.strictSame(await api({ tasks: [north] }).find({ messageId: 'm' }, 'north'), {
    status: 'accepted',
    taskId: north,
  })
})

t.test('of a message id that was refused once and accepted then, the task counts', async (t) => {
  const taskId = taskIdOf({ messageId: 'm' })
  t.match(await api({ tasks: [taskId], noted: rejected }).find({ messageId: 'm' }), {
    status: 'accepted',
    taskId,
  })
  t.strictSame(await api({ noted: rejected }).find({ messageId: 'm' }), rejected)
  const bySeq = api({ tasks: [taskIdOf({ seq: 7 })], noted: rejected })
  t.strictSame(await bySeq.find({ seq: 7 }), rejected, 'a number names one message only')
})

t.test('one that is still in the queue waits, for the tenant whose queue it is', async (t) => {
  const world = api({ queue: ['a', 'b'] })
  t.strictSame(await world.find({ messageId: 'b' }), { status: 'waiting' })
  t.strictSame(await world.find({ seq: 2 }), { status: 'waiting' })
  const none = t.rejects(world.find({ messageId: 'b' }, 'north'), { code: 'NOT_FOUND' })
  await world.clock.whenSleeping()
  await world.clock.advance(400)
  await none
})

t.test('between the queue and the state it is nowhere for a moment', async (t) => {
  const world: World = {}
  const { clock, find } = api(world)
  const answer = find({ messageId: 'm' })
  await clock.whenSleeping()
  world.tasks = [taskIdOf({ messageId: 'm' })]
  await clock.advance(30)
  t.match(await answer, { status: 'accepted' })
})

t.test('what nobody knows of is denied by its name', async (t) => {
  const { clock, find } = api({})
  const none = Promise.all([
    t.rejects(find({ messageId: 'm' }), { code: 'NOT_FOUND', message: /the message id "m"$/ }),
    t.rejects(find({ seq: 9 }), { code: 'NOT_FOUND', message: /the sequence number 9$/ }),
  ])
  await clock.whenSleeping(2)
  await clock.advance(400)
  await none
})

t.test('a long queue is not searched to its end for a message id', async (t) => {
  const queue = Array.from({ length: 201 }, (_, i) => `m${i}`)
  const { component, find, served } = api({ queue })
  t.strictSame(await find({ messageId: 'm199' }), { status: 'waiting' })
  await t.rejects(find({ messageId: 'm200' }), { code: 'OVERLOADED', retryAfterMs: 1000 })
  t.strictSame(await find({ seq: 201 }), { status: 'waiting' }, 'its number finds it')
  component.quiesce()
  t.strictSame(served(), [])
})

t.test('it is found in whichever epoch of the log it was taken in', async (t) => {
  const range = { first: 4, count: 8 }
  const taskId = inRange(taskIdOf({ messageId: 'm' }), range)
  t.strictSame(await api({ tasks: [taskId], range }).find({ messageId: 'm' }), { status: 'accepted', taskId })
})

t.test('what is in the log and not folded yet is not denied', async (t) => {
  const world: World = { lastLogSeq: 2 }
  const { clock, find } = api(world)
  const unsure = t.rejects(find({ messageId: 'm' }), { code: 'UNAVAILABLE', retryAfterMs: 1000 })
  await clock.whenSleeping()
  await clock.advance(700)
  await unsure
})

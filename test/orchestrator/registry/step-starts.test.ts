import t from 'tap'
import { systemClock } from '#platform/clock/clock.ts'
import type { StartStepsResponse, StepOutcome } from '#schemas/step-message.ts'
import type { TaskState } from '#schemas/task.ts'
import type { PartitionPosition } from '../../../services/orchestrator/partition/partition-store.ts'
import { StepStarts } from '../../../services/orchestrator/registry/step-starts.ts'
import { createMetrics } from '../../../services/platform/telemetry/metrics.ts'
import { AGENT_SERVICES, SERVICES } from '../../../subjects/operations.ts'
import { partitionOf, SUBJECTS } from '../../../subjects/subjects.ts'
import { openBus } from '../../support/bus.ts'
import { MemoryPartitionStore } from '../../support/memory-partition-store.ts'
import { RecordingEmitter, startOwner, writeLog } from '../../support/owner-fixture.ts'
import { acceptedTask } from '../../support/random-plan.ts'
import { withServers } from '../../support/servers.ts'
import { until } from '../../support/until.ts'

const PARTITIONS = 4
const servers = await withServers(t)
const bus = await openBus(t, servers.natsUrl)
await bus.streams.provision({ partitions: PARTITIONS, storageBytes: 1024 ** 3 })

/** The store as the service meets it: it may know less than it will, or not answer. */
class Store extends MemoryPartitionStore {
  level = true
  away = false
  /** It was restored, and does not know yet what came after its copy. */
  behind = false
  /** Emptied while it is being asked, after it has answered so many questions. */
  emptiedAfter: number | undefined

  override async position(partition: number): Promise<(PartitionPosition & { level: boolean }) | undefined> {
    if (this.away) throw new Error('Redis is away')
    if (this.#isEmptied()) return undefined
    const position = await super.position(partition)
    return position && { ...position, level: this.level, ...(this.behind && { offset: 0 }) }
  }

  override async readTasks(partition: number, ids: string[]): Promise<(TaskState | undefined)[]> {
    return this.#isEmptied() ? ids.map(() => undefined) : super.readTasks(partition, ids)
  }

  #isEmptied(): boolean {
    return this.emptiedAfter !== undefined && this.emptiedAfter-- <= 0
  }
}

const store = new Store()
const emitter = new RecordingEmitter()
for (let partition = 0; partition < PARTITIONS; partition++) startOwner(t, { bus, store, emitter, partition })

/** What the service takes for the time since some moment, and for the broker's time. */
const time = { ms: 0, aheadMs: 0 }
const starts = new StepStarts({
  bus,
  store,
  partitions: PARTITIONS,
  clock: { ...systemClock, monotonicMs: () => time.ms },
  brokerNowMs: () => Date.now() + time.aheadMs,
  metrics: createMetrics({ processMetrics: false }),
})
starts.start()
t.teardown(() => starts.quiesce())
await bus.flush()

let tasks = 0
/** A task with one step that is out. */
async function dispatched(about: { queueTimeoutMs?: number; maxAttempts?: number } = {}): Promise<string> {
  const taskId = `start-${tasks++}`
  const { queueTimeoutMs, maxAttempts = 3 } = about
  const step = {
    id: 'a',
    agent: 'x',
    retry: { initialDelayMs: 0, maxAttempts },
    ...(queueTimeoutMs && { queueTimeoutMs }),
  }
  await writeLog(
    bus,
    partitionOf(taskId, PARTITIONS),
    'accepted',
    acceptedTask({ taskId, plan: { steps: [step] } }),
  )
  await isOut(taskId, 1)
  return taskId
}

const isOut = (taskId: string, attempt: number) =>
  until(`attempt ${attempt} is out`, () => emitter.attempts.includes(`${taskId}:a:${attempt}`))
const stateOf = async (taskId: string): Promise<TaskState> =>
  (await store.readTasks(partitionOf(taskId, PARTITIONS), [taskId]))[0]!
const whenFolded = (what: string, taskId: string, isSo: (state: TaskState) => boolean) =>
  until(what, async () => isSo(await stateOf(taskId)))
const done: StepOutcome = { kind: 'done', output: 1 }
const answer = (taskId: string, attempt: number, outcome: StepOutcome) => {
  const ran = { instance: 'x-1', startedAtMs: 1, finishedAtMs: 2 }
  return writeLog(bus, partitionOf(taskId, PARTITIONS), 'result', {
    v: 1,
    taskId,
    stepId: 'a',
    attempt,
    ...ran,
    outcome,
  })
}

interface Asking {
  attempt?: number
  deliveries?: number
  alone?: boolean
  running?: boolean
}
async function ask(
  instance: string,
  taskIds: string[],
  about: Asking = {},
  agent = 'x',
): Promise<StartStepsResponse> {
  const step = { stepId: 'a', attempt: 1, deliveries: 1, alone: false, running: false, ...about }
  const request = { instance, bornAtMs: 5, steps: taskIds.map((taskId) => ({ ...step, taskId })) }
  const subject = AGENT_SERVICES.of(agent, SERVICES.startSteps)
  return (await bus.request(subject, request, { timeoutMs: 5000 })) as StartStepsResponse
}
const release = (instance: string, taskId: string, agent = 'x') =>
  bus.request(
    AGENT_SERVICES.of(agent, SERVICES.releaseSteps),
    { instance, steps: [{ taskId, stepId: 'a', attempt: 1 }] },
    { timeoutMs: 5000 },
  )

/** Heartbeats of these instances, one a second, and the time passes with them. */
async function beat(instances: string[], seconds: number): Promise<void> {
  for (let i = 0; i < seconds; i++) {
    time.ms += 1000
    for (const instance of instances) {
      const body = {
        type: 'x',
        instance,
        version: '1',
        capacity: 1,
        inFlight: 0,
        status: 'ready',
        startedAtMs: 5,
      }
      bus.publishCore(SUBJECTS.heartbeat('x', instance), JSON.stringify(body))
    }
    await bus.flush()
  }
}

t.test('a start is in the log before it is answered, once however often it is asked', async (t) => {
  const taskIds = await Promise.all(Array.from({ length: 5 }, () => dispatched()))
  const firstFree = (await bus.streams.lastSeq('LOG', 'log.>')) + 1
  const { verdicts, brokerNowMs } = await ask('x-1', taskIds, { deliveries: 2, alone: true })
  t.strictSame(
    verdicts,
    taskIds.map(() => ({ verdict: 'run' })),
  )
  t.ok(Math.abs(brokerNowMs - Date.now()) < 1000)
  t.equal(await bus.streams.lastSeq('LOG', 'log.*.started'), firstFree + 4)
  await ask('x-1', taskIds, { deliveries: 2, alone: true })
  t.equal(await bus.streams.lastSeq('LOG', 'log.*.started'), firstFree + 4)
  for (const taskId of taskIds) {
    await whenFolded('its start is known', taskId, (state) => state.steps.a?.run !== undefined)
    t.match((await stateOf(taskId)).steps.a, {
      run: { instance: 'x-1', bornAtMs: 5, alone: true },
      expiresAtMs: undefined,
    })
  }
  await ask('x-1', taskIds, { deliveries: 2, alone: true, running: true })
  t.equal(await bus.streams.lastSeq('LOG', 'log.*.started'), firstFree + 4, 'what is known is not told again')
  await ask('x-1', taskIds, { deliveries: 2, alone: false, running: true })
  t.equal(await bus.streams.lastSeq('LOG', 'log.*.started'), firstFree + 9, 'unless others have joined it')
})

t.test('what nobody waits for is dropped', async (t) => {
  const [finished, retried, expired] = [
    await dispatched(),
    await dispatched(),
    await dispatched({ queueTimeoutMs: 60_000 }),
  ]
  await answer(finished, 1, done)
  await whenFolded('it has ended', finished, ({ status }) => status === 'completed')
  await answer(retried, 1, { kind: 'retry', error: { code: 'NOT_YET', message: 'later' } })
  await isOut(retried, 2)
  time.aheadMs = 61_000
  const { verdicts } = await ask('x-1', [finished, retried, expired, 'never-was'])
  time.aheadMs = 0
  t.strictSame(
    verdicts.map(({ reason }) => reason),
    ['task-finished', 'superseded', 'expired', 'unknown-task'],
  )
})

t.test('handing back leaves no mark, and gives the attempt its time in the queue again', async (t) => {
  const taskId = await dispatched({ queueTimeoutMs: 60_000 })
  await ask('x-1', [taskId], { deliveries: 2, alone: true })
  await whenFolded('it runs', taskId, ({ steps }) => steps.a?.run !== undefined)
  t.strictSame(await release('x-1', taskId), { ok: true })
  await whenFolded('it waits again', taskId, ({ steps }) => steps.a?.run === undefined)
  const { expiresAtMs } = (await stateOf(taskId)).steps.a!
  t.ok(Math.abs(expiresAtMs! - (Date.now() + 60_000)) < 5000, `${expiresAtMs}`)
  await beat(['x-2'], 10)
  t.match((await ask('x-2', [taskId], { deliveries: 3, alone: true })).verdicts, [{ verdict: 'run' }])
  t.strictSame(await release('x-1', 'never-was'), { ok: true }, 'what is not there needs no care')
})

t.test('a step that takes down who runs it alone: crashed, within its policy, then poison', async (t) => {
  const taskId = await dispatched({ maxAttempts: 2 })
  await beat(['x-1', 'x-2', 'x-3'], 5)
  await ask('x-1', [taskId], { running: true })
  await whenFolded('x-1 runs it', taskId, ({ steps }) => steps.a?.run?.instance === 'x-1')
  await beat(['x-2', 'x-3'], 5)
  const second = await ask('x-2', [taskId], { deliveries: 2, alone: true })
  t.match(second.verdicts, [{ verdict: 'run' }], 'x-1 died, with others in hand perhaps')
  await whenFolded('x-2 runs it', taskId, ({ steps }) => steps.a?.run?.instance === 'x-2')
  await beat(['x-3'], 2)
  await t.rejects(
    ask('x-3', [taskId], { deliveries: 3, alone: true }),
    { code: 'UNAVAILABLE' },
    'not known yet',
  )
  await beat(['x-3'], 2)
  const third = await ask('x-3', [taskId], { deliveries: 3, alone: true })
  t.strictSame(third.verdicts, [{ verdict: 'drop', reason: 'crashed' }])
  await isOut(taskId, 2)
  t.match((await stateOf(taskId)).steps.a, { crashes: 1, attempt: 2 })
  t.match(emitter.dispatched.at(-1), { attempt: 2, alone: true })
  const again = await ask('x-3', [taskId], { attempt: 2, alone: true })
  t.match(again.verdicts, [{ verdict: 'run' }])
  await whenFolded('x-3 runs it', taskId, ({ steps }) => steps.a?.run?.instance === 'x-3')
  await beat(['x-4'], 4)
  t.strictSame((await ask('x-4', [taskId], { attempt: 2, deliveries: 2, alone: true })).verdicts, [
    { verdict: 'drop', reason: 'crashed' },
  ])
  await whenFolded('it is given up', taskId, ({ status }) => status === 'failed')
  t.match((await stateOf(taskId)).error, {
    code: 'POISON_MESSAGE',
    stepId: 'a',
    message: /2 attempts .* "x-3"/,
  })
})

t.test('nothing is answered that is not known for sure', async (t) => {
  const taskId = await dispatched()
  store.level = false
  await t.rejects(ask('x-1', [taskId]), { code: 'UNAVAILABLE' }, 'the store is being filled')
  await t.rejects(release('x-1', taskId), { code: 'UNAVAILABLE' })
  store.level = true
  store.away = true
  await t.rejects(ask('x-1', [taskId]), { code: 'UNAVAILABLE' }, 'the store is away')
  store.away = false
  for (const emptiedAfter of [0, 1]) {
    store.emptiedAfter = emptiedAfter
    await t.rejects(ask('x-1', [taskId]), { code: 'UNAVAILABLE' }, 'it is emptied just now')
    store.emptiedAfter = undefined
  }
  store.behind = true
  await t.rejects(
    ask('x-1', ['never-was']),
    { code: 'UNAVAILABLE' },
    'it was restored, and is behind its log',
  )
  t.match((await ask('x-1', [taskId])).verdicts, [{ verdict: 'run' }], 'what it knows, it knows')
  setTimeout(() => {
    store.behind = false
  }, 100)
  t.match((await ask('x-1', ['never-was'])).verdicts, [{ reason: 'unknown-task' }], 'it has caught up')
  await t.rejects(ask('y-1', [taskId], {}, 'y'), { code: 'PERMISSION_DENIED' }, 'a step of another type')
  await t.rejects(release('y-1', taskId, 'y'), { code: 'PERMISSION_DENIED' })
  await t.rejects(ask('x-1', []), { code: 'INVALID_REQUEST' })
  t.match((await ask('x-1', [taskId])).verdicts, [{ verdict: 'run' }])
})

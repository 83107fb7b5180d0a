import t from 'tap'
import type { Plan } from '#schemas/plan.ts'
import type { Commit } from '../../../services/orchestrator/partition/partition-store.ts'
import { openBus } from '../../support/bus.ts'
import { MemoryPartitionStore } from '../../support/memory-partition-store.ts'
import { RecordingEmitter, startOwner, writeLog } from '../../support/owner-fixture.ts'
import { acceptedTask } from '../../support/random-plan.ts'
import { withServers } from '../../support/servers.ts'
import { until } from '../../support/until.ts'

const servers = await withServers(t)
const bus = await openBus(t, servers.natsUrl)
await bus.streams.provision({ partitions: 64, storageBytes: 1024 ** 3 })

const PLAN: Plan = {
  steps: [
    { id: 'a', agent: 'x' },
    { id: 'b', agent: 'x', needs: ['a'] },
  ],
}
const ran = { instance: 'x-1', startedAtMs: 1, finishedAtMs: 2 }
let partitions = 0

/** A partition of its own with one task in it. */
function partitionWithTask() {
  const partition = partitions++
  const taskId = `task-${partition}`
  const write = (kind: Parameters<typeof writeLog>[2], body: object | string) =>
    writeLog(bus, partition, kind, body)
  return {
    partition,
    taskId,
    store: new MemoryPartitionStore(),
    emitter: new RecordingEmitter(),
    write,
    accept: (plan: Plan = PLAN) => write('accepted', acceptedTask({ taskId, plan })),
    done: (stepId: string, attempt = 1) =>
      write('result', { v: 1, taskId, stepId, attempt, ...ran, outcome: { kind: 'done', output: stepId } }),
  }
}
type Setup = ReturnType<typeof partitionWithTask>
const stateOf = async ({ store, partition, taskId }: Setup) => (await store.readTasks(partition, [taskId]))[0]
const endOf = (setup: Setup) =>
  until('the task has ended', async () => (await stateOf(setup))?.status === 'completed')

t.test('from the first event to the last, and the watermark follows', async (t) => {
  const setup = partitionWithTask()
  const { owner } = startOwner(t, { bus, ...setup })
  await setup.accept()
  await until('a is out', () => setup.emitter.attempts.length === 1)
  t.ok(owner.isLevel)
  await setup.done('a')
  await until('b is out', () => setup.emitter.attempts.length === 2)
  await setup.done('b')
  await endOf(setup)
  await owner.stop()
  t.strictSame(setup.emitter.attempts, [`${setup.taskId}:a:1`, `${setup.taskId}:b:1`])
  const position = await setup.store.position(setup.partition)
  t.equal(position?.emitted, position?.offset, 'everything is out')
  t.equal(position?.offset, await bus.streams.lastLogSeq('LOG', setup.partition))
})

t.test('messages that are no events are passed over', async (t) => {
  const setup = partitionWithTask()
  await setup.write('result', 'no JSON')
  await setup.accept()
  await setup.write('control', { v: 1, taskId: setup.taskId, action: 'explode' })
  const { seen } = startOwner(t, { bus, ...setup })
  await until('a is out', () => setup.emitter.attempts.length === 1)
  t.equal(seen.faults.length, 2)
})

t.test('an emission that fails is made again at once, without another event', async (t) => {
  const setup = partitionWithTask()
  const { owner } = startOwner(t, { bus, ...setup })
  await until('it follows', () => owner.isLevel)
  setup.emitter.failNext = 2
  await setup.accept()
  await until('a is out after all', () => setup.emitter.attempts.length === 1, 5000)
  t.equal(setup.emitter.emissions, 3)
})

t.test('rebuilding: nothing goes out before it is level, then what is unresolved', async (t) => {
  const setup = partitionWithTask()
  await setup.accept()
  await setup.done('a')
  startOwner(t, { bus, ...setup })
  await until('b is out', () => setup.emitter.attempts.length > 0)
  await setup.done('b')
  await endOf(setup)
  t.strictSame(setup.emitter.attempts, [`${setup.taskId}:b:1`], 'a was done long ago')
})

t.test(
  'rebuilding: a child that has ended reports again, since the report may have been lost with the store',
  async (t) => {
    const setup = partitionWithTask()
    const { partition, taskId } = setup
    const parent = { taskId: 'parent', stepId: 's', attempt: 1, depth: 1 }
    await writeLog(bus, partition, 'accepted', acceptedTask({ v: 2, taskId, plan: PLAN, parent }))
    await setup.done('a')
    await setup.done('b')
    startOwner(t, { bus, ...setup })
    await until('it has reported', () => setup.emitter.reported.length > 0)
    t.strictSame(setup.emitter.reported, [taskId])
    t.strictSame(setup.emitter.attempts, [], 'and nothing of it is out')
  },
)

t.test('rebuilding that was cut short goes on in silence', async (t) => {
  const setup = partitionWithTask()
  await setup.accept()
  await setup.done('a')
  const { partition, emitter } = setup
  // Its first commit goes through, then it is gone: the store has an offset, and nothing is out.
  const cut = new (class extends MemoryPartitionStore {
    override async commit(p: number, commit: Commit) {
      return super.commit(p, { ...commit, emitted: 0 })
    }
  })()
  const { foldBatch } = await import('../../../services/orchestrator/partition/fold-batch.ts')
  const atMs = Date.now()
  const body = acceptedTask({ taskId: setup.taskId, plan: PLAN })
  const seq = (await firstSeq(partition))!
  const fold = foldBatch([{ kind: 'accepted', atMs, seq, body }], () => undefined, { keepFinishedMs: 60_000 })
  const commit = {
    id: 'cut',
    expectedOffset: undefined,
    offset: seq,
    emitted: 0,
    level: false,
    log: { stream: (await bus.streams.facts('LOG')).created, storedAtMs: (await atSeq(seq))!.storedAtMs },
    depth: fold.depth,
    tenants: fold.tenants,
    writes: fold.writes,
  }
  t.ok(await cut.commit(partition, commit))
  startOwner(t, { bus, ...setup, store: cut })
  await until('b is out', () => emitter.attempts.length > 0)
  t.strictSame(emitter.attempts, [`${setup.taskId}:b:1`], 'a was done long ago')
  t.strictSame(emitter.announced, [], 'and nobody hears of it again')
})

t.test('a crash between commit and emission: the next owner sends what is out', async (t) => {
  const setup = partitionWithTask()
  const stuck = Promise.withResolvers<void>()
  const crashed = startOwner(
    { teardown: () => undefined },
    { bus, ...setup, emitter: { emit: () => stuck.promise } },
  )
  t.teardown(async () => {
    stuck.resolve()
    await crashed.owner.stop()
  })
  await setup.accept()
  await until('it is committed', async () => (await stateOf(setup)) !== undefined)
  startOwner(t, { bus, ...setup })
  await until('a is out', () => setup.emitter.attempts.length === 1)
  t.strictSame(setup.emitter.attempts, [`${setup.taskId}:a:1`])
})

t.test('of two owners each event counts once; the stale one notices', async (t) => {
  const setup = partitionWithTask()
  const [one, other] = [startOwner(t, { bus, ...setup }), startOwner(t, { bus, ...setup })]
  await setup.accept()
  await until('a is out', () => setup.emitter.attempts.length > 0)
  await setup.done('a')
  await until('b is out', () => setup.emitter.attempts.includes(`${setup.taskId}:b:1`))
  await setup.done('b')
  await endOf(setup)
  t.equal((await stateOf(setup))?.rev, 3)
  await until('one was refused', () => one.seen.conflicts + other.seen.conflicts > 0)
  t.strictSame(await setup.store.depth(setup.partition), new Map(), 'counted once')
})

t.test(
  'a task that another owner has moved on is not taken for done: that may be lost with the store',
  async (t) => {
    const setup = partitionWithTask()
    const store = new (class extends MemoryPartitionStore {
      moved: 'not yet' | 'now' | 'forgotten' = 'not yet'
      isAsked = false
      override async readTasks(...about: Parameters<MemoryPartitionStore['readTasks']>) {
        const states = await super.readTasks(...about)
        if (this.moved !== 'now') return states
        this.moved = 'forgotten'
        this.isAsked = true
        return states.map((state) => state && { ...state, seq: state.seq + 1_000_000 })
      }
      override async position(partition: number) {
        const found = await super.position(partition)
        if (!this.isAsked || !found) return found
        this.isAsked = false
        return { ...found, offset: found.offset + 1 }
      }
    })()
    const { seen } = startOwner(t, { bus, ...setup, store, cachedTasks: 0 })
    await setup.accept()
    await until('a is out', () => setup.emitter.attempts.length > 0)
    store.moved = 'now'
    await setup.done('a')
    await until('b is out', () => setup.emitter.attempts.includes(`${setup.taskId}:b:1`))
    t.equal(store.moved, 'forgotten')
    t.equal(seen.conflicts, 1, 'it has started over')
  },
)

t.test('a store that is emptied while nothing happens is filled again', async (t) => {
  const setup = partitionWithTask()
  startOwner(t, { bus, ...setup })
  await setup.accept()
  await until('a is out', () => setup.emitter.attempts.length === 1)
  setup.store.flush()
  await until('the task is back', async () => (await stateOf(setup)) !== undefined, 5000)
  t.match(await stateOf(setup), { status: 'running', steps: { a: { status: 'dispatched', attempt: 1 } } })
})

t.test(
  'timers go off through the log: a delayed start, a timeout with its retry, the deadline',
  async (t) => {
    const setup = partitionWithTask()
    startOwner(t, { bus, ...setup })
    const step = { id: 'a', agent: 'x', timeoutMs: 50, retry: { initialDelayMs: 0, maxAttempts: 100 } }
    const accepted = acceptedTask({
      taskId: setup.taskId,
      plan: { steps: [step] },
      delayMs: 100,
      deadlineMs: 5000,
    })
    await setup.write('accepted', accepted)
    const isOut = (attempt: number) =>
      until(`attempt ${attempt} is out`, () => setup.emitter.attempts.length === attempt)
    const about = { v: 1, taskId: setup.taskId, stepId: 'a' }
    await isOut(1)
    await setup.write('started', { ...about, attempt: 1, instance: 'x-1', bornAtMs: 1, alone: false })
    await isOut(2)
    const outcome = { kind: 'retry', error: { code: 'STEP_FAILED', message: 'once more' } }
    await setup.write('result', { ...about, attempt: 2, ...ran, outcome })
    await isOut(3)
    await until('the deadline has come', async () => (await stateOf(setup))?.status === 'failed')
    const state = (await stateOf(setup))!
    t.match(state.error, { code: 'DEADLINE_EXCEEDED' })
    t.ok(
      state.finishedAtMs! - state.deadlineAtMs < 500,
      `${state.finishedAtMs! - state.deadlineAtMs} ms late`,
    )
    t.equal(state.startAtMs - state.createdAtMs, 100)
    t.strictSame(
      setup.emitter.dispatched.map(({ attempt }) => attempt),
      [1, 2, 3],
    )
    t.equal(await setup.store.nextTimerMs(setup.partition), undefined)
  },
)

t.test('more tasks than memory holds', async (t) => {
  const partition = partitions++
  const [store, emitter] = [new MemoryPartitionStore(), new RecordingEmitter()]
  startOwner(t, { bus, store, emitter, partition, cachedTasks: 5 })
  const ids = Array.from({ length: 200 }, (_, i) => `many-${i}`)
  await Promise.all(
    ids.map((taskId) => writeLog(bus, partition, 'accepted', acceptedTask({ taskId, plan: PLAN }))),
  )
  for (const stepId of ['a', 'b']) {
    await until(
      `all ${stepId} are out`,
      () => emitter.dispatched.filter((m) => m.stepId === stepId).length === 200,
    )
    const outcome = { kind: 'done', output: null }
    await Promise.all(
      ids.map((taskId) =>
        writeLog(bus, partition, 'result', { v: 1, taskId, stepId, attempt: 1, ...ran, outcome }),
      ),
    )
  }
  const ended = async () =>
    (await store.readTasks(partition, ids)).filter((task) => task?.status === 'completed').length
  await until('all have ended', async () => (await ended()) === 200)
  t.equal(new Set(emitter.attempts).size, 400)
  t.equal(emitter.attempts.length, 400, 'each once')
})

const atSeq = (seq: number) => bus.streams.nextMessage('LOG', '>', seq)

async function firstSeq(partition: number): Promise<number | undefined> {
  const { promise, resolve } = Promise.withResolvers<number>()
  const reader = bus.consumers.readLog({
    stream: 'LOG',
    filterSubject: `log.${partition}.*`,
    fromSeq: 1,
    onMessage: ({ seq }) => resolve(seq),
  })
  const seq = await promise
  await reader.stop()
  return seq
}

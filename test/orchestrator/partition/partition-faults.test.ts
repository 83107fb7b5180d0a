import t from 'tap'
import { LIMITS } from '#schemas/limits.ts'
import type { LogEvent } from '#schemas/log-event.ts'
import type { Plan } from '#schemas/plan.ts'
import { foldBatch } from '../../../services/orchestrator/partition/fold-batch.ts'
import { type Commit, CommitRefused } from '../../../services/orchestrator/partition/partition-store.ts'
import type { Quarantine } from '../../../services/orchestrator/partition/quarantine.ts'
import { openBus, openNats } from '../../support/bus.ts'
import { MemoryPartitionStore } from '../../support/memory-partition-store.ts'
import { RecordingEmitter, startOwner, writeLog } from '../../support/owner-fixture.ts'
import { acceptedTask } from '../../support/random-plan.ts'
import { withServers } from '../../support/servers.ts'
import { taskState } from '../../support/task-states.ts'
import { until } from '../../support/until.ts'

const servers = await withServers(t)
const bus = await openBus(t, servers.natsUrl)
const { jsm } = await openNats(t, servers.natsUrl)
await bus.streams.provision({ partitions: 64, storageBytes: 1024 ** 3 })

const PLAN: Plan = { steps: [{ id: 'a', agent: 'x' }] }
const ran = { instance: 'x-1', startedAtMs: 1, finishedAtMs: 2 }
let partitions = 0

function setUp() {
  const partition = partitions++
  const [store, emitter] = [new MemoryPartitionStore(), new RecordingEmitter()]
  const write = (kind: Parameters<typeof writeLog>[2], body: object | string) =>
    writeLog(bus, partition, kind, body)
  return {
    partition,
    store,
    emitter,
    write,
    accept: (taskId: string, about: Partial<Parameters<typeof acceptedTask>[0]> = {}) =>
      write('accepted', acceptedTask({ taskId, plan: PLAN, ...about })),
    result: (taskId: string, outcome: object, stepId = 'a') =>
      write('result', { v: 1, taskId, stepId, attempt: 1, ...ran, outcome }),
    done: (taskId: string) =>
      write('result', {
        v: 1,
        taskId,
        stepId: 'a',
        attempt: 1,
        ...ran,
        outcome: { kind: 'done', output: 1 },
      }),
  }
}
type Setup = ReturnType<typeof setUp>
const stateOf = async ({ store, partition }: Setup, taskId: string) =>
  (await store.readTasks(partition, [taskId]))[0]
const ended = (setup: Setup, taskId: string, timeoutMs = 10_000) =>
  until(
    `${taskId} has ended`,
    async () => (await stateOf(setup, taskId))?.finishedAtMs !== undefined,
    timeoutMs,
  )

t.test('whatever is thrown over one task ends that task and nothing else', async (t) => {
  const broken = { steps: [{ id: 'a', agent: 'x', needs: 5 }] } as unknown as Plan
  const accepted = (taskId: string, seq: number, plan: Plan): LogEvent => ({
    kind: 'accepted',
    atMs: 1000,
    seq,
    body: acceptedTask({ taskId, plan }),
  })
  const result = (taskId: string, seq: number): LogEvent => ({
    kind: 'result',
    atMs: 2000,
    seq,
    body: { v: 1, taskId, stepId: 'a', attempt: 1, ...ran, outcome: { kind: 'done', output: 1 } },
  })
  const held = taskState('held', {
    plan: { steps: [{ id: 'a', agent: 'x' }, { id: 'b', agent: 'x', needs: 5 } as never] },
    steps: { a: { status: 'dispatched', attempt: 1 }, b: { status: 'waiting', attempt: 0 } },
  })
  const noSteps = taskState('no-steps', { plan: { steps: [] }, steps: { a: null as never }, seq: 0 })
  const quarantined = new Map<string, Quarantine>()
  const events = [
    accepted('new', 11, broken),
    accepted('good', 12, PLAN),
    result('held', 13),
    result('good', 14),
    result('new', 15),
    { kind: 'control', atMs: 2000, seq: 16, body: { v: 1, taskId: 'no-steps', action: 'cancel' } } as const,
  ]
  const fold = foldBatch(
    events,
    (id) =>
      id === 'held'
        ? { state: held, storedDueMs: 5 }
        : id === 'no-steps'
          ? { state: noSteps, storedDueMs: 5 }
          : undefined,
    { keepFinishedMs: 60_000, quarantined },
  )
  t.strictSame([...quarantined.keys()].sort(), ['held', 'new', 'no-steps'])
  for (const id of ['new', 'held', 'no-steps'])
    t.match(fold.held.get(id)?.state, {
      status: 'failed',
      error: { code: 'TASK_QUARANTINED', message: /can't go on: .+/ },
    })
  t.match(fold.held.get('good')?.state, { status: 'completed' })
  t.match(
    fold.late.map((command) => command.kind === 'RecordLate' && command.reason),
    ['task-finished'],
  )
  t.equal(fold.depth.get('plan'), -2, 'those that were held are counted out, those that came never in')
  const announced = fold.work.flatMap(({ commands }) =>
    commands.flatMap((command) => (command.kind === 'AnnounceEvent' ? [command.event.kind] : [])),
  )
  t.equal(announced.filter((kind) => kind === 'failed').length, 3)
  const again = foldBatch([accepted('good', 12, PLAN)], () => fold.held.get('good'), { keepFinishedMs: 1 })
  t.equal(again.writes.length, 0, 'an event that is in the state already changes nothing')
})

t.test('a state that is too large for the store ends its task', async (t) => {
  const setup = setUp()
  const first = startOwner(t, { bus, ...setup })
  await setup.accept('large', { plan: { steps: [...PLAN.steps, { id: 'b', agent: 'x' }] } })
  await setup.accept('small')
  await until('all are out', () => setup.emitter.attempts.length === 3)
  await first.owner.stop()
  // Outputs are bounded where they come in: only a version that did not do so can have left one like this.
  setup.store.rewrite(setup.partition, 'large', (state) => {
    state.steps.a = { status: 'completed', attempt: 1, output: 'x'.repeat(LIMITS.stateBytes) }
  })
  const { seen } = startOwner(t, { bus, ...setup })
  await setup.result('large', { kind: 'done', output: 1 }, 'b')
  await setup.done('small')
  await ended(setup, 'small')
  await ended(setup, 'large')
  t.match(await stateOf(setup, 'large'), {
    status: 'failed',
    error: { code: 'TASK_QUARANTINED', message: /bytes, at most 4718592 are stored/ },
  })
  t.equal((await stateOf(setup, 'small'))?.status, 'completed')
  t.equal(seen.quarantined.length, 1)
  t.strictSame(await setup.store.depth(setup.partition), new Map())
})

t.test('a commit that is refused for one of its tasks is halved until that one is found', async (t) => {
  class Picky extends MemoryPartitionStore {
    commits = 0
    override async commit(partition: number, commit: Commit): Promise<boolean> {
      this.commits++
      const bad = commit.writes.some(
        ({ state }) => state.id === 'bad-7' && state.plan.steps[0]?.agent === 'x',
      )
      if (bad) throw new CommitRefused('ERR something of Redis')
      return super.commit(partition, commit)
    }
  }
  const setup = { ...setUp(), store: new Picky() }
  const ids = Array.from({ length: 100 }, (_, i) => (i === 57 ? 'bad-7' : `good-${i}`))
  await Promise.all(ids.map((id) => setup.accept(id)))
  const { seen } = startOwner(t, { bus, ...setup })
  await until('the others are out', () => setup.emitter.attempts.length === 99)
  t.match(await stateOf(setup, 'bad-7'), {
    status: 'failed',
    error: { code: 'TASK_QUARANTINED', message: /ERR something of Redis/ },
  })
  t.equal(seen.quarantined.length, 1)
  t.ok(setup.store.commits < 40, `${setup.store.commits} commits`)
})

t.test('a store that takes nothing of a partition any more is built anew once', async (t) => {
  class Broken extends MemoryPartitionStore {
    broken = true
    override async commit(partition: number, commit: Commit): Promise<boolean> {
      if (this.broken && commit.writes.length > 0) throw new CommitRefused('WRONGTYPE')
      return super.commit(partition, commit)
    }
    override async reset(...args: Parameters<MemoryPartitionStore['reset']>): Promise<boolean> {
      this.broken = false
      return super.reset(...args)
    }
  }
  const setup = { ...setUp(), store: new Broken() }
  const { owner, seen } = startOwner(t, { bus, ...setup })
  await until('it is level', () => owner.isLevel)
  await setup.accept('t1')
  await until('it is out', () => setup.emitter.attempts.length === 1)
  t.strictSame(seen.rebuilds, ['unreadable-store'])
})

t.test('results that can not be used fail their step, and what is none at all is kept in DEAD', async (t) => {
  const setup = setUp()
  const { seen } = startOwner(t, { bus, ...setup })
  await Promise.all(['deep', 'huge', 'odd', 'good'].map((id) => setup.accept(id)))
  await until('all are out', () => setup.emitter.attempts.length === 4)
  const head = (taskId: string) =>
    `{"v":1,"taskId":"${taskId}","stepId":"a","attempt":1,"instance":"x-1","startedAtMs":1,"finishedAtMs":2`
  const body = (taskId: string, output: string) =>
    `${head(taskId)},"outcome":{"kind":"done","output":${output}}}`
  await setup.write('result', body('deep', `${'['.repeat(5000)}${']'.repeat(5000)}`))
  await setup.write('result', body('huge', `"${'x'.repeat(400_000)}"`))
  await setup.write('result', `${head('odd')},"outcome":{"kind":"perhaps"}}`)
  await bus.publisher.publish(`log.${setup.partition}.result.shredder`, 'who am I?', { msgId: 'shredded' })
  await setup.done('good')
  for (const id of ['deep', 'huge', 'odd', 'good']) await ended(setup, id)
  for (const [id, why] of [
    ['deep', /nested/],
    ['huge', /bytes/],
    ['odd', /outcome/],
  ] as const)
    t.match(await stateOf(setup, id), { status: 'failed', error: { code: 'INVALID_OUTCOME', message: why } })
  t.equal((await stateOf(setup, 'good'))?.status, 'completed')
  t.equal(seen.faults.length, 4)
  await until('it is in DEAD', async () => (await bus.streams.lastSeq('DEAD', 'dead.shredder')) > 0)
  const dead = (await bus.streams.nextMessage('DEAD', 'dead.shredder', 1))!
  t.equal(Buffer.from(dead.data).toString(), 'who am I?')
  t.match(dead.header('Murmur-Reason'), /not JSON/)
})

t.test('a stored state that can not be read is made again from the log, once', async (t) => {
  const setup = setUp()
  const { seen } = startOwner(t, { bus, ...setup, cachedTasks: 0 })
  await setup.accept('t1')
  await setup.accept('t2')
  await until('all are out', () => setup.emitter.attempts.length === 2)
  setup.store.spoil('t1', { definitionToo: true })
  await setup.done('t1')
  await setup.done('t2')
  await ended(setup, 't1')
  await ended(setup, 't2')
  t.match(await stateOf(setup, 't1'), { status: 'completed', rev: 2 })
  t.strictSame(seen.unreadable, ['t1 remade'])
  t.strictSame(await setup.store.depth(setup.partition), new Map(), 'counted out once')
})

t.test('one that the log does not have any more is ended', async (t) => {
  const setup = setUp()
  const { seen } = startOwner(t, { bus, ...setup, cachedTasks: 0 })
  await setup.accept('t1')
  await until('it is out', () => setup.emitter.attempts.length === 1)
  setup.store.spoil('t1')
  await jsm.streams.deleteMessage('LOG', await bus.streams.lastLogSeq('LOG', setup.partition))
  await setup.done('t1')
  await ended(setup, 't1')
  t.match(await stateOf(setup, 't1'), { status: 'failed', error: { code: 'TASK_QUARANTINED' } })
  t.strictSame(seen.unreadable, ['t1 not remade'])
  await setup.accept('t2')
  await until('it goes on', () => setup.emitter.attempts.length === 2)
  t.strictSame((await setup.store.depth(setup.partition)).get('plan'), 1)
})

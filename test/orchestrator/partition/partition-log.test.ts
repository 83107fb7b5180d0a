import t from 'tap'
import type { Plan } from '#schemas/plan.ts'
import type { Commit } from '../../../services/orchestrator/partition/partition-store.ts'
import { systemClock } from '../../../services/platform/clock/clock.ts'
import { openBus, openNats } from '../../support/bus.ts'
import { MemoryPartitionStore } from '../../support/memory-partition-store.ts'
import { RecordingEmitter, startOwner, writeLog } from '../../support/owner-fixture.ts'
import { acceptedTask } from '../../support/random-plan.ts'
import { withServers } from '../../support/servers.ts'
import { openTcpProxy } from '../../support/tcp-proxy.ts'
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

t.test('before an event of a later version it stops, loudly, and all before it is done', async (t) => {
  const setup = setUp()
  await setup.accept('t1')
  const { owner, seen } = startOwner(t, { bus, ...setup })
  await until('t1 is out', () => setup.emitter.attempts.length === 1)
  await setup.accept('t2')
  await setup.write('control', { v: 3, taskId: 't1', action: 'levitate' })
  await setup.accept('t3')
  await until('it has stopped', () => owner.retired !== undefined)
  await until('t2 is out', () => setup.emitter.attempts.length === 2)
  t.match(owner.retired, { message: /"control" of version 3/, needsKey: false })
  t.match(seen.later, [/version 3/])
  t.equal(await stateOf(setup, 't3'), undefined)
  const position = (await setup.store.position(setup.partition))!
  t.equal(position.emitted, position.offset, 'a newer one goes on right there')
})

t.test(
  'a log that is another one: everything is built anew from it, and what is lost is counted',
  async (t) => {
    const partition = 60
    const setup = { ...setUp(), partition }
    const accept = (taskId: string) =>
      writeLog(bus, partition, 'accepted', acceptedTask({ taskId, plan: PLAN }))
    await accept('kept')
    await accept('lost')
    const first = startOwner(t, { bus, ...setup })
    await until('both are out', () => setup.emitter.attempts.length === 2)
    await first.owner.stop()
    // The log as it was before the second task, and then with others: like a store that was restored.
    const last = await bus.streams.lastLogSeq('LOG', partition)
    await jsm.streams.deleteMessage('LOG', last)
    const { position } = { position: (await setup.store.position(partition))! }
    const older = { ...position.log!, storedAtMs: position.log!.storedAtMs - 60_000 }
    t.ok(
      await setup.store.commit(partition, {
        id: 'as if',
        expectedOffset: position.offset,
        offset: last - 1,
        emitted: last - 1,
        level: true,
        log: older,
        writes: [],
        depth: new Map(),
        tenants: new Map(),
      }),
    )
    const second = startOwner(t, { bus, ...setup })
    await until('it is level again', () => second.owner.isLevel)
    await until('the loss is told', () => second.seen.lost === 1)
    t.strictSame(second.seen.rebuilds, ['other-history'])
    t.equal(await stateOf(setup, 'lost'), undefined)
    t.equal((await stateOf(setup, 'kept'))?.status, 'running')

    await t.test('and while it runs: the streams are made anew', async (t) => {
      await jsm.streams.delete('LOG')
      await bus.streams.provision({ partitions: 64, storageBytes: 1024 ** 3 })
      await accept('after')
      await until('what comes then is read', () => setup.emitter.attempts.at(-1) === 'after:a:1')
      t.equal(second.seen.rebuilds.at(-1), 'other-stream')
      t.equal(second.seen.lost, 2)
      t.equal(await stateOf(setup, 'kept'), undefined)
      const { created } = await bus.streams.facts('LOG')
      t.match(await setup.store.position(partition), { level: true, log: { stream: created } })
    })
  },
)

t.test('an empty partition has a position at once, and an old one without a log adopts it', async (t) => {
  const setup = setUp()
  const { owner } = startOwner(t, { bus, ...setup })
  await until('it is level', () => owner.isLevel)
  const { created } = await bus.streams.facts('LOG')
  t.match(await setup.store.position(setup.partition), { offset: 0, level: true, log: { stream: created } })
})

t.test('a rebuilding brings nothing back whose time is over', async (t) => {
  const setup = setUp()
  for (let i = 0; i < 50; i++) {
    await setup.accept(`old-${i}`, { keepFinishedMs: 0 })
    await setup.done(`old-${i}`)
  }
  await setup.accept('new')
  await setup.done('new')
  const { owner } = startOwner(t, { bus, ...setup })
  await until('it is level', () => owner.isLevel)
  const there = await setup.store.newestTasks(setup.partition, { start: 0, count: 100 })
  t.strictSame(
    there.map(({ id }) => id),
    ['new'],
  )
  t.equal((await stateOf(setup, 'new'))?.status, 'completed')
  t.equal(await stateOf(setup, 'old-3'), undefined)
})

t.test('a connection that drops while a result is under way costs its task nothing', async (t) => {
  const slowest: number[] = []
  // Each with a connection of its own, cut at other bytes.
  const cutOften = async (setup: Setup, firstByte: number) => {
    const proxy = await openTcpProxy(t, servers.natsUrl)
    const cutBus = await openBus(t, proxy.url)
    startOwner(t, { bus: cutBus, ...setup })
    for (let i = 0; i < 5; i++) {
      await until('the connection is there', () => cutBus.connected && proxy.open > 0)
      await setup.accept(`t${i}`)
      await until('it is out', () => setup.emitter.attempts.includes(`t${i}:a:1`))
      proxy.cutAfter(firstByte + 17 * i)
      const startedMs = performance.now()
      await setup.done(`t${i}`)
      await ended(setup, `t${i}`)
      slowest.push(performance.now() - startedMs)
    }
  }
  await Promise.all([0, 5, 10, 15, 20].map((i) => cutOften(setUp(), 1 + 17 * i)))
  t.equal(slowest.length, 25)
  const worst = Math.round(Math.max(...slowest))
  t.ok(worst < 4000, `the slowest ended after ${worst} ms`)
})

t.test('a partition that does not move says so, and what stands in its way', async (t) => {
  class Away extends MemoryPartitionStore {
    away = false
    refused = 0
    override async commit(partition: number, commit: Commit): Promise<boolean> {
      if (!this.away) return super.commit(partition, commit)
      this.refused++
      throw new Error('Redis is away')
    }
  }
  const setup = { ...setUp(), store: new Away() }
  let aheadMs = 0
  const clock = { ...systemClock, monotonicMs: () => systemClock.monotonicMs() + aheadMs }
  const { owner } = startOwner(t, { bus, ...setup, clock })
  await until('it is level', () => owner.isLevel)
  t.ok(owner.check().ok)
  setup.store.away = true
  await setup.accept('t1')
  await until('it has tried again', () => setup.store.refused > 1)
  t.ok(owner.check().ok, 'for a moment that is nothing')
  aheadMs = 5000
  await until('it is told', () => !owner.check().ok, 15_000)
  t.match(owner.check().detail, new RegExp(`partition ${setup.partition} has not moved .*Redis is away`))
  setup.store.away = false
  await until('it moves again', () => owner.check().ok)
})

t.test(
  'a partition answers for its tasks when it follows the log and knows all that was in it',
  async (t) => {
    class Held extends MemoryPartitionStore {
      isHeld = true
      isAsked = false
      override async position(partition: number) {
        this.isAsked = true
        await until('the store answers', () => !this.isHeld)
        return super.position(partition)
      }
    }
    const setup = { ...setUp(), store: new Held() }
    await setup.accept('t1')
    const { owner } = startOwner(t, { bus, ...setup })
    await until('it is being opened', () => setup.store.isAsked)
    t.match(owner.check(), {
      ok: false,
      detail: `partition ${setup.partition} is being opened, 0 events wait`,
    })
    setup.store.isHeld = false
    await until('it is ready', () => owner.check().ok)
    t.ok(owner.isLevel, 'what was in the log is known')
    t.strictSame(setup.emitter.attempts, ['t1:a:1'])
  },
)

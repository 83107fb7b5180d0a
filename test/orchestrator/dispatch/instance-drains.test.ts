import t from 'tap'
import { systemClock } from '#platform/clock/clock.ts'
import { STREAMS } from '#subjects/streams.ts'
import { SUBJECTS } from '#subjects/subjects.ts'
import { type AgentHeartbeat, agentHeartbeatSchema } from '../../../schemas/agent.ts'
import { MAX_DRAINED_INSTANCES } from '../../../schemas/agent-drain.ts'
import { Dispatcher } from '../../../services/orchestrator/dispatch/dispatcher.ts'
import { GONE_AFTER_MS, InstanceDrains } from '../../../services/orchestrator/dispatch/instance-drains.ts'
import { openBus } from '../../support/bus.ts'
import { heartbeatOf } from '../../support/dispatch-fixture.ts'
import { quietLog } from '../../support/owner-fixture.ts'
import { withServers } from '../../support/servers.ts'
import { until } from '../../support/until.ts'

const servers = await withServers(t)
const bus = await openBus(t, servers.natsUrl)
await bus.streams.provision({ partitions: 1, storageBytes: 1024 ** 3 })

/** An orchestrator's part of it, with a clock that can be put forward. */
async function openDrains() {
  let aheadMs = 0
  const clock = { ...systemClock, monotonicMs: () => systemClock.monotonicMs() + aheadMs }
  const own = await openBus(t, servers.natsUrl)
  const dispatcher = new Dispatcher({ clock, brokerNowMs: clock.nowMs, orchestrators: () => 1 })
  const drains = new InstanceDrains({ bus: own, clock, dispatcher: () => dispatcher, log: quietLog })
  await drains.start()
  t.teardown(async () => {
    drains.quiesce()
    await drains.stop()
    dispatcher.stop()
  })
  const hear = (type: string, instance: string, about: Partial<AgentHeartbeat> = {}) => {
    const beat = agentHeartbeatSchema.parse(heartbeatOf(type, instance, { cordoned: false, ...about }))
    dispatcher.onHeartbeat(beat)
    drains.heard(beat)
  }
  const pass = (ms: number) => {
    aheadMs += ms
  }
  return { drains, dispatcher, hear, pass }
}

const [first, second] = [await openDrains(), await openDrains()]
/** What instances of a type are told, in order. */
const told: string[] = []
bus.subscribe(SUBJECTS.cordonAll, ({ subject, data }) => {
  const { cordoned } = JSON.parse(Buffer.from(data).toString()) as { cordoned: boolean }
  told.push(`${subject.replace('agents.cordon.', '')} ${cordoned}`)
})
await bus.flush()
const ordersOf = (agent: string) => told.filter((one) => one.startsWith(`${agent}.`))
const drain = (agent: string, instance: string, reason?: string) => ({
  ...{ agent, instance, drain: true },
  ...(reason !== undefined && { reason }),
})

t.test('a drained instance is known to all, told at once, and stays so until it is lifted', async (t) => {
  for (const { hear } of [first, second]) hear('ocr', 'ocr-1')
  const set = await first.drains.set(drain('ocr', 'ocr-1', 'more memory'))
  t.match(set, { agent: 'ocr', instance: 'ocr-1', drain: true, sinceMs: Number, reason: 'more memory' })
  await until('the other knows', () => second.drains.of('ocr', 'ocr-1') !== undefined)
  t.strictSame(second.drains.of('ocr', 'ocr-1')?.sinceMs, set.sinceMs)
  for (const { dispatcher } of [first, second]) t.strictSame(dispatcher.drainedAlone('ocr'), ['ocr-1'])
  await until('it is told', () => ordersOf('ocr').length === 1)
  t.strictSame(ordersOf('ocr'), ['ocr.ocr-1 true'])

  t.strictSame(await second.drains.set(drain('ocr', 'ocr-1')), set, 'asked again it is the same')
  const other = await second.drains.set(drain('ocr', 'ocr-1', 'less memory'))
  t.match(other, { sinceMs: set.sinceMs, reason: 'less memory' }, 'another reason, since the same time')
  t.match(second.drains.list(), [{ agent: 'ocr', instance: 'ocr-1', reason: 'less memory' }])

  const late = await openDrains()
  t.match(late.drains.list(), [{ instance: 'ocr-1' }], 'one that starts later knows it before it serves')

  t.strictSame(await second.drains.set({ agent: 'ocr', instance: 'ocr-1', drain: false }), {
    ...{ agent: 'ocr', instance: 'ocr-1', drain: false },
  })
  await until('all know', () => [first, late].every(({ drains }) => drains.list().length === 0))
  t.strictSame(first.dispatcher.drainedAlone('ocr'), [])
  await until('it is told', () => ordersOf('ocr').at(-1) === 'ocr.ocr-1 false')
})

t.test('who does not do what holds is told again with each heartbeat, others are not', async (t) => {
  const { drains, hear } = first
  hear('deaf', 'd-1')
  await drains.set(drain('deaf', 'd-1'))
  const orders = () => ordersOf('deaf').length
  await until('it is told', () => orders() === 1)
  hear('deaf', 'd-1', { status: 'ready' })
  await until('again', () => orders() === 2)
  hear('deaf', 'd-1', { status: 'draining', cordoned: true })
  hear('deaf', 'd-2', { status: 'ready' })
  hear('deaf', 'd-1', { status: 'draining', cordoned: false })
  await drains.set({ agent: 'deaf', instance: 'd-1', drain: false })
  await until('that it may', () => orders() === 3)
  hear('deaf', 'd-1', { status: 'draining', cordoned: true })
  await until('again', () => orders() === 4)
  hear('deaf', 'd-1')
  hear('deaf', 'old', { cordoned: undefined })
  await bus.flush()
  t.strictSame(ordersOf('deaf'), ['deaf.d-1 true', 'deaf.d-1 true', 'deaf.d-1 false', 'deaf.d-1 false'])
})

t.test('what is refused: nobody of that name, one that knows no such orders, too many', async (t) => {
  const { drains, hear, pass } = first
  pass(2001)
  await t.rejects(drains.set(drain('ocr', 'nobody')), { code: 'INSTANCE_NOT_FOUND', message: /"nobody"/ })
  await t.rejects(drains.set({ ...drain('ocr', 'nobody'), drain: false }), { code: 'INSTANCE_NOT_FOUND' })
  hear('old', 'old-1', { cordoned: undefined })
  await t.rejects(drains.set(drain('old', 'old-1')), { code: 'DRAIN_UNSUPPORTED', message: /go on taking/ })
  hear('ocr', 'gone', { status: 'stopped' })
  await t.rejects(drains.set(drain('ocr', 'gone')), { code: 'INSTANCE_NOT_FOUND' })
  const names = Array.from({ length: MAX_DRAINED_INSTANCES + 1 }, (_, i) => `many-${i}`)
  for (const name of names) hear('many', name)
  for (const name of names.slice(0, -1)) await drains.set(drain('many', name))
  await t.rejects(drains.set(drain('many', names.at(-1)!)), { code: 'LIMIT_EXCEEDED' })
  t.equal(drains.list().filter(({ agent }) => agent === 'many').length, MAX_DRAINED_INSTANCES)
})

t.test('two orchestrators that change the same type at the same moment lose nothing', async (t) => {
  const names = Array.from({ length: 8 }, (_, i) => `both-${i}`)
  for (const { hear } of [first, second]) for (const name of names) hear('both', name)
  await Promise.all(names.map((name, i) => (i % 2 ? first : second).drains.set(drain('both', name))))
  const listed = () => first.drains.list().filter(({ agent }) => agent === 'both')
  await until('all are drained', () => listed().length === names.length)
  t.strictSame(
    listed().map(({ instance }) => instance),
    names,
  )
})

t.test('a mark goes an hour after its instance was last heard of, and no sooner', async (t) => {
  const { drains, hear, pass } = second
  const own = () =>
    drains
      .list()
      .filter(({ agent }) => agent === 'fleeting')
      .map(({ instance }) => instance)
  for (const name of ['stays', 'goes']) hear('fleeting', name)
  for (const name of ['stays', 'goes']) await drains.set(drain('fleeting', name))
  pass(GONE_AFTER_MS / 2)
  hear('fleeting', 'stays', { status: 'draining', cordoned: true })
  pass(GONE_AFTER_MS / 2 - 60_000)
  await drains.forget()
  t.strictSame(own(), ['goes', 'stays'])
  pass(61_000)
  t.ok((await drains.forget()) > 0)
  t.strictSame(own(), ['stays'])
  await until('everywhere', () => first.drains.of('fleeting', 'goes') === undefined)
  const kept = await bus.streams.lastMessage(STREAMS.policies.name, SUBJECTS.instanceDrains('fleeting'))
  t.match(JSON.parse(Buffer.from(kept!.data).toString()), { instances: [{ instance: 'stays' }] })
})

import t from 'tap'
import { INTAKE_CONSUMER, queueRoom, STREAMS, stepConsumers } from '../../../subjects/streams.ts'
import { SUBJECTS } from '../../../subjects/subjects.ts'
import { openBus, openNats } from '../../support/bus.ts'
import { withServers } from '../../support/servers.ts'
import { until } from '../../support/until.ts'

const storageBytes = 1024 ** 3

t.test('making it twice, by several, and again after a restart changes nothing', async (t) => {
  const servers = await withServers(t)
  const buses = await Promise.all([1, 2, 3].map(() => openBus(t, servers.natsUrl)))
  const { nc, jsm } = await openNats(t, servers.natsUrl)
  const made = await Promise.all(buses.map((bus) => bus.streams.provision({ partitions: 8, storageBytes })))
  t.match(made, [{ partitions: 8 }, { partitions: 8 }, { partitions: 8 }])
  const snapshot = async () => {
    const infos = await Promise.all(Object.values(STREAMS).map(({ name }) => jsm.streams.info(name)))
    return infos.map(({ config, created }) => ({ config, created }))
  }
  const before = await snapshot()
  t.match(
    before.map(({ config }) => config.name),
    ['INTAKE', 'LOG', 'CHECKPOINTS', 'STEPS', 'DEAD'],
  )
  await buses[0]!.streams.provision({ partitions: 8, storageBytes })
  await servers.killNats()
  await until('all have noticed', () => buses.every((bus) => !bus.connected))
  await servers.restartNats()
  await until('all are back', () => buses.every((bus) => bus.connected))
  await until('and the library itself', () =>
    nc.flush().then(
      () => true,
      () => false,
    ),
  )
  await buses[1]!.streams.provision({ partitions: 8, storageBytes })
  t.strictSame(await snapshot(), before)
  t.equal(await buses[0]!.streams.createdAt('LOG'), String(before[1]!.created))
})

t.test('the number of partitions is that of the stream, whatever is asked for later', async (t) => {
  const servers = await withServers(t)
  const bus = await openBus(t, servers.natsUrl)
  t.match(await bus.streams.provision({ partitions: 5, storageBytes }), { partitions: 5 })
  t.match(await bus.streams.provision({ partitions: 32, storageBytes }), { partitions: 5 })
  t.match(await bus.streams.provision({ partitions: 32, storageBytes: storageBytes / 2 }), {
    partitions: 5,
  })
})

t.test('limits may change, what defines a stream may not', async (t) => {
  const servers = await withServers(t)
  const bus = await openBus(t, servers.natsUrl)
  const { jsm } = await openNats(t, servers.natsUrl)
  await bus.streams.provision({ partitions: 4, storageBytes })
  await bus.streams.provision({ partitions: 4, storageBytes: 2 * storageBytes })
  t.equal((await jsm.streams.info('LOG')).config.max_bytes, Math.floor(0.35 * 2 * storageBytes))
  await jsm.streams.delete('STEPS')
  await jsm.streams.add({ name: 'STEPS', subjects: ['steps.>'], retention: 'limits' as never })
  await t.rejects(bus.streams.provision({ partitions: 4, storageBytes }), {
    code: 'STREAM_MISMATCH',
    message: /STEPS/,
  })
})

t.test('the log of an earlier version takes results by agent type, and keeps what it has', async (t) => {
  const servers = await withServers(t)
  const bus = await openBus(t, servers.natsUrl)
  const { jsm } = await openNats(t, servers.natsUrl)
  const description = 'events of all tasks; partitions=4'
  await jsm.streams.add({ name: 'LOG', subjects: ['log.*.*'], description })
  const old = await bus.publisher.publish(SUBJECTS.log(1, 'result'), 'old', { msgId: 'a' })
  t.match(await bus.streams.provision({ partitions: 16, storageBytes }), { partitions: 4 })
  const next = await bus.publisher.publish(SUBJECTS.result(1, 'ingest'), 'new', { msgId: 'b' })
  t.equal(next.seq, old.seq + 1)
  t.equal(await bus.streams.lastLogSeq('LOG', 1), next.seq)
  t.equal((await bus.streams.nextMessage('LOG', SUBJECTS.logOfPartition(1), 1))?.seq, old.seq)
})

t.test('queues get room of their own in place, and none of what waits is lost', async (t) => {
  const servers = await withServers(t)
  const bus = await openBus(t, servers.natsUrl)
  const { jsm } = await openNats(t, servers.natsUrl)
  const small = 0.05 * 1024 ** 3
  const room = queueRoom(STREAMS.steps, small)!
  const count = 2 * room
  await jsm.streams.add({ name: 'STEPS', subjects: ['steps.>'], retention: 'workqueue' as never })
  await Promise.all(
    Array.from({ length: count }, (_, i) =>
      bus.publisher.publish(SUBJECTS.step('old', 1), 'x', { msgId: `old-${i}` }),
    ),
  )
  const state = async () => {
    const { config, state } = await jsm.streams.info('STEPS')
    return {
      messages: state.messages,
      room: config.max_msgs_per_subject,
      perQueue: config.discard_new_per_subject,
    }
  }
  await bus.streams.provision({ partitions: 4, storageBytes: small })
  t.strictSame(await state(), { messages: count, room: 2 * count, perQueue: true }, 'room for what is there')
  await bus.streams.provision({ partitions: 4, storageBytes: small })
  t.strictSame(await state(), { messages: count, room: 2 * count, perQueue: true })
  await jsm.streams.purge('STEPS')
  await bus.streams.provision({ partitions: 4, storageBytes: small })
  t.strictSame(await state(), { messages: 0, room, perQueue: true }, 'as much as is meant, once it fits')
})

t.test('a server without the room says what to do', async (t) => {
  const servers = await withServers(t, { nats: { maxFileBytes: 10 * 1024 ** 2 } })
  const bus = await openBus(t, servers.natsUrl)
  await t.rejects(bus.streams.provision({ partitions: 4, storageBytes }), {
    code: 'UNAVAILABLE',
    message: /MURMUR_STORAGE_GIB/,
  })
})

t.test('a single server has one copy, and says that it has no place for more', async (t) => {
  const servers = await withServers(t)
  const bus = await openBus(t, servers.natsUrl)
  await t.rejects(bus.streams.provision({ partitions: 4, storageBytes, replicas: 3 }), {
    code: 'UNAVAILABLE',
    message: /no servers for 3 copies of stream INTAKE.*MURMUR_REPLICAS/,
  })
  const { copies } = await bus.streams.provision({ partitions: 4, storageBytes })
  t.match(copies, { replicas: undefined, isDefault: true })
  t.match(await bus.survey.stream('LOG'), { replicas: 1, current: 1 })
})

t.test('consumers: made once, depth told, mismatches found', async (t) => {
  const servers = await withServers(t)
  const bus = await openBus(t, servers.natsUrl)
  const { jsm } = await openNats(t, servers.natsUrl)
  await bus.streams.provision({ partitions: 4, storageBytes })
  for (const spec of [INTAKE_CONSUMER, ...stepConsumers('x'), ...stepConsumers('x')])
    await bus.consumers.provision(spec)
  t.strictSame(await bus.consumers.depth('STEPS', 'x-p1'), {
    waiting: 0,
    inWork: 0,
    delivered: 0,
    deliveredSeq: 0,
    settledSeq: 0,
  })
  t.equal(await bus.consumers.depth('STEPS', 'nobody-p1'), undefined)
  const [spec] = stepConsumers('z')
  const earlier = {
    durable_name: spec!.name,
    ack_policy: 'explicit' as never,
    max_waiting: 2048,
    ack_wait: 1e9,
  }
  await jsm.consumers.add('STEPS', { ...earlier, filter_subject: spec!.filterSubject, max_deliver: 2 })
  await bus.consumers.provision(spec!)
  const { config } = await jsm.consumers.info('STEPS', 'z-p0')
  t.match(
    config,
    { ack_wait: spec!.ackWaitMs * 1e6, max_deliver: spec!.maxDeliver },
    'brought to what is asked',
  )
  await jsm.streams.add({ name: 'OTHER', subjects: ['other'] })
  await jsm.consumers.add('OTHER', { durable_name: 'z-p0', ack_policy: 'none' as never })
  await t.rejects(bus.consumers.provision({ ...spec!, stream: 'OTHER', filterSubject: 'other' }), {
    code: 'STREAM_MISMATCH',
    message: /OTHER\/z-p0/,
  })
})

import { connect, type NatsConnection } from '@nats-io/transport-node'
import t from 'tap'
import { ServerUsers } from '../../../deploy/local/servers/server-users.ts'
import type { TaskState } from '../../../schemas/task.ts'
import { SERVICES } from '../../../subjects/operations.ts'
import type { Role } from '../../../subjects/permissions.ts'
import { partitionOf, SUBJECTS } from '../../../subjects/subjects.ts'
import { openBus } from '../../support/bus.ts'
import { withServers } from '../../support/servers.ts'
import { startService } from '../../support/services.ts'
import { until } from '../../support/until.ts'

/** What a real server refuses to users of one role. Whatever it can't refuse is in docs/security-servers.md. */
const ROLES: Record<string, Role> = {
  orchestrator: { kind: 'orchestrator' },
  thief: { kind: 'agent', type: 'thief' },
  honest: { kind: 'agent', type: 'honest' },
  acme: { kind: 'client', tenant: 'acme' },
  plain: { kind: 'client', tenant: 'default' },
  operator: { kind: 'operator' },
  backup: { kind: 'backup' },
}
const NONE = { nats: [], redis: [] } as const
const servers = await withServers(t, {
  users: {
    guest: 'everything',
    processes: {
      ...Object.fromEntries(Object.entries(ROLES).map(([name, role]) => [name, { nats: [role], redis: [] }])),
      orchestrator: { nats: [ROLES.orchestrator!], redis: ['orchestrator'] },
      edge: { nats: [{ kind: 'edge' }], redis: ['edge'] },
      nobody: NONE,
    },
  },
})
await startService(t, servers, 'services/orchestrator/main.ts')
const everything = await openBus(t, servers.natsUrl)
const ask = (subject: string, body: object) => everything.request(subject, body, { timeoutMs: 5000 })
for (const type of ['thief', 'honest']) await ask(SERVICES.registerAgent, { type, instance: `${type}-1` })

async function connectAs(user: string): Promise<NatsConnection> {
  const { username, password, host } = new URL(servers.natsUrlOf(user))
  const nc = await connect({
    servers: host,
    user: username,
    pass: password,
    inboxPrefix: `_INBOX_OF.${user}`,
    reconnect: false,
  })
  t.teardown(() => nc.close())
  return nc
}

/** The refusals of the server that this connection hears of. */
function refusals(nc: NatsConnection): string[] {
  const heard: string[] = []
  void (async () => {
    for await (const status of nc.status())
      if (status.type === 'error') heard.push(String(status.error.message))
  })()
  return heard
}

async function mayPublish(nc: NatsConnection, heard: string[], subject: string, body = ''): Promise<boolean> {
  const before = heard.length
  nc.publish(subject, body)
  await nc.flush()
  await new Promise((resolve) => setImmediate(resolve))
  return heard.length === before
}

async function maySubscribe(nc: NatsConnection, subject: string): Promise<boolean> {
  const subscription = nc.subscribe(subject, { callback() {} })
  const refused = subscription.closed.then((error) => error)
  await nc.flush()
  const outcome = await Promise.race([refused, new Promise((resolve) => setTimeout(resolve, 20, 'open'))])
  if (outcome === 'open') subscription.unsubscribe()
  return outcome === 'open'
}

t.test('an agent is refused what is not its own', async (t) => {
  const nc = await connectAs('thief')
  const heard = refusals(nc)
  const api = (call: string) => `$JS.API.${call}`
  const refused = [
    // The steps of another type: pulling, taking off its hands, dispatching.
    api('CONSUMER.MSG.NEXT.STEPS.honest-p0'),
    '$JS.ACK.STEPS.honest-p0.1.1.1.1.0',
    '$JS.ACK.STEPS.honest-p0.STEPS.thief-p0.1.1.1',
    '$JS.ACK._.h.STEPS.honest-p0.1.1.1.1.0',
    SUBJECTS.step('honest', 0),
    SUBJECTS.step('thief', 0),
    'dead.honest',
    SUBJECTS.heartbeat('honest', 'honest-1'),
    // Streams and consumers.
    ...['CREATE', 'UPDATE', 'DELETE', 'PURGE', 'INFO', 'MSG.GET', 'MSG.DELETE', 'SNAPSHOT'].flatMap((call) =>
      ['MINE', 'LOG', 'STEPS', 'OBJ_MURMUR_BLOBS'].map((stream) => api(`STREAM.${call}.${stream}`)),
    ),
    api('STREAM.RESTORE.LOG'),
    api('STREAM.NAMES'),
    api('STREAM.LIST'),
    ...['LOG', 'STEPS', 'OBJ_MURMUR_BLOBS', 'ALERTS', 'INTAKE'].flatMap((stream) => [
      api(`CONSUMER.CREATE.${stream}`),
      api(`CONSUMER.CREATE.${stream}.mine`),
      api(`CONSUMER.CREATE.${stream}.mine.log.1.accepted`),
      api(`CONSUMER.DURABLE.CREATE.${stream}.mine`),
      api(`CONSUMER.LIST.${stream}`),
      api(`CONSUMER.DELETE.${stream}.thief-p0`),
      api(`CONSUMER.PAUSE.${stream}.thief-p0`),
    ]),
    // The log: everything but results of its own type.
    ...(['accepted', 'control', 'timer', 'result'] as const).map((kind) => SUBJECTS.log(1, kind)),
    SUBJECTS.result(1, 'honest'),
    'log.1.result.thief.more',
    // What is said in the name of others.
    SUBJECTS.event('plan', 't1', 'completed'),
    SUBJECTS.rejected('plan'),
    SUBJECTS.submit('plan'),
    SERVICES.submitTask,
    SERVICES.cancelTask,
    SERVICES.createKey,
    SERVICES.provideQueue,
    'murmur.tenants.acme.tasks.get',
    SUBJECTS.frames('default', 'yard'),
    SUBJECTS.cameraEvents('default', 'yard'),
    SUBJECTS.alert('critical', 'default', 'yard'),
    '_INBOX_OF.orchestrator.x',
    '_INBOX.x',
    // Objects by anything but their names.
    api('DIRECT.GET.OBJ_MURMUR_BLOBS'),
    api('DIRECT.GET.LOG'),
    api('DIRECT.GET.LOG.log.1.accepted'),
    api('DIRECT.GET.STEPS.steps.honest.any.0'),
    '$SYS.REQ.SERVER.PING',
  ]
  for (const subject of refused) t.notOk(await mayPublish(nc, heard, subject), `publish ${subject}`)
  t.ok(await mayPublish(nc, heard, SUBJECTS.result(1, 'thief'), '{}'), 'its own results')
  t.ok(await mayPublish(nc, heard, SUBJECTS.heartbeat('thief', 'thief-1'), '{}'), 'its own heartbeat')
  for (const subject of [
    '>',
    'steps.>',
    'steps.honest.any.0',
    'log.>',
    'log.*.*',
    'tasks.submit.*',
    'tasks.events.>',
    'tasks.events.*.*.completed',
    'murmur.>',
    SERVICES.submitTask,
    '_INBOX.>',
    '_INBOX_OF.>',
    '_INBOX_OF.honest.>',
    '_INBOX_OF.orchestrator.>',
    '$JS.ACK.>',
    '$JS.API.>',
    '$O.>',
    'frames.*.*',
    '$SYS.>',
  ])
    t.notOk(await maySubscribe(nc, subject), `subscribe ${subject}`)
  t.ok(await maySubscribe(nc, '_INBOX_OF.thief.x'), 'its own inbox')
})

t.test("a tenant's client uses the services of its own tenant, and nothing else", async (t) => {
  const nc = await connectAs('acme')
  const heard = refusals(nc)
  for (const subject of [
    SERVICES.submitTask,
    SERVICES.getTask,
    SERVICES.createKey,
    SERVICES.registerAgent,
    'murmur.tenants.other.tasks.get',
    'murmur.tenants.acme.keys.create',
    SUBJECTS.submit('report'),
    SUBJECTS.log(1, 'accepted'),
    SUBJECTS.result(1, 'honest'),
    SUBJECTS.step('honest', 0),
    SUBJECTS.chunks({ tenant: 'acme', agent: 'honest', taskId: 't1', stepId: 's' }),
    SUBJECTS.chunkReplay({ tenant: 'other', agent: 'honest', taskId: 't1', stepId: 's' }, 1),
    '$O.MURMUR_BLOBS.M.eA==',
    '$JS.API.DIRECT.GET.OBJ_MURMUR_BLOBS',
    '$JS.API.DIRECT.GET.OBJ_MURMUR_BLOBS.$O.MURMUR_BLOBS.M.eA==',
    '$JS.API.STREAM.INFO.OBJ_MURMUR_BLOBS',
  ])
    t.notOk(await mayPublish(nc, heard, subject), `publish ${subject}`)
  for (const subject of [
    'tasks.events.>',
    'tasks.rejected.*',
    'chunks.>',
    'chunks.other.*.*.*',
    'chunks.default.*.t1.*',
    'murmur.>',
    'log.>',
    '_INBOX_OF.>',
    'alerts.*.*.*',
  ])
    t.notOk(await maySubscribe(nc, subject), `subscribe ${subject}`)
  t.ok(await maySubscribe(nc, SUBJECTS.chunksOfTask('acme', 't1')), 'what its own steps emit')
  const answer = await nc.request('murmur.tenants.acme.tasks.list', '{}', { timeout: 5000 })
  t.same(answer.json(), { tasks: [] })
  const plain = await connectAs('plain')
  t.same((await plain.request(SERVICES.listTasks, '{}', { timeout: 5000 })).json(), { tasks: [] })
  t.ok(await mayPublish(plain, refusals(plain), SUBJECTS.submit('report'), '{}'), 'the durable queue')
})

t.test('a result of another type of agent changes nothing', async (t) => {
  const plan = { steps: [{ id: 'only', agent: 'honest' }] }
  const { taskId } = (await ask(SERVICES.submitTask, { type: 'plan', plan })) as { taskId: string }
  const result = (output: string) =>
    JSON.stringify({
      v: 1,
      taskId,
      stepId: 'only',
      attempt: 1,
      instance: 'x',
      startedAtMs: 1,
      finishedAtMs: 2,
      outcome: { kind: 'done', output },
    })
  const { partitions } = (await everything.streams.provision({
    partitions: 16,
    storageBytes: 2 * 1024 ** 3,
  })) as {
    partitions: number
  }
  const partition = partitionOf(taskId, partitions)
  const thief = await connectAs('thief')
  const stolen = await thief.request(SUBJECTS.result(partition, 'thief'), result('forged'), { timeout: 2000 })
  t.ok((stolen.json() as { seq: number }).seq > 0, 'the server takes it: its subject is allowed')
  const read = async () => (await ask(SERVICES.getTask, { taskId })) as { task: TaskState }
  // What comes after it in the log is folded after it.
  const honest = await connectAs('honest')
  await honest.request(SUBJECTS.result(partition, 'honest'), result('honest'), { timeout: 2000 })
  await until('the task has ended', async () => (await read()).task.finishedAtMs !== undefined)
  t.match((await read()).task, { status: 'completed', output: { only: 'honest' } })
})

t.test('a pull or a request whose answer is sent into the log leaves no event there', async (t) => {
  const plan = { steps: [{ id: 'only', agent: 'thief' }] }
  const { taskId } = (await ask(SERVICES.submitTask, { type: 'plan', plan })) as { taskId: string }
  const thief = await connectAs('thief')
  const about = { type: 'thief', instance: 'thief-1' }
  thief.publish(SERVICES.registerAgent, JSON.stringify(about), { reply: SUBJECTS.log(1, 'control') })
  const pull = JSON.stringify({ batch: 1, expires: 1e9 })
  thief.publish('$JS.API.CONSUMER.MSG.NEXT.STEPS.thief-p1', pull, { reply: SUBJECTS.log(1, 'control') })
  await thief.flush()
  const { task } = (await ask(SERVICES.getTask, { taskId })) as { task: TaskState }
  t.match(task, { status: 'running', steps: { only: { status: 'dispatched' } } })
  t.equal(await everything.streams.lastSeq('LOG', SUBJECTS.log(1, 'control')), 0, 'nothing was stored there')
})

t.test(
  'nobody may make, change or end streams but an orchestrator, which ends none and empties none but the log and checkpoints',
  async (t) => {
    const nc = await connectAs('orchestrator')
    const heard = refusals(nc)
    for (const subject of [
      'STREAM.DELETE.LOG',
      'STREAM.PURGE.STEPS',
      'STREAM.PURGE.KEYS',
      'STREAM.MSG.DELETE.LOG',
      'STREAM.RESTORE.LOG',
    ])
      t.notOk(await mayPublish(nc, heard, `$JS.API.${subject}`), subject)
  },
)

t.test('passwords are of one run and of one user', async (t) => {
  const users = () => new ServerUsers({ guest: 'nobody', processes: { a: NONE, b: NONE } })
  const [one, other] = [users(), users()]
  t.not(one.credentialsOf('a')?.password, other.credentialsOf('a')?.password)
  t.not(one.credentialsOf('a')?.password, one.credentialsOf('b')?.password)
  const { host, password } = new URL(servers.natsUrlOf('thief'))
  await t.rejects(
    connect({ servers: host, user: 'honest', pass: password, reconnect: false }),
    /Authorization/,
  )
})

t.test('an operator sees streams and queues, and may change none', async (t) => {
  const nc = await connectAs('operator')
  const ask = async (call: string) =>
    (await nc.request(`$JS.API.${call}`, '', { timeout: 5000 })).json<object>()
  t.match(await ask('STREAM.LIST'), { total: Number })
  t.match(await ask('STREAM.NAMES'), { streams: /LOG/ })
  t.match(await ask('CONSUMER.LIST.STEPS'), { consumers: Array })
  const heard = refusals(nc)
  for (const subject of [
    '$JS.API.STREAM.DELETE.LOG',
    '$JS.API.STREAM.PURGE.LOG',
    '$JS.API.STREAM.MSG.GET.LOG',
    'log.1.control',
  ])
    t.notOk(await mayPublish(nc, heard, subject), subject)
})

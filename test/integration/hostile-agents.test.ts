import { connect, type NatsConnection } from '@nats-io/transport-node'
import t from 'tap'
import { accountsOf, isOfPlatform } from '#subjects/accounts.ts'
import { BUCKET } from '#subjects/jetstream-api.ts'
import { SERVICES } from '#subjects/operations.ts'
import { permissionsOf, type Role } from '#subjects/permissions.ts'
import { BLOB_BUCKET, STREAMS } from '#subjects/streams.ts'
import { openBus, openNats } from '../support/bus.ts'
import { withServers } from '../support/servers.ts'
import { endOfTask, startService } from '../support/services.ts'
import { until } from '../support/until.ts'

t.setTimeout(170_000)

/** Everybody who has a user and is not of the platform. */
const APART: Record<string, Role[]> = {
  'agent-thief': [{ kind: 'agent', type: 'thief' }],
  'agent-honest': [{ kind: 'agent', type: 'honest' }],
  'own-agents': [{ kind: 'any-agent' }],
  'agent-capture': [{ kind: 'agent', type: 'capture' }],
  'agent-tracking': [{ kind: 'agent', type: 'tracking' }],
  'agent-alerting': [{ kind: 'agent', type: 'alerting' }],
  detector: [{ kind: 'detector' }],
  // The server of a site connects as a leaf; whoever has its password may connect as a client.
  'site-yard': [{ kind: 'site', site: 'yard', agents: ['capture', 'tracking'] }],
  'client-acme': [{ kind: 'client', tenant: 'acme' }],
  'client-default': [{ kind: 'client', tenant: 'default' }],
}
const none = { redis: [] } as const
const servers = await withServers(t, {
  users: {
    guest: 'everything',
    processes: {
      ...Object.fromEntries(Object.entries(APART).map(([name, nats]) => [name, { nats, ...none }])),
      orchestrator: { nats: [{ kind: 'orchestrator' }], redis: ['orchestrator'] },
      edge: { nats: [{ kind: 'edge' }], redis: ['edge'] },
    },
  },
})
// What it keeps by itself would be there besides: a horizon each minute.
await startService(t, servers, 'services/orchestrator/main.ts', { MURMUR_CHECKPOINTS: 'no' })
const bus = await openBus(t, servers.natsUrl)
const { nc: root, jsm } = await openNats(t, servers.natsUrl)
const ask = (subject: string, body: object) => bus.request(subject, body, { timeoutMs: 5000 })
for (const type of ['thief', 'honest', 'capture', 'tracking', 'alerting'])
  await ask(SERVICES.registerAgent, { type, instance: `${type}-1` })
await bus.provideQueue({ queue: 'frames' })
await bus.provideQueue({ queue: 'camera-events' })

async function connectAs(user: string): Promise<NatsConnection> {
  const { password, host } = new URL(servers.natsUrlOf(user))
  const nc = await connect({
    servers: host,
    user,
    pass: password,
    inboxPrefix: `_INBOX_OF.${user}`,
    reconnect: false,
  })
  t.teardown(() => nc.close())
  return nc
}

/** Subjects on which an answer would do harm, one of each kind at least. */
const DANGEROUS = [
  'keys.evil00000000',
  'log.1.accepted',
  'log.1.control',
  'log.1.result.honest',
  'log.1.result.thief',
  'steps.honest.any.0',
  'dead.honest',
  'dead-marks.1',
  'agent-policies.honest',
  'task-type-pauses.plan',
  'instance-drains.honest',
  'agents.cordon.honest.honest-1',
  'partition-epochs.log',
  'plan-templates.default.evil.1',
  'schedules.default.evil',
  'submission-keys.default.singleton.evil',
  'alerts.critical.default.yard',
  'cameras.events.default.yard',
  'tasks.submit.plan',
  'frames.default.yard',
  'murmur.keys.create',
  'murmur.tenants.other.tasks.submit',
  '$JS.API.STREAM.PURGE.LOG',
  '$JS.API.STREAM.DELETE.LOG',
  '$JS.API.STREAM.DELETE.KEYS',
  '$JS.API.STREAM.MSG.DELETE.LOG',
  '$JS.API.CONSUMER.DELETE.STEPS.honest-p0',
  '$JS.API.STREAM.CREATE.EVIL',
  '$JS.API.STREAM.UPDATE.LOG',
  '$JS.API.CONSUMER.CREATE.LOG.evil',
  '$JS.API.CONSUMER.MSG.NEXT.STEPS.honest-p0',
  '$JS.API.DIRECT.GET.LOG',
  '$JS.ACK.STEPS.honest-p0.1.1.1.1.0',
  '$KV.evil.x',
  BUCKET.piece('evil', 0),
  BUCKET.meta('evil'),
  '_INBOX_OF.orchestrator.evil',
  '_INBOX_OF.agent-honest.evil',
  '$SYS.REQ.SERVER.PING',
] as const

/** A subject of the catalogue with something in each place: literal tokens, and the wildcards themselves as literal tokens. */
function literals(subject: string): string[] {
  const named = subject.replaceAll('*', '1').replace(/>$/, 'x')
  if (named === subject) return [subject]
  return [named, subject, subject.replaceAll('*', '>').replace(/>.*$/, '>'), subject.replaceAll('*', '>')]
}

const STREAM_NAMES = [...Object.values(STREAMS).map(({ name }) => name), 'FRAMES', BUCKET.stream]

/** All that lies in the streams that matter: how much, up to where, and how they are made. */
async function contents(): Promise<Record<string, unknown>> {
  const found: Record<string, unknown> = {}
  for (const name of STREAM_NAMES) {
    const { config, state } = await jsm.streams.info(name, { subjects_filter: '>' })
    found[name] = { config, messages: state.messages, subjects: state.subjects }
  }
  const names: string[] = []
  for await (const { config } of jsm.streams.list()) names.push(config.name)
  const consumers: string[] = []
  for await (const { name } of jsm.consumers.list(STREAMS.steps.name)) consumers.push(name)
  return { ...found, names: names.sort(), consumers: consumers.sort() }
}

/** Whatever is said on a subject of these streams by right: the streams grow by it, which is no harm. */
function mayStore(user: string): (subject: string) => boolean {
  const { publish } = permissionsOf(user, APART[user]!)
  const patterns = publish.map(({ subject }) => subject.split('.'))
  return (subject) =>
    patterns.some((pattern) => {
      const tokens = subject.split('.')
      return pattern.length === tokens.length && pattern.every((p, i) => p === '*' || p === tokens[i])
    })
}

let cases = 0
t.teardown(() => t.comment(`${cases} cases`))

for (const user of Object.keys(APART))
  t.test(`${user}: no answer reaches anything in the account of the platform`, async (t) => {
    const { publish } = permissionsOf(user, APART[user]!)
    const nc = await connectAs(user)
    // What is there to be handed out: an answer with a body.
    await jsm.streams.purge(STREAMS.steps.name)
    await bus.publisher.publish('steps.thief.any.0', '{"evil":true}', { msgId: `bait-${user}` })
    const before = await contents()
    const isOwn = mayStore(user)
    const heard: string[] = []
    // Everything that is said in the account of the platform, by anybody.
    const spy = root.subscribe('>', {
      callback: (_, { subject }) => {
        heard.push(subject)
      },
    })
    await root.flush()
    const bodies = ['', '{"batch":1,"no_wait":true}', '{"last_by_subj":"log.1.accepted"}']
    let count = 0
    for (const subject of publish.flatMap((each) => literals(each.as ?? each.subject)))
      for (const reply of DANGEROUS) {
        const body = bodies[count++ % bodies.length]!
        nc.publish(subject, body, { reply })
      }
    await nc.flush()
    // A second way round: answers of the first are there when this is answered.
    await root.flush()
    await ask(SERVICES.listAgents, {})
    spy.unsubscribe()
    const dangerous: string[] = heard.filter(
      (subject) => (DANGEROUS as readonly string[]).includes(subject) && !isOwn(subject),
    )
    t.strictSame([...new Set(dangerous)], [], `${count} questions with dangerous reply subjects`)
    const after = await contents()
    for (const name of STREAM_NAMES) {
      const [was, is] = [before[name], after[name]] as {
        config: unknown
        messages: number
        subjects?: Record<string, number>
      }[]
      t.strictSame(is!.config, was!.config, `${name} is made as it was`)
      // Pictures go by themselves, seconds after they came.
      for (const [subject, messages] of Object.entries(was!.subjects ?? {}))
        if (!mayTake(user, name, subject) && name !== 'FRAMES')
          t.ok((is!.subjects?.[subject] ?? 0) >= messages, `${name} has lost nothing on ${subject}`)
      for (const subject of Object.keys(is!.subjects ?? {}))
        if (was!.subjects?.[subject] === undefined)
          t.ok(isOwn(subject) || isWrittenByPlatform(subject), `${user} has brought ${subject} into ${name}`)
    }
    t.strictSame([after.names, after.consumers], [before.names, before.consumers])
    cases += count
  })

/** Whether a user may take, and settle, what lies there: then it is gone by right. What was submitted is taken in. */
function mayTake(user: string, stream: string, subject: string): boolean {
  if (stream === STREAMS.intake.name) return true
  const pull = '$JS.API.CONSUMER.MSG.NEXT.'
  const { publish } = permissionsOf(user, APART[user]!)
  const queues = publish.flatMap(({ subject }) => {
    const [of, consumer] = subject.startsWith(pull) ? subject.slice(pull.length).split('.') : []
    return of === stream && consumer !== undefined ? [consumer] : []
  })
  const type = stream === STREAMS.steps.name ? subject.split('.')[1] : undefined
  return queues.some((queue) => type === undefined || queue === '*' || queue.startsWith(`${type}-`))
}

/** What an orchestrator writes because of questions that it may be asked. */
function isWrittenByPlatform(subject: string): boolean {
  return /^log\.\d+\.(accepted|result\.\w+)$|^dead\.(thief|honest)$/.test(subject)
}

t.test(
  'nothing that is not of the platform can name its JetStream API, but to take and settle its own',
  async (t) => {
    const accounts = accountsOf(Object.entries(APART).map(([name, roles]) => ({ name, roles })))
    for (const { name, imports } of accounts
      .filter(({ users }) => users.every(({ name }) => APART[name]))
      .slice(1))
      for (const { subject } of imports.filter((each) => /^\$(JS|KV|O|SYS)\b/.test(each.subject)))
        t.match(
          subject,
          /^\$JS\.ACK\.|^\$JS\.API\.CONSUMER\.MSG\.NEXT\.[A-Z_]+\.[\w*-]+$|^\$JS\.API\.(CONSUMER\.INFO\.CAMERA_EVENTS\.alerting|STREAM\.MSG\.GET\.(ALERTS|POLICIES))$/,
          name,
        )
    for (const roles of Object.values(APART)) t.notOk(isOfPlatform(roles))
  },
)

t.test('every user of the platform may still ask what it could', async (t) => {
  const edge = await connectAs('edge')
  const answer = await edge.request(SERVICES.listAgents, '{}', { timeout: 5000 })
  t.match(answer.json(), { agents: Array })
})

t.test('attack: an object piece becomes an API key', async (t) => {
  const nc = await connectAs('agent-thief')
  const forged = JSON.stringify({ v: 1, id: 'evil00000000', tenant: 'other' })
  await bus.publisher.publish(BUCKET.piece('evilpiece', 0), forged, { msgId: 'evil-piece' })
  const get = `$JS.API.DIRECT.GET.${BUCKET.stream}.${BUCKET.piece('evilpiece', 0)}`
  for (const reply of ['keys.evil00000000', 'log.1.accepted', 'steps.honest.any.0'])
    nc.publish(get, '', { reply })
  await nc.flush()
  await root.flush()
  t.equal(await bus.streams.lastSeq(STREAMS.keys.name, 'keys.evil00000000'), 0)
  t.equal(await bus.streams.lastSeq(STREAMS.steps.name, 'steps.honest.any.0'), 0)
  // That it can be seen: within the account of the platform the same question does it.
  root.publish(get, '', { reply: 'keys.evil00000000' })
  const isForged = async () => (await bus.streams.lastSeq(STREAMS.keys.name, 'keys.evil00000000')) > 0
  await until('the answer is stored as a key', isForged)
  await jsm.streams.purge(STREAMS.keys.name, { filter: 'keys.evil00000000' })
})

t.test('attack: a pull whose answer empties or deletes a stream', async (t) => {
  const nc = await connectAs('agent-thief')
  await bus.publisher.publish('keys.precious0000', '{}', { msgId: 'precious' })
  for (const body of ['{"batch":1,"no_wait":true}', '{"batch":1,"expires":1000000}'])
    for (const stream of STREAM_NAMES)
      for (const call of ['PURGE', 'DELETE'])
        nc.publish('$JS.API.CONSUMER.MSG.NEXT.STEPS.thief-p0', body, {
          reply: `$JS.API.STREAM.${call}.${stream}`,
        })
  await nc.flush()
  await root.flush()
  t.ok((await bus.streams.lastSeq(STREAMS.keys.name, 'keys.precious0000')) > 0)
  for (const name of STREAM_NAMES) t.ok((await jsm.streams.info(name)).created, name)
})

t.test('attack: a wildcard as a token gives the newest object of anybody', async (t) => {
  const nc = await connectAs('agent-thief')
  const root = `$JS.API.DIRECT.GET.${BUCKET.stream}.$O.${BLOB_BUCKET.name}`
  for (const subject of [`${root}.C.*.*`, `${root}.M.*`, `${root}.C.*`, `${root}.>`])
    await t.rejects(
      nc.request(subject, '', { timeout: 500 }),
      /Permissions Violation|no responders|TIMEOUT/i,
      subject,
    )
})

t.test('attack: objects of another step, another type, another tenant, a task that has ended', async (t) => {
  const blobs = await bus.objects.open({ waitMs: 5000 })
  const submit = async (agent: string, tenant?: string) => {
    const subject = tenant ? `murmur.tenants.${tenant}.tasks.submit` : SERVICES.submitTask
    const plan = { steps: [{ id: 'only', agent }] }
    return ((await ask(subject, { type: 'plan', plan })) as { taskId: string }).taskId
  }
  const [own, foreign, acme] = [await submit('thief'), await submit('honest'), await submit('honest', 'acme')]
  const secret = await blobs.put('tenants/acme/uploads', Buffer.from('secret'), { contentType: 'text/plain' })
  const ofTask = await blobs.put(`tasks/${acme}/only`, Buffer.from('secret'), { contentType: 'text/plain' })
  const shared = await blobs.put('uploads', Buffer.from('shared'), { contentType: 'text/plain' })
  const nc = await connectAs('agent-thief')
  const thief = async (verb: string, body: object | Uint8Array) => {
    const data = body instanceof Uint8Array ? body : JSON.stringify(body)
    const answer = await nc.request(`murmur.objects.${verb}.thief`, data, { timeout: 5000 })
    return answer.headers?.has('Nats-Service-Error-Code')
      ? answer.json<{ problem: { code: string } }>().problem.code
      : answer
  }
  const mine = { taskId: own, stepId: 'only', attempt: 1 }
  t.type(await thief('find', { for: mine, key: shared.blob }), Object, 'what is of its tenant it may read')
  for (const key of [
    secret.blob,
    ofTask.blob,
    `${ofTask.blob}x`,
    'tasks/*/only',
    '*',
    '>',
    '../x',
    'uploads/*',
  ])
    t.match(await thief('find', { for: mine, key }), /BLOB_NOT_FOUND|INVALID_REQUEST/, key)
  t.equal(await thief('read', { for: mine, key: secret.blob, piece: 0 }), 'BLOB_NOT_FOUND')
  for (const user of [
    { ...mine, taskId: foreign },
    { ...mine, taskId: acme },
    { ...mine, taskId: 'none' },
    { ...mine, attempt: 2 },
    { ...mine, stepId: 'other' },
    { monitor: own },
  ]) {
    t.equal(await thief('find', { for: user, key: shared.blob }), 'PERMISSION_DENIED', JSON.stringify(user))
    const head = Buffer.from(`${JSON.stringify({ for: user, upload: 'a'.repeat(16), piece: 0 })}\nx`)
    t.equal(await thief('write', head), 'PERMISSION_DENIED', JSON.stringify(user))
  }
  await t.rejects(nc.request('murmur.objects.find.honest', '{}', { timeout: 500 }), /Permissions Violation/)
  const ended = await submit('thief')
  await ask(SERVICES.cancelTask, { taskId: ended })
  await endOfTask(bus, ended)
  const over = { ...mine, taskId: ended }
  t.equal(
    await thief('find', { for: over, key: `tasks/${ended}/x` }),
    'PERMISSION_DENIED',
    'its task has ended',
  )
})

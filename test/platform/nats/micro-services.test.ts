import { once } from 'node:events'
import { connect as connectSocket } from 'node:net'
import t, { type Test } from 'tap'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import { NATS_OPERATION_NAMES, natsOperation, SERVICES, TENANT_SERVICES } from '#subjects/operations.ts'
import { openBus } from '../../support/bus.ts'
import { withServers } from '../../support/servers.ts'

const servers = await withServers(t)
const bus = await openBus(t, servers.natsUrl)

interface Answer {
  headers: string
  body: Record<string, unknown> & { endpoints: Record<string, unknown>[] }
}

/** The protocol as it goes over the wire, with nothing of a client library. */
async function openWire(t: Test) {
  const { hostname, port } = new URL(servers.natsUrl)
  const socket = connectSocket(Number(port), hostname)
  t.teardown(() => socket.destroy())
  let text = ''
  let wake = () => {}
  socket.on('data', (data: Buffer) => {
    text += data.toString('latin1')
    wake()
  })
  await once(socket, 'connect')
  socket.write('CONNECT {"verbose":false,"headers":true,"no_responders":true}\r\nSUB inbox.* 1\r\n')
  let inboxes = 0
  /** Everything that is answered until a ping, sent `times` round trips later, comes back. */
  return async (subject: string, payload = '', answers = 1): Promise<Answer[]> => {
    const inbox = `inbox.${++inboxes}`
    socket.write(`PUB ${subject} ${inbox} ${payload.length}\r\n${payload}\r\n`)
    const untilMs = performance.now() + 5000
    for (;;) {
      const found = messagesOn(inbox, text)
      if (found.length >= answers || performance.now() > untilMs) return found
      await new Promise<void>((resolve) => {
        wake = resolve
        setTimeout(resolve, 100)
      })
    }
  }
}

function messagesOn(inbox: string, text: string): Answer[] {
  const found: Answer[] = []
  for (const match of text.matchAll(/(H?)MSG (\S+) 1 (?:(\d+) )?(\d+)\r\n/g)) {
    if (match[2] !== inbox) continue
    const from = match.index + match[0].length
    const headerBytes = match[1] ? Number(match[3]) : 0
    const body = text.slice(from + headerBytes, from + Number(match[4]))
    if (body.length + headerBytes < Number(match[4])) continue
    found.push({ headers: text.slice(from, from + headerBytes), body: body ? JSON.parse(body) : {} })
  }
  return found
}

const identity = {
  name: 'murmur-orchestrator',
  id: /^[0-9a-f-]{36}$/,
  version: /^\d+\.\d+\.\d+$/,
  metadata: {},
}

t.test('ping, info and stats, for all, by name and by id', async (t) => {
  const ends = [SERVICES.getTask, TENANT_SERVICES.all(SERVICES.getTask), SERVICES.listAlerts].map((subject) =>
    bus.serveSubject(subject, () => ({ ok: true }), { queue: 'some' }),
  )
  await bus.flush()
  const ask = await openWire(t)
  const pings = await ask('$SRV.PING', '', 2)
  t.strictSame(pings.map(({ body }) => body.name).sort(), ['murmur-alerting', 'murmur-orchestrator'])
  const [ping] = await ask('$SRV.PING.murmur-orchestrator')
  t.match(ping?.body, { type: 'io.nats.micro.v1.ping_response', ...identity })
  const id = String(ping?.body.id)
  t.ok(
    pings.some(({ body }) => body.id === id),
    'one id for all questions',
  )
  const [info] = await ask(`$SRV.INFO.murmur-orchestrator.${id}`)
  t.match(info?.body, { type: 'io.nats.micro.v1.info_response', ...identity, description: String })
  t.strictSame(info?.body.endpoints, [
    { name: 'tasks-get', subject: 'murmur.tasks.get', queue_group: 'some', metadata: {} },
    { name: 'tasks-get-tenants', subject: 'murmur.tenants.*.tasks.get', queue_group: 'some', metadata: {} },
  ])
  const [stats] = await ask(`$SRV.STATS.murmur-orchestrator`)
  t.match(stats?.body, { type: 'io.nats.micro.v1.stats_response', ...identity })
  t.match(String(stats?.body.started), /^\d{4}-\d\d-\d\dT[\d:.]+Z$/)
  t.match(stats?.body.endpoints[0], { num_requests: 0, num_errors: 0, average_processing_time: 0 })
  for (const end of ends) end()
  await bus.flush()
  t.match((await ask('$SRV.PING.murmur-orchestrator'))[0]?.headers, /503/, 'gone with its last endpoint')
})

t.test('requests and errors are counted, and errors told in headers beside the body', async (t) => {
  const end = bus.serveSubject(
    SERVICES.getTask,
    async ({ data }) => {
      await new Promise((resolve) => setTimeout(resolve, 5))
      if (data.length > 0) throw new MurmurError('TASK_NOT_FOUND', 'there is no täsk\r\nX-Evil: 1')
      return { ok: true }
    },
    { queue: 'some' },
  )
  t.teardown(end)
  await bus.flush()
  const ask = await openWire(t)
  t.strictSame(
    (await ask(SERVICES.getTask)).map(({ body }) => body),
    [{ ok: true }],
  )
  const [refused] = await ask(SERVICES.getTask, 'x')
  t.match(refused?.body, { problem: { code: 'TASK_NOT_FOUND', status: 404 } })
  t.match(refused?.headers, /\r\nNats-Service-Error: TASK_NOT_FOUND: there is no t\?sk\?\?X-Evil: 1\r\n/)
  t.match(refused?.headers, /\r\nNats-Service-Error-Code: 404\r\n/)
  const [stats] = await ask('$SRV.STATS.murmur-orchestrator')
  const [endpoint] = stats?.body.endpoints ?? []
  t.match(endpoint, { num_requests: 2, num_errors: 1, last_error: /^TASK_NOT_FOUND/ })
  const total = Number(endpoint?.processing_time)
  t.ok(total >= 8e6 && total < 5e9, `${total} ns`)
  const average = Number(endpoint?.average_processing_time)
  t.ok(Math.abs(average - total / 2) <= 1, `each is rounded by itself: ${average} ns`)
})

t.test('many answers are one request', async (t) => {
  const end = bus.serveMany(
    SERVICES.watchTask,
    async (_message, send) => {
      send({ n: 1 })
      send({ n: 2 })
      throw new MurmurError('UNAVAILABLE', 'now it is over')
    },
    { queue: 'some' },
  )
  t.teardown(end)
  await bus.flush()
  const ask = await openWire(t)
  t.match(
    (await ask(SERVICES.watchTask, '{}', 3)).map(({ body }) => body),
    [{ n: 1 }, { n: 2 }, { problem: { code: 'UNAVAILABLE' } }],
  )
  const [stats] = await ask('$SRV.STATS.murmur-edge')
  t.match(stats?.body.endpoints[0], { num_requests: 1, num_errors: 1 })
})

t.test('two instances are two answers', async (t) => {
  const other = await openBus(t, servers.natsUrl)
  for (const each of [bus, other]) {
    t.teardown(each.serveSubject(SERVICES.listAlerts, () => ({}), { queue: 'some' }))
    await each.flush()
  }
  const ask = await openWire(t)
  const ids = (await ask('$SRV.PING.murmur-alerting', '', 2)).map(({ body }) => body.id)
  t.equal(new Set(ids).size, 2)
})

t.test('what is no service of the catalogue is served and not shown', async (t) => {
  t.teardown(bus.serveSubject('monitors.m1.stop', () => ({ stopped: true }), { queue: 'some' }))
  await bus.flush()
  const ask = await openWire(t)
  t.match((await ask('monitors.m1.stop'))[0]?.body, { stopped: true })
  t.match((await ask('$SRV.PING'))[0]?.headers, /503/)
})

t.test('every service of the catalogue has a name that the protocol allows', async (t) => {
  for (const operation of NATS_OPERATION_NAMES)
    t.match(natsOperation(operation).service.name, /^[A-Za-z0-9_-]+$/)
})

t.test('a process that can not serve leaves its queue groups, and joins them again', async (t) => {
  const [one, other] = [await openBus(t, servers.natsUrl), await openBus(t, servers.natsUrl)]
  for (const [name, server] of Object.entries({ one, other })) {
    server.serveSubject('gate.ask', () => ({ by: name }), { queue: 'gate' })
    server.serveSubject(`gate.always.${name}`, () => ({ by: name }), { queue: 'gate', always: true })
    await server.flush()
  }
  const heard: string[] = []
  one.subscribe('gate.told', () => heard.push('whole'), {})
  one.subscribe('gate.told', () => heard.push('queue'), { queue: 'gate', whileServing: true })
  const ask = (subject: string) => bus.request(subject, {}, { timeoutMs: 2000 }) as Promise<{ by: string }>
  const answerers = async () =>
    new Set((await Promise.all(Array.from({ length: 60 }, () => ask('gate.ask')))).map(({ by }) => by))
  t.strictSame([...(await answerers())].sort(), ['one', 'other'])

  one.setServing(false)
  one.setServing(false)
  await one.flush()
  t.strictSame([...(await answerers())], ['other'])
  t.strictSame(await ask('gate.always.one'), { by: 'one' }, 'what needs nothing but NATS goes on')
  bus.publishCore('gate.told', '')
  await bus.flush()
  await one.flush()
  t.strictSame(heard, ['whole'], 'only the queue group is left')

  other.setServing(false)
  await other.flush()
  const error = await ask('gate.ask').catch((reason: unknown) => reason)
  t.match(error, { code: 'UNAVAILABLE', retryAfterMs: Number, message: /no service for this is running/ })

  const late = one.serveSubject('gate.late', () => ({ by: 'one' }), { queue: 'gate' })
  await t.rejects(ask('gate.late'), { code: 'UNAVAILABLE' }, 'nor does it begin to serve something')
  one.setServing(true)
  other.setServing(true)
  await Promise.all([one.flush(), other.flush()])
  t.strictSame([...(await answerers())].sort(), ['one', 'other'])
  t.strictSame(await ask('gate.late'), { by: 'one' })
  late()
  await one.flush()
  await t.rejects(ask('gate.late'), { code: 'UNAVAILABLE' })
})

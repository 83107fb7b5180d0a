import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ChannelCredentials, Metadata, type ServiceError, status } from '@grpc/grpc-js'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import t from 'tap'
import { type ApiKey, SCOPES } from '#schemas/api-key.ts'
import { SERVICES } from '#subjects/operations.ts'
import { rssMb } from '../../loadtest/bench/measure.ts'
import { TaskServiceClient } from '../../services/edge/grpc/generated/v1/task_service.ts'
import { openBus } from '../support/bus.ts'
import { withServers } from '../support/servers.ts'
import { factsOf, startService } from '../support/services.ts'
import { until } from '../support/until.ts'
import { partOf, RawGrpc } from './hostile/half-sent.ts'

// What strangers, and one credential among many, can take of an edge that runs as a process of its own: connections, memory, time.

const HALF_SENT = 300
const MAX_CONNECTIONS = 40
const MAX_REQUESTS = 20
const MESSAGE_TIMEOUT_MS = 2000
const SUBMIT = '/murmuration.edge.v1.TaskService/SubmitTask'
const REFLECT = '/grpc.reflection.v1.ServerReflection/ServerReflectionInfo'
const ISSUER = 'https://issuer.example.org'

const folder = mkdtempSync(join(tmpdir(), 'murmur-known-'))
t.teardown(() => rmSync(folder, { recursive: true, force: true }))
const signing = await generateKeyPair('ES256')
const jwk = { ...(await exportJWK(signing.publicKey)), kid: 'k1', alg: 'ES256', use: 'sig' }
const jwks = createServer((_request, response) => {
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify({ keys: [jwk] }))
})
await new Promise<void>((resolve) => jwks.listen(0, '127.0.0.1', resolve))
t.teardown(() => jwks.close())

const servers = await withServers(t)
await startService(t, servers, 'services/orchestrator/main.ts')
await startService(t, servers, 'loadtest/bench/noop-agents.ts')
const auditOf = (name: string) => join(folder, `${name}.jsonl`)
const settings = {
  MURMUR_EDGE_AUTH: 'required',
  MURMUR_EDGE_JWT_ISSUER: ISSUER,
  MURMUR_EDGE_JWT_AUDIENCE: 'murmuration',
  MURMUR_EDGE_JWT_JWKS_URL: `http://127.0.0.1:${(jwks.address() as AddressInfo).port}/keys`,
  MURMUR_EDGE_REQUEST_TIMEOUT_MS: String(MESSAGE_TIMEOUT_MS),
  MURMUR_EDGE_CONNECTIONS_PER_ADDRESS: String(MAX_CONNECTIONS),
}
const [edge, behindProxy] = await Promise.all([
  startService(t, servers, 'services/edge/main.ts', { ...settings, MURMUR_EDGE_AUDIT_FILE: auditOf('edge') }),
  startService(t, servers, 'services/edge/main.ts', {
    ...settings,
    MURMUR_EDGE_AUDIT_FILE: auditOf('proxy'),
    MURMUR_EDGE_TRUSTED_PROXIES: '127.0.0.0/8, 10.0.0.0/8',
    MURMUR_EDGE_REQUESTS_PER_CREDENTIAL: String(MAX_REQUESTS),
  }),
])
const ports = { rest: Number(factsOf(edge).restPort), grpc: Number(factsOf(edge).grpcPort) }
const proxied = `http://127.0.0.1:${factsOf(behindProxy).restPort}`
const bus = await openBus(t, servers.natsUrl)

const createKey = async (tenant = 'acme', about: object = {}) =>
  (await bus.request(
    SERVICES.createKey,
    { tenant, name: 'test', scopes: SCOPES, ...about },
    { timeoutMs: 5000 },
  )) as { key: ApiKey; secret: string }
const bearer = (secret: string) => ({ authorization: `Bearer ${secret}` })
const later = { type: 'plan', delayMs: 3_600_000, plan: { steps: [{ id: 'a', agent: 'noop-a' }] } }
const submitted = async (secret: string, url = `http://127.0.0.1:${ports.rest}`, headers = {}) => {
  const response = await fetch(`${url}/v1/tasks`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...bearer(secret), ...headers },
    body: JSON.stringify(later),
  })
  return (await response.json()) as { taskId: string }
}
const { secret } = await createKey()

t.test('half-sent messages of strangers: refused by their metadata, and nothing is kept', async (t) => {
  const client = new RawGrpc(ports.grpc)
  t.teardown(() => client.close())
  // Code that runs for the first time takes memory too.
  await Promise.all(Array.from({ length: HALF_SENT }, () => client.begin(SUBMIT).ended))
  const before = rssMb(edge.pid!)
  const calls = Array.from({ length: HALF_SENT }, () => client.begin(SUBMIT))
  for (const { stream } of calls) stream.write(partOf(1024 * 1024, 900 * 1024))
  const ends = await Promise.all(calls.map(({ ended }) => ended))
  t.ok(
    ends.every(({ status: code }) => code === status.UNAUTHENTICATED || code === status.RESOURCE_EXHAUSTED),
    'each was told so, and its stream closed by the edge',
  )
  const grown = rssMb(edge.pid!) - before
  t.ok(grown < 100, `the edge grew by ${grown} MB for ${HALF_SENT} calls of a megabyte`)
})

t.test('half-sent messages of one credential: a bounded part is kept, and only for its time', async (t) => {
  const before = rssMb(edge.pid!)
  const client = new RawGrpc(ports.grpc)
  t.teardown(() => client.close())
  const calls = Array.from({ length: HALF_SENT }, () => client.begin(SUBMIT, secret))
  const fromMs = performance.now()
  for (const { stream } of calls) stream.write(partOf(250 * 1024, 240 * 1024))
  const ends = await Promise.all(calls.map(({ ended }) => ended))
  const tookMs = performance.now() - fromMs
  const codes = new Set(ends.map(({ status: code }) => code))
  t.strictSame(
    [...codes].sort((a, b) => a - b),
    [status.INVALID_ARGUMENT, status.RESOURCE_EXHAUSTED],
    'what had no room was refused at once, the rest when its time was up',
  )
  t.ok(tookMs >= MESSAGE_TIMEOUT_MS * 0.9 && tookMs < MESSAGE_TIMEOUT_MS + 15_000, `${Math.round(tookMs)} ms`)
  const grown = rssMb(edge.pid!) - before
  t.ok(grown < 150, `the edge grew by ${grown} MB`)
  t.match(await submitted(secret), { taskId: /^t/ }, 'and it goes on')
})

t.test('a message that is larger than its method reads is refused before it is here', async (t) => {
  const client = new RawGrpc(ports.grpc)
  t.teardown(() => client.close())
  const { stream, ended } = client.begin(SUBMIT, secret)
  stream.write(partOf(1024 * 1024, 300 * 1024))
  t.equal((await ended).status, status.INVALID_ARGUMENT)
})

t.test('reflection: who asks and takes no answers is not asked for more, and cut off', async (t) => {
  const before = rssMb(edge.pid!)
  const client = new RawGrpc(ports.grpc)
  t.teardown(() => client.close())
  const { stream, ended } = client.begin(REFLECT)
  stream.pause()
  const name = Buffer.from('murmuration/edge/v1/task_service.proto')
  const question = Buffer.concat([partOf(name.length + 2, 0), Buffer.from([0x1a, name.length]), name])
  for (let i = 0; i < 20_000; i++) stream.write(question)
  // The client library says that a stream is closed only when its data was taken.
  await until('it is cut off', () => stream.closed || stream.destroyed)
  stream.resume()
  await ended
  const grown = rssMb(edge.pid!) - before
  t.ok(grown < 60, `the edge grew by ${grown} MB for 20,000 questions`)
})

const opened = (port: number) =>
  new Promise<Socket>((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => resolve(socket))
    socket.once('error', reject)
  })
const closedAtMs = (socket: Socket) =>
  new Promise<number>((resolve) => {
    socket.on('error', () => undefined)
    socket.on('close', () => resolve(performance.now()))
    socket.resume()
  })

t.test('REST: a body that is dripped after a refusal is cut off', async (t) => {
  for (const path of ['/v1/tasks', '/v1/objects']) {
    const socket = await opened(ports.rest)
    const fromMs = performance.now()
    let said = ''
    socket.on('data', (chunk) => {
      said += chunk
    })
    const end = closedAtMs(socket)
    socket.write(
      `POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n`,
    )
    const drip = setInterval(() => socket.writable && socket.write(' '), 100)
    const tookMs = (await end) - fromMs
    clearInterval(drip)
    t.match(said, /^HTTP\/1\.1 401 /, path)
    t.ok(tookMs < 8000, `${path}: ${Math.round(tookMs)} ms`)
  }
})

t.test(
  'connections of one address: more are closed at once, and others find room when they go',
  async (t) => {
    const sockets: Socket[] = []
    let closed = 0
    for (let i = 0; i < MAX_CONNECTIONS + 20; i++) {
      const socket = await opened(i % 2 === 0 ? ports.rest : ports.grpc).catch(() => undefined)
      if (!socket) continue
      void closedAtMs(socket).then(() => closed++)
      sockets.push(socket)
    }
    await until('the last ones are closed', () => closed >= 20)
    t.ok(closed <= 30, `${closed} of ${MAX_CONNECTIONS + 20}, REST and gRPC together`)
    for (const socket of sockets) socket.destroy()
    await until('there is room again', async () =>
      fetch(`http://127.0.0.1:${ports.rest}/v1/tasks`, { headers: bearer(secret) }).then(
        ({ status: code }) => code === 200,
        () => false,
      ),
    )
  },
)

const token = (about: object = {}, header: object = {}) => {
  const nowS = Math.floor(Date.now() / 1000)
  const claims = { iss: ISSUER, aud: 'murmuration', sub: 'user-1', tenant: 'acme', scope: 'tasks:read' }
  return new SignJWT({ ...claims, iat: nowS, exp: nowS + 60, ...about })
    .setProtectedHeader({ alg: 'ES256', kid: 'k1', ...header })
    .sign(signing.privateKey)
}
const asked = async (credential: string, headers: Record<string, string> = {}, url = proxied) =>
  (await fetch(`${url}/v1/tasks`, { headers: { ...bearer(credential), ...headers } })).status

t.test(
  'behind a proxy: who guesses is held back by his own address; who holds a token is let in',
  async (t) => {
    const from = (address: string) => ({ 'x-forwarded-for': `192.0.2.1, ${address}, 10.1.2.3` })
    let code = 401
    for (let i = 0; i < 100 && code === 401; i++) code = await asked('mur_guess', from('198.51.100.7'))
    t.equal(code, 429, 'held back')
    t.equal(await asked('mur_guess', from('198.51.100.8')), 401, 'another address is not')
    const spoofed = { 'x-forwarded-for': `198.51.100.99, 198.51.100.7, 10.1.2.3` }
    t.equal(await asked('mur_guess', spoofed), 429, 'whatever it says stands before itself')
    t.equal(
      await asked(await token(), from('198.51.100.7')),
      200,
      'a token that holds, from the same address',
    )
    t.equal(await asked(secret, from('198.51.100.7')), 200, 'a key that holds')
    t.equal(await asked(await token({ exp: 1 }), from('198.51.100.7')), 429, 'one that does not')
    await submitted(secret, proxied, from('198.51.100.7'))
    await until('it is written down', () =>
      readFileSync(auditOf('proxy'), 'utf8').includes('"address":"198.51.100.7"'),
    )
  },
)

t.test('without a trusted proxy nobody is believed', async (t) => {
  await submitted(secret, undefined, { 'x-forwarded-for': '198.51.100.7' })
  await until('it is written down', () => readFileSync(auditOf('edge'), 'utf8').includes('"submitTask"'))
  t.notMatch(readFileSync(auditOf('edge'), 'utf8'), '198.51.100.7')
})

t.test('tokens: their type and their lifetime', async (t) => {
  const nowS = Math.floor(Date.now() / 1000)
  const good = [
    await token({}, { typ: 'JWT' }),
    await token({}, { typ: 'application/at+jwt' }),
    await token(),
  ]
  for (const credential of good) t.equal(await asked(credential), 200)
  const bad = {
    'a proof of possession': await token({}, { typ: 'dpop+jwt' }),
    'an end of a session': await token({}, { typ: 'logout+jwt' }),
    'a year': await token({ exp: nowS + 31_536_000 }),
    'a year, without its issue': await token({ exp: nowS + 31_536_000, iat: undefined }),
    'issued in an hour': await token({ iat: nowS + 3600, exp: nowS + 3700 }),
  }
  for (const [what, credential] of Object.entries(bad)) t.equal(await asked(credential), 401, what)
})

t.test('open streams of one credential are counted, and go with it when it is revoked', async (t) => {
  const { secret: own, key } = await createKey()
  const { taskId } = await submitted(own, proxied)
  const streams = await Promise.all(
    Array.from({ length: MAX_REQUESTS - 1 }, () =>
      fetch(`${proxied}/v1/tasks/${taskId}/events`, { headers: bearer(own) }),
    ),
  )
  t.ok(streams.every(({ status: code }) => code === 200))
  const client = new TaskServiceClient(
    `127.0.0.1:${factsOf(behindProxy).grpcPort}`,
    ChannelCredentials.createInsecure(),
  )
  t.teardown(() => client.close())
  const metadata = new Metadata()
  metadata.set('authorization', `Bearer ${own}`)
  const watch = client.watchTask({ taskId }, metadata)
  const refusal = new Promise<ServiceError>((resolve) => watch.on('error', resolve))
  await new Promise((resolve) => watch.once('data', resolve))
  watch.resume()
  t.equal(await asked(own), 429, 'one more is refused')
  t.equal(await asked(secret), 200, 'of another credential it is not')
  const fromMs = performance.now()
  await bus.request(SERVICES.revokeKey, { id: key.id }, { timeoutMs: 5000 })
  const texts = await Promise.all(streams.map((response) => response.text()))
  t.equal((await refusal).code, status.UNAUTHENTICATED, 'gRPC')
  for (const text of texts) t.match(text, /event: problem\ndata: .*UNAUTHENTICATED/)
  t.ok(performance.now() - fromMs < 5000, 'at once')
})

t.test('a key that was rotated closes what was opened with it when its grace time is over', async (t) => {
  const { secret: own, key } = await createKey()
  const [rest, other] = await Promise.all(
    [own, secret].map((each) => fetch(`${proxied}/v1/alerts/events`, { headers: bearer(each) })),
  )
  t.equal(rest!.status, 200)
  const graceMs = 1500
  const fromMs = performance.now()
  const { old } = (await bus.request(SERVICES.rotateKey, { id: key.id, graceMs }, { timeoutMs: 5000 })) as {
    old: ApiKey
  }
  t.ok(old.expiresAtMs! < key.expiresAtMs!)
  t.match(await rest!.text(), /UNAUTHENTICATED/)
  const tookMs = performance.now() - fromMs
  t.ok(tookMs >= graceMs - 50 && tookMs < graceMs + 5000, `after ${Math.round(tookMs)} ms`)
  t.equal(other!.status, 200)
  await other!.body!.cancel()
})

t.test('a key whose time is up closes what was opened with it', async (t) => {
  const { secret: own } = await createKey('acme', { expiresInMs: 2000 })
  const response = await fetch(`${proxied}/v1/alerts/events`, { headers: bearer(own) })
  t.equal(response.status, 200)
  t.match(await response.text(), /UNAUTHENTICATED/)
})

t.test('a token that ends closes what was opened with it', async (t) => {
  const nowS = Math.floor(Date.now() / 1000)
  const response = await fetch(`${proxied}/v1/alerts/events`, {
    headers: bearer(await token({ scope: 'alerts:read', exp: nowS + 2 })),
  })
  t.equal(response.status, 200)
  t.match(await response.text(), /UNAUTHENTICATED/)
})

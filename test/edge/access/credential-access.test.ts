import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ChannelCredentials, Metadata, status } from '@grpc/grpc-js'
import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT } from 'jose'
import t from 'tap'
import { type ApiKey, SCOPES, type Scope } from '#schemas/api-key.ts'
import type { TaskState } from '#schemas/task.ts'
import { SERVICES } from '#subjects/operations.ts'
import { TaskServiceClient } from '../../../services/edge/grpc/generated/v1/task_service.ts'
import { openBus } from '../../support/bus.ts'
import { withServers } from '../../support/servers.ts'
import { factsOf, startService } from '../../support/services.ts'
import { until } from '../../support/until.ts'

const folder = mkdtempSync(join(tmpdir(), 'murmur-access-'))
t.teardown(() => rmSync(folder, { recursive: true, force: true }))
const auditFile = join(folder, 'audit.jsonl')

const ISSUER = 'https://issuer.example.org'
const AUDIENCE = 'murmuration'
const signing = await generateKeyPair('ES256')
const stranger = await generateKeyPair('ES256')
const jwk = { ...(await exportJWK(signing.publicKey)), kid: 'k1', alg: 'ES256', use: 'sig' }
const jwks = createServer((_request, response) => {
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify({ keys: [jwk] }))
})
await new Promise<void>((resolve) => jwks.listen(0, '127.0.0.1', resolve))
t.teardown(() => jwks.close())
const jwksUrl = `http://127.0.0.1:${(jwks.address() as AddressInfo).port}/keys`

const servers = await withServers(t)
await startService(t, servers, 'services/orchestrator/main.ts')
await startService(t, servers, 'loadtest/bench/noop-agents.ts')
const edge = await startService(t, servers, 'services/edge/main.ts', {
  MURMUR_EDGE_AUTH: 'required',
  MURMUR_EDGE_JWT_ISSUER: ISSUER,
  MURMUR_EDGE_JWT_AUDIENCE: AUDIENCE,
  MURMUR_EDGE_JWT_JWKS_URL: jwksUrl,
  MURMUR_EDGE_AUDIT_FILE: auditFile,
  MURMUR_EDGE_TENANT_LIMITS: '{"slow":{"requestsPerSecond":2,"requestBurst":2}}',
  MURMUR_EDGE_CORS_ORIGINS: 'https://app.example.org',
})
const { restPort, grpcPort } = factsOf(edge)
const bus = await openBus(t, servers.natsUrl)

const createKey = async (tenant: string, scopes: readonly Scope[] = SCOPES, about: object = {}) =>
  (await bus.request(
    SERVICES.createKey,
    { tenant, name: 'test', scopes, ...about },
    { timeoutMs: 5000 },
  )) as {
    key: ApiKey
    secret: string
  }

interface Said {
  taskId: string
  code?: string
  retryAfterMs?: number
}

async function ask(
  credential: string | undefined,
  path = '/v1/tasks',
  options: { body?: object; headers?: Record<string, string> } = {},
) {
  const response = await fetch(`http://127.0.0.1:${restPort}${path}`, {
    method: options.body ? 'POST' : 'GET',
    headers: {
      ...(credential !== undefined && { authorization: `Bearer ${credential}` }),
      ...(options.body && { 'content-type': 'application/json' }),
      ...options.headers,
    },
    ...(options.body && { body: JSON.stringify(options.body) }),
  })
  return { status: response.status, headers: response.headers, body: (await response.json()) as Said }
}

const later = (about: object = {}) => ({
  type: 'plan',
  delayMs: 3_600_000,
  plan: { steps: [{ id: 'a', agent: 'noop-a' }] },
  ...about,
})

t.test('API keys: only what holds lets in, and each tenant sees its own', async (t) => {
  const acme = await createKey('acme')
  const other = await createKey('other')
  t.match(acme.secret, /^mur_[a-z0-9]{12}_[A-Za-z0-9_-]{43}$/)
  const made = await ask(acme.secret, '/v1/tasks', { body: later() })
  t.equal(made.status, 202, JSON.stringify(made.body))
  const { taskId } = made.body
  t.match(await ask(acme.secret, `/v1/tasks/${taskId}`), { status: 200, body: { task: { tenant: 'acme' } } })
  t.match(await ask(other.secret, `/v1/tasks/${taskId}`), { status: 404, body: { code: 'TASK_NOT_FOUND' } })
  t.match(await ask(other.secret), { status: 200, body: { tasks: [] } })
  t.match(await ask(other.secret, `/v1/tasks/${taskId}/cancel`, { body: {} }), { status: 404 })
  const cut = acme.secret.slice(0, -1)
  const wrong = `${cut}${acme.secret.endsWith('A') ? 'B' : 'A'}`
  for (const bad of [
    undefined,
    '',
    'x',
    wrong,
    cut,
    `${acme.secret}A`,
    acme.secret.replace(/_[a-z0-9]{12}_/, '_aaaaaaaaaaaa_'),
    acme.key.id,
  ])
    t.match(
      await ask(bad),
      { status: 401, body: { code: 'UNAUTHENTICATED', detail: /missing, or does not hold/ } },
      `${bad}`,
    )
})

t.test('keys end: by their time, and by being revoked', async (t) => {
  const short = await createKey('acme', SCOPES, { expiresInMs: 1500 })
  const held = await createKey('acme')
  t.equal((await ask(short.secret)).status, 200)
  t.equal((await ask(held.secret)).status, 200)
  await bus.request(SERVICES.revokeKey, { id: held.key.id }, { timeoutMs: 5000 })
  t.equal((await ask(held.secret)).status, 401, 'at once')
  await new Promise((resolve) => setTimeout(resolve, Math.max(0, short.key.expiresAtMs! - Date.now() + 5)))
  t.equal((await ask(short.secret)).status, 401)
  const { keys } = (await bus.request(SERVICES.listKeys, { tenant: 'acme' }, { timeoutMs: 5000 })) as {
    keys: ApiKey[]
  }
  t.notMatch(JSON.stringify(keys), /hash|mur_/, 'nothing that would let anybody in is listed')
  t.ok(keys.find(({ id }) => id === held.key.id)?.revokedAtMs)
  await t.rejects(bus.request(SERVICES.revokeKey, { id: 'none' }, { timeoutMs: 5000 }), {
    code: 'KEY_NOT_FOUND',
  })
})

t.test('keys are known to an edge that starts later, and a revocation to all of them', async (t) => {
  const { secret, key } = await createKey('acme')
  const second = await startService(t, servers, 'services/edge/main.ts', { MURMUR_EDGE_AUTH: 'required' })
  const url = `http://127.0.0.1:${factsOf(second).restPort}/v1/agents`
  const headers = { authorization: `Bearer ${secret}` }
  t.equal((await fetch(url, { headers })).status, 200)
  await bus.request(SERVICES.revokeKey, { id: key.id }, { timeoutMs: 5000 })
  let code = 200
  for (const untilMs = performance.now() + 5000; code === 200 && performance.now() < untilMs; )
    code = (await fetch(url, { headers })).status
  t.equal(code, 401, 'revoked everywhere')
})

t.test('scopes: what is missing is named', async (t) => {
  const reader = await createKey('acme', ['tasks:read'])
  t.equal((await ask(reader.secret)).status, 200)
  t.match(await ask(reader.secret, '/v1/tasks', { body: later() }), {
    status: 403,
    body: { code: 'PERMISSION_DENIED', detail: /tasks:write/ },
  })
  for (const path of ['/v1/agents', '/v1/alerts', '/v1/status', '/v1/objects/uploads/x'])
    t.match(await ask(reader.secret, path), { status: 403, body: { code: 'PERMISSION_DENIED' } }, path)
})

t.test('tokens: signed by the issuer, for us, now, and for a tenant', async (t) => {
  const nowS = Math.floor(Date.now() / 1000)
  const claims = { tenant: 'acme', scope: 'tasks:read nonsense agents:read' }
  const token = (about: object = {}, key = signing.privateKey, header: object = {}) =>
    new SignJWT({ iss: ISSUER, aud: AUDIENCE, sub: 'user-1', iat: nowS, exp: nowS + 60, ...claims, ...about })
      .setProtectedHeader({ alg: 'ES256', kid: 'k1', ...header })
      .sign(key)
  t.equal((await ask(await token())).status, 200)
  t.match(await ask(await token(), '/v1/tasks', { body: later() }), { status: 403 }, 'its scopes hold')
  t.equal((await ask(await token({ scope: undefined, scp: ['tasks:read'] }))).status, 200)
  const secret = new TextEncoder().encode(JSON.stringify(jwk))
  const bad: Record<string, string> = {
    'another issuer': await token({ iss: 'https://evil.example' }),
    'another audience': await token({ aud: 'others' }),
    expired: await token({ exp: nowS - 60 }),
    'not yet': await token({ nbf: nowS + 600 }),
    'no end': await token({ exp: undefined }),
    'no subject': await token({ sub: undefined }),
    'no tenant': await token({ tenant: undefined }),
    'a tenant that is none': await token({ tenant: 'a.*' }),
    'a list of tenants': await token({ tenant: ['acme'] }),
    'another key': await token({}, stranger.privateKey),
    unsigned: new UnsecuredJWT({ iss: ISSUER, aud: AUDIENCE, sub: 'x', exp: nowS + 60, ...claims }).encode(),
    'a shared secret': await new SignJWT({ iss: ISSUER, aud: AUDIENCE, sub: 'x', exp: nowS + 60, ...claims })
      .setProtectedHeader({ alg: 'HS256', kid: 'k1' })
      .sign(secret),
    changed: `${(await token()).slice(0, -4)}AAAA`,
    huge: `${await token()}${'A'.repeat(8000)}`,
  }
  for (const [what, credential] of Object.entries(bad))
    t.match(await ask(credential), { status: 401, body: { code: 'UNAUTHENTICATED' } }, what)
})

t.test(
  'approvals: who decides is the key or the token, whatever is said; nobody else sees them',
  async (t) => {
    const [{ secret, key }, reader, other] = await Promise.all([
      createKey('acme'),
      createKey('acme', ['tasks:read']),
      createKey('other'),
    ])
    const token = await new SignJWT({ sub: 'user-1', tenant: 'acme', scope: 'tasks:read tasks:write' })
      .setProtectedHeader({ alg: 'ES256', kid: 'k1' })
      .setIssuer(ISSUER)
      .setAudience(AUDIENCE)
      .setIssuedAt()
      .setExpirationTime('1m')
      .sign(signing.privateKey)
    const steps = ['rest', 'token', 'grpc'].map((id) => ({ id, approval: { title: 'Well?' } }))
    const { taskId } = (await ask(secret, '/v1/tasks', { body: { type: 'plan', plan: { steps } } })).body
    const open = `/v1/approvals?taskId=${taskId}`
    t.match(await ask(reader.secret, open), { status: 200, body: { approvals: [{}, {}, {}] } })
    t.strictSame((await ask(other.secret, open)).body, { approvals: [] })
    const answer = { decision: 'approved', by: 'mallory' }
    const path = (step: string) => `/v1/tasks/${taskId}/approvals/${step}`
    t.match(await ask(reader.secret, path('rest'), { body: answer }), {
      status: 403,
      body: { code: 'PERMISSION_DENIED' },
    })
    t.match(await ask(other.secret, path('rest'), { body: answer }), { status: 404 })
    for (const wish of ['pause', 'resume', 'signals', 'retry'])
      t.match(
        await ask(reader.secret, `/v1/tasks/${taskId}/${wish}`, { body: {} }),
        { status: 403, body: { code: 'PERMISSION_DENIED' } },
        wish,
      )
    t.match(
      await ask(reader.secret, '/v1/tasks/change-many', { body: { action: 'cancel', taskIds: [taskId] } }),
      {
        status: 403,
      },
    )
    const many = { action: 'cancel', filter: { type: 'plan', status: 'running' } }
    t.strictSame((await ask(other.secret, '/v1/tasks/change-many', { body: many })).body, { results: [] })
    t.equal((await ask(secret, path('rest'), { body: answer })).status, 202)
    t.equal((await ask(token, path('token'), { body: answer })).status, 202)
    const client = new TaskServiceClient(`127.0.0.1:${grpcPort}`, ChannelCredentials.createInsecure())
    t.teardown(() => client.close())
    const metadata = new Metadata()
    metadata.set('authorization', `Bearer ${secret}`)
    await new Promise<void>((resolve, reject) => {
      const request = { taskId, stepId: 'grpc', decision: 'approved' }
      client.answerApproval(request, metadata, (error) => (error ? reject(error) : resolve()))
    })
    const stepsNow = async () =>
      ((await ask(secret, `/v1/tasks/${taskId}`)).body as unknown as { task: TaskState }).task.steps
    await until('all is decided', async () =>
      Object.values(await stepsNow()).every((step) => step.status === 'completed'),
    )
    const decided = await stepsNow()
    t.match(decided.rest!.output, { by: `key:${key.id}` })
    t.match(decided.token!.output, { by: 'jwt:user-1' })
    t.match(decided.grpc!.output, { by: `key:${key.id}` })
  },
)

t.test('limits: the hint is true', async (t) => {
  const { secret } = await createKey('slow')
  t.equal((await ask(secret)).status, 200)
  t.equal((await ask(secret)).status, 200)
  const refused = await ask(secret)
  t.match(refused, { status: 429, body: { code: 'RATE_LIMITED', retryAfterMs: Number } })
  t.match(refused.headers.get('retry-after'), /^[12]$/)
  const waitMs: number = refused.body.retryAfterMs!
  t.ok(waitMs > 100 && waitMs <= 500, `${waitMs} ms`)
  await new Promise((resolve) => setTimeout(resolve, waitMs + 5))
  t.equal((await ask(secret)).status, 200, 'after it, it is let in')
})

t.test('gRPC: the same credentials, the same refusals', async (t) => {
  const { secret } = await createKey('acme', ['tasks:read'])
  const client = new TaskServiceClient(`127.0.0.1:${grpcPort}`, ChannelCredentials.createInsecure())
  t.teardown(() => client.close())
  const call = (method: 'listTasks' | 'submitTask', credential?: string) =>
    new Promise<number>((resolve) => {
      const metadata = new Metadata()
      if (credential !== undefined) metadata.set('authorization', `Bearer ${credential}`)
      const answer = (error: { code: number } | null) => resolve(error?.code ?? status.OK)
      if (method === 'listTasks') client.listTasks({}, metadata, answer)
      else client.submitTask({ submission: later() }, metadata, answer)
    })
  t.equal(await call('listTasks', secret), status.OK)
  t.equal(await call('listTasks'), status.UNAUTHENTICATED)
  t.equal(await call('listTasks', `${secret}x`), status.UNAUTHENTICATED)
  t.equal(await call('submitTask', secret), status.PERMISSION_DENIED)
})

t.test('browsers: origins that are named, and no other', async (t) => {
  const { secret } = await createKey('acme')
  const from = (origin: string) => ask(secret, '/v1/tasks', { headers: { origin } })
  const allowed = await from('https://app.example.org')
  t.equal(allowed.status, 200)
  t.equal(allowed.headers.get('access-control-allow-origin'), 'https://app.example.org')
  t.match(await from('https://evil.example'), { status: 403, body: { code: 'FORBIDDEN' } })
  t.equal((await from(`http://127.0.0.1:${restPort}`)).status, 200, 'its own pages')
  const preflight = await fetch(`http://127.0.0.1:${restPort}/v1/tasks`, {
    method: 'OPTIONS',
    headers: {
      origin: 'https://app.example.org',
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization',
    },
  })
  t.equal(preflight.status, 204)
  t.match(preflight.headers.get('access-control-allow-headers'), /authorization/)
})

t.test('who guesses is held back; the audit log says who did what, without secrets', async (t) => {
  const { secret, key } = await createKey('acme')
  await ask(secret, '/v1/tasks', { body: later() })
  await ask(secret, '/v1/tasks', { body: { type: 'nonsense' } })
  const linesOfKey = () =>
    readFileSync(auditFile, 'utf8')
      .split('\n')
      .filter((line) => line.includes(`"key:${key.id}"`))
  // They are written behind the answers.
  await until('both lines', () => linesOfKey().length >= 2)
  const own = linesOfKey().map((line) => JSON.parse(line) as object)
  t.match(own, [
    {
      operation: 'submitTask',
      transport: 'rest',
      tenant: 'acme',
      address: '127.0.0.1',
      code: 'OK',
      at: /^20\d\d-/,
    },
    { operation: 'submitTask', code: 'UNKNOWN_TASK_TYPE' },
  ])
  t.notMatch(readFileSync(auditFile, 'utf8'), secret.slice(-43))
  let refused: Pick<Awaited<ReturnType<typeof ask>>, 'status' | 'body'> = {
    status: 401,
    body: { taskId: '' },
  }
  for (let i = 0; i < 100 && refused.status === 401; i++) refused = await ask('mur_guess')
  t.match(refused, { status: 429, body: { code: 'RATE_LIMITED', retryAfterMs: Number } })
})

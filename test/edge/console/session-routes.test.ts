import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { SCOPES, type Scope } from '#schemas/api-key.ts'
import { SERVICES } from '#subjects/operations.ts'
import { openBus } from '../../support/bus.ts'
import { withServers } from '../../support/servers.ts'
import { factsOf, startService } from '../../support/services.ts'
import { until } from '../../support/until.ts'

const folder = mkdtempSync(join(tmpdir(), 'murmur-sessions-'))
t.teardown(() => rmSync(folder, { recursive: true, force: true }))
const auditFile = join(folder, 'audit.jsonl')
const servers = await withServers(t)
await startService(t, servers, 'services/orchestrator/main.ts')
const edge = await startService(t, servers, 'services/edge/main.ts', {
  MURMUR_EDGE_AUTH: 'required',
  MURMUR_EDGE_AUDIT_FILE: auditFile,
})
const url = `http://127.0.0.1:${factsOf(edge).restPort}`
const bus = await openBus(t, servers.natsUrl)

async function createKey(scopes: readonly Scope[] = SCOPES) {
  const about = { tenant: 'acme', name: 'console', scopes }
  return (await bus.request(SERVICES.createKey, about, { timeoutMs: 5000 })) as {
    key: { id: string }
    secret: string
  }
}

const OWN = { origin: url, 'sec-fetch-site': 'same-origin', 'content-type': 'application/json' }

async function signIn(credential: string) {
  const answer = await fetch(`${url}/v1/session`, {
    method: 'POST',
    headers: OWN,
    body: JSON.stringify({ credential }),
  })
  const cookie = answer.headers.get('set-cookie')?.split(';', 1)[0] ?? ''
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown>, cookie }
}

const ask = (path: string, headers: Record<string, string>, init: RequestInit = {}) =>
  fetch(url + path, { ...init, headers: { ...OWN, ...headers } })

t.test('a key is shown once, and holds from then on, for what its scopes say', async (t) => {
  const { secret } = await createKey(['tasks:read'])
  t.equal((await ask('/v1/tasks', {})).status, 401)
  t.match(await (await ask('/v1/session', {})).json(), { auth: 'required', signedIn: false })
  const { status, body, cookie } = await signIn(secret)
  t.match([status, body], [200, { signedIn: true, tenant: 'acme', scopes: ['tasks:read'], untilMs: Number }])
  t.notMatch(cookie, secret)
  t.equal((await ask('/v1/tasks', { cookie })).status, 200)
  t.match(await (await ask('/v1/session', { cookie })).json(), { signedIn: true, tenant: 'acme' })
  const refused = await ask('/v1/plans', { cookie }, { method: 'POST', body: '{}' })
  t.not(refused.status, 401)
  const denied = await ask('/v1/tasks', { cookie }, { method: 'POST', body: '{"type":"plan"}' })
  t.equal(denied.status, 403)
})

t.test('pages of others can do nothing with it', async (t) => {
  const { secret } = await createKey()
  const { cookie } = await signIn(secret)
  const foreign = { cookie, origin: 'https://evil.example.org', 'sec-fetch-site': 'cross-site' }
  t.equal((await ask('/v1/tasks/t1/cancel', foreign, { method: 'POST' })).status, 403)
  const sameSite = { cookie, 'sec-fetch-site': 'same-site' }
  t.equal((await ask('/v1/tasks/t1/cancel', sameSite, { method: 'POST' })).status, 401)
  t.equal((await ask('/v1/tasks', sameSite)).status, 401)
  const formLike = await fetch(`${url}/v1/tasks/t1/cancel`, { method: 'POST', headers: { cookie } })
  t.equal(formLike.status, 401, 'a write says where it comes from')
})

t.test('what ends the key ends the session, an open stream too', async (t) => {
  const { key, secret } = await createKey()
  const { cookie } = await signIn(secret)
  const stream = await ask('/v1/tasks/events', { cookie, accept: 'text/event-stream' })
  t.equal(stream.status, 200)
  await bus.request(SERVICES.revokeKey, { id: key.id }, { timeoutMs: 5000 })
  t.match(await stream.text(), /event: problem[\s\S]*UNAUTHENTICATED/)
  await until('the key is gone', async () => (await ask('/v1/tasks', { cookie })).status === 401)
  t.match(await (await ask('/v1/session', { cookie })).json(), { signedIn: false })
})

t.test('who signs out has no session any more, and all of it is written down', async (t) => {
  const { secret } = await createKey()
  const { cookie } = await signIn(secret)
  const out = await ask('/v1/session', { cookie }, { method: 'DELETE' })
  t.match([out.status, out.headers.get('set-cookie')], [204, /murmur-session=; Path=\/; Max-Age=0/])
  t.equal((await signIn('mur_wrong')).status, 401)
  t.equal((await signIn('')).status, 400)
  const lines = () =>
    readFileSync(auditFile, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { operation: string; code: string })
  await until('the audit log', () => lines().some(({ operation }) => operation === 'signOut'))
  const said = lines().map(({ operation, code }) => `${operation} ${code}`)
  for (const line of ['signIn OK', 'signOut OK', 'signIn UNAUTHENTICATED']) t.ok(said.includes(line), line)
  t.notMatch(readFileSync(auditFile, 'utf8'), secret)
})

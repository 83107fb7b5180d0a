import t from 'tap'
import { type ApiKey, SCOPES, type Scope } from '#schemas/api-key.ts'
import { SERVICES } from '#subjects/operations.ts'
import { openBus } from '../../support/bus.ts'
import { withServers } from '../../support/servers.ts'
import { factsOf, startService } from '../../support/services.ts'
import { until } from '../../support/until.ts'

const servers = await withServers(t)
await startService(t, servers, 'services/orchestrator/main.ts')
const edge = await startService(t, servers, 'services/edge/main.ts', { MURMUR_EDGE_AUTH: 'required' })
const { restPort } = factsOf(edge)
const bus = await openBus(t, servers.natsUrl)

const createKey = async (tenant: string, scopes: readonly Scope[] = SCOPES, about: object = {}) =>
  (await bus.request(
    SERVICES.createKey,
    { tenant, name: 'test', scopes, ...about },
    { timeoutMs: 5000 },
  )) as { key: ApiKey; secret: string }

const ask = (secret: string) =>
  fetch(`http://127.0.0.1:${restPort}/v1/tasks`, { headers: { authorization: `Bearer ${secret}` } })

t.test('keys: how long they hold, who answers for them, when they were used', async (t) => {
  const DAY_MS = 86_400_000
  const { secret, key } = await createKey('aging', ['tasks:read'], { owner: 'anna' })
  t.equal(key.expiresAtMs! - key.createdAtMs, 90 * DAY_MS, 'nobody said how long')
  t.match(key, { owner: 'anna', createdBy: 'nats' })
  await t.rejects(createKey('aging', SCOPES, { expiresInMs: 367 * DAY_MS }), {
    code: 'INVALID_REQUEST',
    message: /MURMUR_EDGE_KEY_MAX_DAYS/,
  })
  await t.rejects(createKey('aging', []), { code: 'INVALID_REQUEST' }, 'what it is for has to be said')
  const listed = async () => {
    const { keys } = (await bus.request(SERVICES.listKeys, { tenant: 'aging' }, { timeoutMs: 5000 })) as {
      keys: ApiKey[]
    }
    return keys.find(({ id }) => id === key.id)!
  }
  t.equal((await listed()).lastUsedAtMs, undefined)
  const beforeMs = Date.now()
  t.equal((await ask(secret)).status, 200)
  const { lastUsedAtMs, lastUsedFrom } = await listed()
  t.ok(lastUsedAtMs! >= beforeMs && lastUsedAtMs! <= Date.now())
  t.equal(lastUsedFrom, '127.0.0.1')
  const second = await startService(t, servers, 'services/edge/main.ts', { MURMUR_EDGE_AUTH: 'required' })
  t.ok(second)
  await until('another edge knows it too', async () => {
    const answers = await Promise.all(Array.from({ length: 16 }, listed))
    return answers.every((one) => one.lastUsedAtMs === lastUsedAtMs)
  })
})

t.test('rotation: both hold for the grace time, and whoever is second is told so', async (t) => {
  const rotate = async (id: string, about: object = {}) =>
    (await bus.request(SERVICES.rotateKey, { id, ...about }, { timeoutMs: 5000 })) as {
      key: ApiKey
      secret: string
      old: ApiKey
    }
  const first = await createKey('turning', ['tasks:read'], { owner: 'anna', expiresInMs: 3_600_000 })
  const next = await rotate(first.key.id, { graceMs: 1500 })
  t.match(next.key, { tenant: 'turning', owner: 'anna', scopes: ['tasks:read'], replaces: first.key.id })
  t.equal(next.key.expiresAtMs! - next.key.createdAtMs, 3_600_000, 'as long as the old one was given')
  t.match(next.old, { id: first.key.id, replacedBy: next.key.id })
  t.equal((await ask(first.secret)).status, 200, 'the old one holds')
  t.equal((await ask(next.secret)).status, 200, 'and so does the new one')
  await t.rejects(rotate(first.key.id), { code: 'KEY_STATE_CONFLICT', message: new RegExp(next.key.id) })
  await new Promise((resolve) => setTimeout(resolve, Math.max(0, next.old.expiresAtMs! - Date.now() + 5)))
  t.equal((await ask(first.secret)).status, 401, 'until its time is over')
  t.equal((await ask(next.secret)).status, 200)
  const last = await rotate(next.key.id, { graceMs: 0 })
  t.equal((await ask(next.secret)).status, 401, 'without a grace time at once')
  t.equal((await ask(last.secret)).status, 200)
  await bus.request(SERVICES.revokeKey, { id: last.key.id }, { timeoutMs: 5000 })
  await t.rejects(rotate(last.key.id), { code: 'KEY_STATE_CONFLICT' })
  await t.rejects(rotate('none'), { code: 'KEY_NOT_FOUND' })
  const long = await createKey('turning', ['tasks:read'], { expiresInMs: 60_000 })
  const kept = await rotate(long.key.id)
  t.equal(kept.old.expiresAtMs, long.key.expiresAtMs, 'never longer than it would have held')
})

t.test(
  'rotated and revoked at the same time: one successor at most, and a revoked key stays so',
  async (t) => {
    for (let round = 0; round < 5; round++) {
      const { key, secret } = await createKey('race', ['tasks:read'])
      const ask5 = Array.from({ length: 4 }, () =>
        bus.request(SERVICES.rotateKey, { id: key.id }, { timeoutMs: 5000 }),
      )
      const revoked = bus.request(SERVICES.revokeKey, { id: key.id }, { timeoutMs: 5000 })
      const [outcomes] = await Promise.all([Promise.allSettled(ask5), revoked])
      const made = outcomes.filter(({ status }) => status === 'fulfilled')
      t.ok(made.length <= 1, `${made.length} were made`)
      t.equal((await ask(secret)).status, 401)
      const { keys } = (await bus.request(SERVICES.listKeys, { tenant: 'race' }, { timeoutMs: 5000 })) as {
        keys: ApiKey[]
      }
      const holding = keys.filter(
        ({ replaces, revokedAtMs }) => replaces === key.id && revokedAtMs === undefined,
      )
      t.equal(holding.length, made.length, 'what nobody was told of holds not')
      // What an edge would read that starts now.
      const stored = await bus.streams.lastMessage('KEYS', `keys.${key.id}`)
      t.ok(JSON.parse(Buffer.from(stored!.data).toString()).revokedAtMs)
    }
  },
)

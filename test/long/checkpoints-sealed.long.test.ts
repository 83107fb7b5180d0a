import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis as Client } from 'ioredis'
import t from 'tap'
import { addPayloadKey, newPayloadKeys, rewriteKeys, usePayloadKey } from '../../deploy/nats/payload-keys.ts'
import type { Plan } from '../../schemas/plan.ts'
import { STREAMS } from '../../subjects/streams.ts'
import { openBus, openNats } from '../support/bus.ts'
import { withServers } from '../support/servers.ts'
import { endOfTask, factsOf, startService } from '../support/services.ts'
import { until } from '../support/until.ts'

// Checkpoints, purges and an emptied Redis, with keys of the platform and for payloads, which change meanwhile.

t.setTimeout(150_000)
const NOW_MS = Date.UTC(2026, 10, 29)
const TENANT = 'acme'
const SECRET = 'nobody-may-read-this'
const archive = mkdtempSync(join(tmpdir(), 'murmur-archive-'))
t.teardown(() => rmSync(archive, { recursive: true, force: true }))
const keys = join(t.testdir({}), 'payload-keys')
writeFileSync(keys, newPayloadKeys(NOW_MS, { id: 'first' }))
const servers = await withServers(t)
const orchestrator = await startService(t, servers, 'services/orchestrator/main.ts', {
  ...{ MURMUR_PARTITIONS: '1', MURMUR_ARCHIVE: archive, MURMUR_ARCHIVE_SEGMENT_MS: '200' },
  ...{ MURMUR_CHECKPOINT_MS: '100', MURMUR_LOG_MARGIN_MS: '1000', MURMUR_LOG_LEVEL: 'silent' },
  MURMUR_PAYLOAD_KEYS: keys,
})
const bus = await openBus(t, servers.natsUrl)
const { jsm } = await openNats(t, servers.natsUrl)
const redis = new Client(servers.redisUrl)
t.teardown(() => redis.disconnect())

const waiting: Plan = { steps: [{ id: 'go', waitFor: { signal: 'go' } }] }
const submit = async (idempotencyKey: string) => {
  const body = { type: 'plan', idempotencyKey, plan: waiting, input: { text: SECRET } }
  return (await bus.call('submitTask', body, { tenant: TENANT })).taskId
}
const signal = (taskId: string) =>
  bus.call('signalTask', { taskId, name: 'go', id: 'go', payload: SECRET }, { tenant: TENANT })
const get = async (taskId: string) => (await bus.call('getTask', { taskId }, { tenant: TENANT })).task
const endOf = (taskId: string) => endOfTask(bus, taskId, 30_000, TENANT)
let turns = 0
const turnOver = async () => {
  const { lastSeq } = await bus.streams.facts(STREAMS.log.name)
  await until(
    'all of it is purged',
    async () => {
      const taskId = await submit(`turn-${turns++}`)
      await signal(taskId)
      await endOf(taskId)
      return (await bus.streams.facts(STREAMS.log.name)).firstSeq > lastSeq
    },
    40_000,
  )
}
const codeOf = (taskId: string) =>
  get(taskId).then(
    () => 'answered',
    (error: unknown) => (error as { code: string }).code,
  )
const flush = async (ids: readonly string[]) => {
  await redis.flushall()
  const codes = new Set<string>()
  await until('all are there again', async () => {
    const answers = await Promise.all(ids.map(codeOf))
    for (const code of answers) codes.add(code)
    return answers.every((code) => code === 'answered')
  })
  return [...codes].filter((code) => code !== 'answered' && code !== 'UNAVAILABLE')
}
/** What the stream holds of states, as it is stored. */
const stored = async () => {
  const { messages, first_seq, last_seq } = (await jsm.streams.info(STREAMS.checkpoints.name)).state
  const texts: string[] = []
  for (let seq = first_seq; messages > 0 && seq <= last_seq; seq++) {
    const message = await jsm.streams.getMessage(STREAMS.checkpoints.name, { seq }).catch(() => undefined)
    if (message?.subject.startsWith('checkpoints.')) texts.push(message.string())
  }
  return texts
}
const ids: string[] = []

t.test('states are encrypted in checkpoints, and come back from them', async (t) => {
  for (let i = 0; i < 4; i++) ids.push(await submit(`long-${i}`))
  await turnOver()
  const texts = await stored()
  t.ok(texts.length >= ids.length)
  for (const text of texts) {
    t.notOk(text.includes(SECRET))
    t.match(text, /"sealed":"first\./)
  }
  t.strictSame(await flush(ids), [])
  for (const id of ids) t.match(await get(id), { status: 'running', input: { text: SECRET } })
})

t.test('a key that is used from now on: what the one before has encrypted is read', async (t) => {
  const { text, added } = addPayloadKey(readFileSync(keys, 'utf8'), NOW_MS, { id: 'second' })
  rewriteKeys(keys, usePayloadKey(text, added))
  await until(
    'it encrypts',
    async () => {
      ids.push(await submit(`later-${ids.length}`))
      await turnOver()
      return (await stored()).some((one) => one.includes('"sealed":"second.'))
    },
    60_000,
  )
  t.strictSame(await flush(ids), [])
  for (const id of ids) t.match(await get(id), { status: 'running', input: { text: SECRET } })
})

t.test('without a key that a checkpoint needs nothing is decided; with it, it goes on', async (t) => {
  const both = readFileSync(keys, 'utf8')
  rewriteKeys(keys, newPayloadKeys(NOW_MS, { id: 'third' }))
  const readiness = async () => {
    const answer = await fetch(`http://127.0.0.1:${factsOf(orchestrator).httpPort}/readyz`)
    return answer.text()
  }
  // The file is read again within seconds; until then all is made again with the key.
  await until(
    'it says so',
    async () => {
      const said = await readiness()
      if (said.includes('"ok":true,"checks"')) await redis.flushall()
      return said.includes('for want of a key')
    },
    30_000,
  )
  // By what was read last: a state that was made again meanwhile can't be opened, one that was not is not there yet.
  for (const id of ids) t.match(await codeOf(id), /^(UNAVAILABLE|PAYLOAD_KEY_MISSING)$/)
  rewriteKeys(keys, both)
  await until(
    'all are there',
    async () => (await Promise.all(ids.map(codeOf))).every((code) => code === 'answered'),
    20_000,
  )
})

t.test('they end, are archived, and are read when Redis is emptied once more', async (t) => {
  await Promise.all(ids.map(signal))
  for (const id of ids) t.equal((await endOf(id)).status, 'completed')
  await turnOver()
  await turnOver()
  t.strictSame(await flush(ids), [])
  for (const id of ids) t.match(await get(id), { status: 'completed', input: { text: SECRET } })
  t.equal(await redis.exists(`murmur:{p0}:state:${ids[0]}`), 0, 'from the archive')
})

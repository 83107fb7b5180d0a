import { createHash, randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import type { StepMessage } from '#schemas/step-message.ts'
import type { TaskState } from '#schemas/task.ts'
import { SERVICES } from '#subjects/operations.ts'
import { STREAMS } from '#subjects/streams.ts'
import { openBus } from '../support/bus.ts'
import { withServers } from '../support/servers.ts'
import { endOfTask, factsOf, startService } from '../support/services.ts'

const servers = await withServers(t)
/** Everything in the account of the platform: what a hole anywhere could come to at worst. */
const bus = await openBus(t, servers.natsUrl)
const ask = (subject: string, body: object) => bus.request(subject, body, { timeoutMs: 5000 })
const folder = mkdtempSync(join(tmpdir(), 'murmur-sealed-'))
t.teardown(() => rmSync(folder, { recursive: true, force: true }))
const file = join(folder, 'keys')

/** An API key as an edge would store it, written by somebody else. */
async function storeKey(id: string): Promise<string> {
  const secret = randomBytes(32).toString('base64url')
  const hash = createHash('sha256').update(secret).digest('hex')
  const key = { v: 1, id, tenant: 'other', name: 'x', scopes: ['tasks:read'], createdAtMs: 1, hash }
  await bus.publisher.publish(`keys.${id}`, JSON.stringify(key), { msgId: id })
  return `mur_${id}_${secret}`
}

await bus.streams.provision({ partitions: 4, storageBytes: 2 * 1024 ** 3 })
const early = await storeKey('early0000000')
writeFileSync(file, `${new Date(Date.now() + 1).toISOString()} ${randomBytes(32).toString('base64url')}\n`)
const env = { MURMUR_PLATFORM_KEYS: file }
await startService(t, servers, 'services/orchestrator/main.ts', env)
const edge = await startService(t, servers, 'services/edge/main.ts', {
  ...env,
  MURMUR_EDGE_AUTH: 'required',
})

async function statusWith(key: string): Promise<number> {
  const url = `http://127.0.0.1:${factsOf(edge).restPort}/v1/tasks`
  return (await fetch(url, { headers: { authorization: `Bearer ${key}` } })).status
}

t.test('an API key that the platform has not sealed opens nothing', async (t) => {
  const forged = await storeKey('evil00000000')
  const { secret } = (await ask(SERVICES.createKey, {
    tenant: 'acme',
    name: 'ci',
    scopes: ['tasks:read'],
  })) as { secret: string }
  t.equal(await statusWith(secret), 200, 'made by an edge')
  t.equal(await statusWith(forged), 401, 'written into the stream by somebody else')
  t.equal(await statusWith(early), 200, 'from before there were seals')
  const id = secret.split('_')[1]!
  const stored = (await bus.streams.lastMessage(STREAMS.keys.name, `keys.${id}`))!
  await bus.publisher.publish('keys.copied000000', stored.data, { msgId: 'copied' })
  await ask(SERVICES.createKey, { tenant: 'acme', name: 'next', scopes: ['tasks:read'] })
  t.equal(await statusWith(secret.replace(id, 'copied000000')), 401, 'a seal is for one place')
})

t.test('a record without a seal keeps no key from being rotated and revoked', async (t) => {
  const about = { tenant: 'acme', name: 'ci', scopes: ['tasks:read'] }
  const { key, secret } = (await ask(SERVICES.createKey, about)) as { key: { id: string }; secret: string }
  const forged = await storeKey(key.id)
  t.equal(await statusWith(secret), 200, 'what stands behind it is not believed')
  t.equal(await statusWith(forged), 401)
  const rotated = (await ask(SERVICES.rotateKey, { id: key.id })) as { key: { id: string }; secret: string }
  t.equal(await statusWith(rotated.secret), 200, 'the new one is sealed')
  t.equal(await statusWith(secret), 200, 'and the old one, for its grace time')
  await storeKey(rotated.key.id)
  await ask(SERVICES.revokeKey, { id: rotated.key.id })
  t.equal(await statusWith(rotated.secret), 401)
  const stored = (await bus.streams.lastMessage(STREAMS.keys.name, `keys.${rotated.key.id}`))!
  t.match(Buffer.from(stored.data).toString(), /"revokedAtMs":\d+.*"seal":"[\w-]{43}"\}$/)
})

t.test('a result counts when it has the token that was handed out with the attempt', async (t) => {
  await ask(SERVICES.registerAgent, { type: 'writer', instance: 'writer-1' })
  const plan = { steps: [{ id: 'only', agent: 'writer' }] }
  const { taskId } = (await ask(SERVICES.submitTask, { type: 'plan', plan })) as { taskId: string }
  const handedOut = new Promise<StepMessage>((resolve) => {
    const puller = bus.consumers.createPuller(
      { stream: STREAMS.steps.name, consumer: 'writer-p2' },
      ({ data }) => resolve(JSON.parse(Buffer.from(data).toString()) as StepMessage),
    )
    void puller.pull({ batch: 1, expiresMs: 10_000 })
  })
  const step = await handedOut
  t.match(step, { taskId, token: /^[\w-]{43}$/ })
  const answer = (output: string, token: string | undefined) =>
    bus.publisher.publish(
      step.reply,
      JSON.stringify({
        v: 1,
        taskId,
        stepId: 'only',
        attempt: 1,
        instance: 'x',
        startedAtMs: 1,
        finishedAtMs: 2,
        outcome: { kind: 'done', output },
        token,
      }),
      { msgId: `${taskId}:${output}` },
    )
  await answer('without', undefined)
  await answer('of another', 'x'.repeat(43))
  const { task } = (await ask(SERVICES.getTask, { taskId })) as { task: TaskState }
  t.match(task, { status: 'running', steps: { only: { status: 'dispatched', attempt: 1 } } })
  await answer('right', step.token)
  // What comes later in the log is folded later: those before it have changed nothing.
  t.match(await endOfTask(bus, taskId), { status: 'completed', output: { only: 'right' } })
})

t.test('what an orchestrator answers itself counts: child tasks', async (t) => {
  const child = { steps: [{ id: 'rest', sleep: { ms: 1 } }] }
  const plan = { steps: [{ id: 'sub', task: { type: 'plan', plan: child } }] }
  const { taskId } = (await ask(SERVICES.submitTask, { type: 'plan', plan })) as { taskId: string }
  t.match(await endOfTask(bus, taskId), { status: 'completed' })
})

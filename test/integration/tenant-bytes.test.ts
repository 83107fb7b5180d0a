import { Redis as Client } from 'ioredis'
import t from 'tap'
import { z } from 'zod'
import type { BlobRef } from '../../schemas/blob.ts'
import type { JsonObject } from '../../schemas/json.ts'
import type { MurmurError } from '../../services/platform/errors/murmur-error.ts'
import { uploadCounted } from '../../services/platform/nats/counted-upload.ts'
import { defineAgent } from '../../services/sdk/define-agent.ts'
import { done } from '../../services/sdk/outcome.ts'
import { startAgents } from '../support/agent-process.ts'
import { openBus, openNats } from '../support/bus.ts'
import { withServers } from '../support/servers.ts'
import { endOfTask, startService } from '../support/services.ts'
import { until } from '../support/until.ts'

// Acme fills its share of the object store. Others go on, and so do its own accepted tasks.

t.setTimeout(180_000)
const LIMIT = 1_000_000
/** Long beside one request, however busy the machine is. */
const TTL_MS = 4000
const servers = await withServers(t)
const settings = {
  MURMUR_PARTITIONS: '2',
  MURMUR_TENANT_OBJECT_BYTES: String(LIMIT),
  MURMUR_TENANT_OBJECT_BYTES_OF: 'big=5000000,brief=0',
  MURMUR_TENANT_MAX_ACTIVE_OF: 'busy=1',
}
await startService(t, servers, 'services/orchestrator/main.ts', settings)
const bus = await openBus(t, servers.natsUrl)
const { jsm } = await openNats(t, servers.natsUrl)
const { promise: gate, resolve: open } = Promise.withResolvers<void>()
const hold = defineAgent({
  name: 'hold',
  version: '1.0.0',
  input: z.object({ file: z.json(), bytes: z.int().optional(), waits: z.boolean().optional() }),
  output: z.json(),
  async handle({ file, bytes = 0, waits }, { blobs }) {
    if (waits) await gate
    const isRef = typeof file === 'object' && file !== null && 'blob' in file
    const read = isRef ? (await blobs.get(file as unknown as BlobRef)).length : 0
    return done({ read, made: 'x'.repeat(bytes) })
  },
})
await startAgents(t, servers.natsUrl, [hold], { isThroughGateway: true })
const admin = new Client(servers.redisUrl)
t.teardown(() => admin.disconnect())
const store = await bus.objects.open({ waitMs: 5000 })
const bytesOf = async function* (size: number) {
  yield Buffer.alloc(size, 'a')
}
const upload = async (tenant: string, size: number, announced = true) =>
  uploadCounted({ bus, store, tenant }, bytesOf(size), {
    contentType: 'text/plain',
    ...(announced && { size }),
  })
const as = (tenant: string) => ({ tenant, timeoutMs: 10_000 })
const usedBy = async (tenant: string) => (await bus.call('getUsage', {}, as(tenant))).usage.objectBytes
const remove = (tenant: string, key: string) => bus.call('deleteObject', { key }, as(tenant))
const send = (tenant: string, input: object, more: object = {}) => {
  const plan = { steps: [{ id: 'a', agent: 'hold', input }] }
  return bus.call('submitTask', { type: 'plan', plan, ...more } as never, as(tenant))
}
const submit = async (tenant: string, input: object): Promise<string> => (await send(tenant, input)).taskId
const json = (ref: BlobRef) => ref as unknown as JsonObject
const isThere = (key: string) =>
  store.find(key).then(
    () => true,
    () => false,
  )

t.test('a tenant that is full is refused, others are not; deleting makes room', async (t) => {
  const { object, expiresAtMs } = await upload('acme', 600_000)
  t.ok(expiresAtMs > Date.now() + 86_000_000, 'a day')
  t.strictSame(await usedBy('acme'), { used: 600_000, limit: LIMIT })
  const refusal = {
    code: 'QUOTA_EXCEEDED',
    message: /600000 bytes in the object store, 1000000 bytes may be/,
  }
  const { state: before } = await jsm.streams.info('OBJ_MURMUR_BLOBS')
  await t.rejects(upload('acme', 500_000), refusal)
  await t.rejects(upload('acme', 500_000, false), refusal, 'nor when it does not say how large it is')
  const { state } = await jsm.streams.info('OBJ_MURMUR_BLOBS')
  t.equal(state.messages, before.messages, 'nothing of them is kept')
  t.equal((await usedBy('acme')).used, 600_000, 'and nothing set aside')
  await upload('globex', 900_000)
  await upload('big', 4_000_000)
  await upload('brief', 4_000_000)
  t.strictSame(await remove('acme', object.blob), { key: object.blob, deleted: true })
  t.equal((await usedBy('acme')).used, 0)
  t.notOk(await isThere(object.blob))
  t.strictSame(await remove('acme', object.blob), { key: object.blob, deleted: false }, 'again: no harm')
  await upload('acme', 900_000)
})

t.test('a key that has its task has it for an answer, whatever has become of what is named', async (t) => {
  const [first, second] = await Promise.all([upload('keyed', 10), upload('keyed', 20)])
  const idempotencyKey = 'once'
  const input = { file: json(first.object) }
  const { taskId } = await send('keyed', input, { idempotencyKey })
  await endOfTask(bus, taskId, 20_000, 'keyed')
  t.match(await remove('keyed', first.object.blob), { deleted: true })
  t.match(await send('keyed', input, { idempotencyKey }), { taskId, duplicate: true })
  await t.rejects(send('keyed', input, { idempotencyKey: 'another' }), { code: 'BLOB_NOT_FOUND' })
  const singleton = { key: 'one', onConflict: 'return-existing' }
  const gone = { file: json(first.object) }
  const lost = { file: { ...json(first.object), blob: 'tasks/none/a/b' } }
  await t.rejects(send('keyed', gone, { singleton }), { code: 'BLOB_NOT_FOUND' })
  await t.rejects(send('keyed', lost, { singleton }), { code: 'BLOB_NOT_FOUND' })
  const running = await send('keyed', { file: json(second.object), waits: true }, { singleton })
  for (const input of [gone, lost])
    t.match(await send('keyed', input, { singleton }), { taskId: running.taskId, existing: true })
})

t.test('what a submission names that is refused can be deleted at once', async (t) => {
  const [first, second] = await Promise.all([upload('busy', 10), upload('busy', 10)])
  const singleton = { key: 'one' }
  const taskId = (await send('busy', { file: null, waits: true }, { singleton })).taskId
  await t.rejects(send('busy', { file: json(first.object) }), { code: 'QUOTA_EXCEEDED' })
  await t.rejects(send('busy', { file: json(second.object) }, { singleton }), {
    code: 'SINGLETON_CONFLICT',
    taskId,
  })
  for (const { object } of [first, second])
    t.strictSame(await remove('busy', object.blob), { key: object.blob, deleted: true })
})

t.test('objects of others are not there', async (t) => {
  const { object } = await upload('big', 10)
  await t.rejects(remove('acme', object.blob), { code: 'BLOB_NOT_FOUND' })
  await t.rejects(remove('acme', 'tasks/none/a/b'), { code: 'BLOB_NOT_FOUND' })
  await t.rejects(remove('acme', 'elsewhere/x'), { code: 'BLOB_NOT_FOUND' })
  t.ok(await isThere(object.blob))
})

t.test('a hundred at the same time get no more than there is', async (t) => {
  const before = (await usedBy('eager')).used
  t.equal(before, 0)
  const all = await Promise.allSettled(Array.from({ length: 100 }, () => upload('eager', 30_000)))
  const stored = all.filter(({ status }) => status === 'fulfilled').length
  t.equal(stored, Math.floor(LIMIT / 30_000))
  t.equal((await usedBy('eager')).used, stored * 30_000)
  for (const one of all)
    if (one.status === 'rejected') t.match(one.reason, { code: 'QUOTA_EXCEEDED' } as Partial<MurmurError>)
})

t.test('accepted tasks of a full tenant end, new ones are refused', async (t) => {
  const { object } = await upload('acme', 99_000)
  const waiting = await submit('acme', { file: json(object), bytes: 120_000, waits: true })
  await upload('acme', 1_000)
  t.equal((await usedBy('acme')).used, LIMIT)
  await until('new tasks are refused', async () => {
    try {
      await submit('acme', { file: null })
      return false
    } catch (error) {
      t.match(error, { code: 'QUOTA_EXCEEDED', message: /new tasks have to wait/ })
      return true
    }
  })
  await submit('globex', { file: null })
  await t.rejects(remove('acme', object.blob), { code: 'OBJECT_IN_USE', taskId: waiting })
  open()
  const ended = await endOfTask(bus, waiting, 20_000, 'acme')
  t.match(ended, { status: 'completed' }, 'its result has room beyond the limit')
  const { used } = await usedBy('acme')
  t.ok(used > LIMIT + 100_000, `${used}`)
  const made = (ended.steps.a!.output as { $json: BlobRef }).$json
  t.strictSame(await remove('acme', object.blob), { key: object.blob, deleted: true }, 'it has ended')
  t.strictSame(await remove('acme', made.blob), { key: made.blob, deleted: true }, 'what it made as well')
  t.ok((await usedBy('acme')).used < LIMIT)
})

t.test(
  'what is counted is right again after Redis has lost everything, and what tasks need is kept',
  async (t) => {
    const { object } = await upload('calm', 5_000)
    const plan = {
      steps: [
        { id: 'w', waitFor: { signal: 'go' } },
        { id: 'a', agent: 'hold', needs: ['w'], input: { file: json(object) } },
      ],
    }
    const { taskId } = await bus.call('submitTask', { type: 'plan', plan } as never, as('calm'))
    const before = await usedBy('calm')
    const ofAcme = await usedBy('acme')
    await admin.flushall()
    await until('it is counted', async () => {
      try {
        await upload('other', 1)
        return true
      } catch {
        return false
      }
    })
    t.strictSame(await usedBy('calm'), before)
    t.strictSame(await usedBy('acme'), ofAcme)
    await until('who needs what is known', async () => {
      try {
        await remove('calm', object.blob)
        return true
      } catch (error) {
        return (error as MurmurError).code === 'OBJECT_IN_USE'
      }
    })
    t.ok(await isThere(object.blob), 'a task needs it')
    await bus.call('signalTask', { taskId, name: 'go' } as never, as('calm'))
    t.match(await endOfTask(bus, taskId, 20_000, 'calm'), {
      status: 'completed',
      steps: { a: { output: { read: 5000 } } },
    })
  },
)

t.test(
  'uploads expire that no task refers to; who submits at that moment is refused or keeps it',
  async (t) => {
    // Another orchestrator takes over: its uploads live shortly.
    const brief = await withServers(t)
    await startService(t, brief, 'services/orchestrator/main.ts', {
      MURMUR_PARTITIONS: '2',
      MURMUR_UPLOAD_TTL_MS: String(TTL_MS),
    })
    const nats = await openBus(t, brief.natsUrl)
    await startAgents(t, brief.natsUrl, [hold], { isThroughGateway: true })
    const objects = await nats.objects.open({ waitMs: 5000 })
    const put = () =>
      uploadCounted({ bus: nats, store: objects, tenant: 'default' }, bytesOf(1000), {
        contentType: 'text/plain',
      })
    const run = async (ref: BlobRef) => {
      const plan = { steps: [{ id: 'a', agent: 'hold', input: { file: json(ref) } }] }
      return (await nats.call('submitTask', { type: 'plan', plan } as never, { timeoutMs: 10_000 })).taskId
    }
    const kept = await put()
    const task = await run(kept.object)
    const idle = await put()
    const isGone = (key: string) =>
      objects.find(key).then(
        () => false,
        () => true,
      )
    // The first one at once, the last one when it is gone, the others around the moment at which their own is due.
    const RACED = 40
    const outcomes = await Promise.all(
      Array.from({ length: RACED }, async (_, i) => {
        const { object, expiresAtMs } = await put()
        const atMs = expiresAtMs - 400 + i * 100
        if (i === RACED - 1) await until('it is gone', () => isGone(object.blob))
        else if (i > 0) await until('its time', async () => Date.now() > atMs)
        try {
          return { taskId: await run(object) }
        } catch (error) {
          t.match(error, { code: 'BLOB_NOT_FOUND' })
          return undefined
        }
      }),
    )
    const accepted = outcomes.filter((one) => one !== undefined)
    t.ok(outcomes[0], 'who comes at once is in time')
    t.notOk(outcomes.at(-1), 'who comes when it is gone is not')
    t.comment(`${accepted.length} of ${RACED} were in time`)
    for (const { taskId } of accepted)
      t.match(await endOfTask(nats, taskId, 20_000), { status: 'completed' }, 'whoever was in time has it')
    await until('nobody refers to it: it goes', () => isGone(idle.object.blob))
    t.ok(await objects.find(kept.object.blob), 'a task that can be read refers to it')
    t.match(await endOfTask(nats, task, 20_000), { status: 'completed' })
    const { usage } = await nats.call('getUsage', {}, { timeoutMs: 5000 })
    t.equal(usage.objectBytes.used, (accepted.length + 1) * 1000)
  },
)

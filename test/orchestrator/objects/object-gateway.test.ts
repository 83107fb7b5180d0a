import { createHash } from 'node:crypto'
import { jetstream } from '@nats-io/jetstream'
import { Objm } from '@nats-io/obj'
import t from 'tap'
import { systemClock } from '#platform/clock/clock.ts'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import { OBJECT_PIECE_BYTES, type ObjectUser } from '#schemas/step-object.ts'
import { BLOB_BUCKET } from '#subjects/streams.ts'
import { ObjectGateway } from '../../../services/orchestrator/objects/object-gateway.ts'
import { openBus, openNats } from '../../support/bus.ts'
import { withServers } from '../../support/servers.ts'

const servers = await withServers(t)
const bus = await openBus(t, servers.natsUrl)
const blobs = await bus.objects.create({ storageBytes: 1024 ** 3 })
const { nc } = await openNats(t, servers.natsUrl)
let isOut = true
const asked: string[] = []
const gateway = new ObjectGateway({
  bus,
  blobs,
  clock: systemClock,
  access: {
    async of(agent, user) {
      asked.push(agent)
      if (!isOut || 'monitor' in user) throw new MurmurError('PERMISSION_DENIED', 'it is not out')
      return { tenant: 'acme', taskId: user.taskId, folder: `tasks/${user.taskId}/${user.stepId}` }
    },
    mayRead: async (_access, key, owner) => owner === 'acme' || key.startsWith('uploads/'),
  },
})
gateway.start()
t.teardown(() => gateway.quiesce())
const client = bus.objects.forAgent('writer')
const step = (taskId: string) => ({ taskId, stepId: 'only', attempt: 1 })

/** Asks as any client of NATS does. */
async function ask(verb: string, body: object | Uint8Array) {
  const data = body instanceof Uint8Array ? body : JSON.stringify(body)
  const answer = await nc.request(`murmur.objects.${verb}.writer`, data, { timeout: 5000 })
  return answer.json<{ problem?: { code: string }; object?: { blob: string } }>()
}
const piece = (head: object, bytes: Uint8Array | string) =>
  Buffer.concat([Buffer.from(`${JSON.stringify(head)}\n`), Buffer.from(bytes)])
const FOR: ObjectUser = step('t1')
const UPLOAD = 'u'.repeat(16)

t.test('what a step stores it reads again, of any size, in the folder of the step', async (t) => {
  const objects = client.forStep(step('t1'))
  for (const size of [0, 1, OBJECT_PIECE_BYTES, OBJECT_PIECE_BYTES + 1, 3_000_000]) {
    const bytes = Buffer.alloc(size, `{"problem":${size}}`)
    const ref = await objects.put('ignored', bytes, { contentType: 'text/plain', name: 'x.txt' })
    t.match(ref, { blob: /^tasks\/t1\/only\/[\w-]+$/, size, contentType: 'text/plain', name: 'x.txt' })
    t.same(await objects.get(ref), bytes, `${size} bytes`)
    const pieces: Uint8Array[] = []
    for await (const part of objects.stream(ref)) pieces.push(part)
    t.same(Buffer.concat(pieces), bytes)
    t.match(await blobs.find(ref.blob), { metadata: { tenant: 'acme', contentType: 'text/plain' } })
  }
})

t.test('an object is the one that its reference means, and no larger than is asked for', async (t) => {
  const objects = client.forStep(step('t2'))
  const ref = await objects.put('', Buffer.from('hello'), { contentType: 'text/plain' })
  await t.rejects(objects.get({ ...ref, sha256: '0'.repeat(64) }), { code: 'BLOB_CORRUPT' })
  await t.rejects(objects.get(ref, { maxBytes: 4 }), { code: 'LIMIT_EXCEEDED' })
  await t.rejects(objects.get({ ...ref, blob: 'tasks/t2/only/none' }), { code: 'BLOB_NOT_FOUND' })
  const foreign = await blobs.put('tenants/other/uploads', Buffer.from('x'), { contentType: 'text/plain' })
  await t.rejects(objects.get(foreign), { code: 'BLOB_NOT_FOUND' })
})

t.test('objects that other tools have stored in several pieces on one subject are read', async (t) => {
  const store = await new Objm(jetstream(nc)).open(BLOB_BUCKET.name)
  const bytes = Buffer.alloc(300_000, 'abc')
  await store.putBlob({ name: 'uploads/old', options: { max_chunk_size: 100_000 } }, bytes)
  const ref = {
    blob: 'uploads/old',
    size: bytes.length,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    contentType: 'x/y',
  }
  t.same(await client.forStep(step('t1')).get(ref), bytes)
})

t.test('pieces of one upload can be named by its step only', async (t) => {
  const sha256 = createHash('sha256').update('mine').digest('hex')
  t.strictSame(await ask('write', piece({ for: FOR, upload: UPLOAD, piece: 0 }, 'mine')), { ok: true })
  t.strictSame(await ask('write', piece({ for: step('t9'), upload: UPLOAD, piece: 0 }, 'evil')), { ok: true })
  const about = { upload: UPLOAD, size: 4, pieces: 1, contentType: 'text/plain', sha256 }
  const { object } = await ask('finish', { for: FOR, ...about })
  const ref = { ...about, blob: object!.blob }
  t.equal(Buffer.from(await client.forStep(step('t1')).get(ref)).toString(), 'mine')
})

t.test('what is no piece is refused', async (t) => {
  const head = { for: FOR, upload: UPLOAD, piece: 0 }
  for (const [data, code] of [
    [Buffer.from('x'), 'INVALID_REQUEST'],
    [Buffer.from('\nx'), 'INVALID_REQUEST'],
    [Buffer.from('{}\nx'), 'INVALID_REQUEST'],
    [Buffer.from('{"a\nx'), 'MALFORMED_JSON'],
    [piece({ ...head, upload: 'a.b.*.>'.repeat(3) }, 'x'), 'INVALID_REQUEST'],
    [piece({ ...head, piece: -1 }, 'x'), 'INVALID_REQUEST'],
    [piece({ ...head, piece: 1e9 }, 'x'), 'INVALID_REQUEST'],
    [piece({ ...head, more: 1 }, 'x'), 'INVALID_REQUEST'],
    [piece(head, ''), 'INVALID_REQUEST'],
    [piece(head, Buffer.alloc(OBJECT_PIECE_BYTES + 1)), 'PAYLOAD_TOO_LARGE'],
    [piece({ ...head, for: { ...FOR, taskId: 't*' } }, 'x'), 'INVALID_REQUEST'],
    [piece({ ...head, for: { monitor: 't1' } }, 'x'), 'PERMISSION_DENIED'],
  ] as const)
    t.equal((await ask('write', data)).problem?.code, code, data.subarray(0, 60).toString())
  const finish = { for: FOR, upload: UPLOAD, size: 1, pieces: 1, contentType: 'a/b', sha256: '0'.repeat(64) }
  for (const wrong of [{ size: 0 }, { pieces: 0 }, { size: 200_000 }, { sha256: 'x' }, { contentType: 'x' }])
    t.equal(
      (await ask('finish', { ...finish, ...wrong })).problem?.code,
      'INVALID_REQUEST',
      JSON.stringify(wrong),
    )
  const ref = await client.forStep(step('t1')).put('', Buffer.from('x'), { contentType: 'a/b' })
  t.equal((await ask('read', { for: FOR, key: ref.blob, piece: 1 })).problem?.code, 'INVALID_REQUEST')
})

t.test('the step is looked at, and not for each piece', async (t) => {
  const objects = client.forStep(step('t5'))
  asked.length = 0
  const ref = await objects.put('', Buffer.alloc(2_000_000), { contentType: 'a/b' })
  await objects.get(ref)
  t.strictSame(asked, ['writer'])
  isOut = false
  await t.rejects(client.forStep(step('t6')).get(ref), { code: 'PERMISSION_DENIED' })
  isOut = true
  t.ok(await client.forStep(step('t6')).get(ref), 'what was refused is looked at again')
})

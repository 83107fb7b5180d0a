import { createHash, randomBytes } from 'node:crypto'
import { jetstream } from '@nats-io/jetstream'
import { Objm } from '@nats-io/obj'
import t from 'tap'
import { BUCKET } from '#subjects/jetstream-api.ts'
import { TcpProxy } from '../../chaos/campaign/tcp-proxy.ts'
import { openBus, openNats } from '../../support/bus.ts'
import { withServers } from '../../support/servers.ts'
import { until } from '../../support/until.ts'

const servers = await withServers(t)
const bus = await openBus(t, servers.natsUrl)
const other = await openBus(t, servers.natsUrl)

t.test('an agent waits for the bucket that an orchestrator makes', async (t) => {
  await t.rejects(other.objects.open({ waitMs: 0 }))
  const opening = other.objects.open({ waitMs: 10_000 })
  const blobs = await bus.objects.create({ storageBytes: 1024 ** 3 })
  t.ok(await bus.objects.create({ storageBytes: 1024 ** 3 }), 'making it again is fine')
  const bytes = randomBytes(3_000_000)
  const ref = await blobs.put('tasks/t1/a', bytes, { contentType: 'image/png', name: 'x.png' })
  t.match(ref, { size: 3_000_000, contentType: 'image/png', name: 'x.png', blob: /^tasks\/t1\/a\// })
  t.ok(Buffer.from(await (await opening).get(ref)).equals(bytes))
})

t.test('each object has a key of its own, also an empty one', async (t) => {
  const blobs = await bus.objects.open({ waitMs: 1000 })
  const about = { contentType: 'text/plain' }
  const [one, two] = await Promise.all([
    blobs.put('f', Buffer.from('a'), about),
    blobs.put('f', Buffer.from('a'), about),
  ])
  t.not(one.blob, two.blob)
  t.equal(one.sha256, two.sha256)
  const empty = await blobs.put('f', new Uint8Array(), about)
  t.equal((await blobs.get(empty)).length, 0)
})

t.test('a reference comes from outside: what it says is checked', async (t) => {
  const blobs = await bus.objects.open({ waitMs: 1000 })
  const ref = await blobs.put('f', Buffer.from('content'), { contentType: 'text/plain' })
  await t.rejects(blobs.get({ ...ref, blob: 'f/nothing' }), { code: 'BLOB_NOT_FOUND' })
  await t.rejects(blobs.get({ ...ref, sha256: '0'.repeat(64) }), { code: 'BLOB_CORRUPT' })
  await t.rejects(blobs.get({ ...ref, size: 1 }, { maxBytes: 3 }), {
    code: 'LIMIT_EXCEEDED',
    message: /7 bytes/,
  })
})

t.test('objects survive a killed server', async (t) => {
  const blobs = await bus.objects.open({ waitMs: 1000 })
  const bytes = randomBytes(500_000)
  const ref = await blobs.put('f', bytes, { contentType: 'text/plain' })
  await servers.killNats()
  await until('it is noticed', () => !bus.connected)
  await servers.restartNats()
  await until('the connection is back', () => bus.connected)
  const again = await bus.objects.open({ waitMs: 10_000 })
  t.ok(Buffer.from(await again.get(ref)).equals(bytes))
})

t.test(
  'the other side goes without a word: a new connection is made, and each piece is kept once',
  async (t) => {
    const url = new URL(servers.natsUrl)
    const proxy = await TcpProxy.open(Number(url.port))
    t.teardown(() => proxy.close())
    url.port = String(proxy.port)
    // Twice an answer is waited for in vain.
    const far = await openBus(t, url.href, { objectTimeoutMs: 1000 })
    const blobs = await far.objects.open({ waitMs: 1000 })
    const { jsm } = await openNats(t, servers.natsUrl)
    const bytes = randomBytes(400_000)
    const kept = async () => (await jsm.streams.info(BUCKET.stream)).state.messages
    const before = await kept()
    proxy.harm('mute')
    proxy.heal()
    const ref = await blobs.put('f', bytes, { contentType: 'text/plain' })
    t.equal(await kept(), before + 5, 'four pieces, and what is known of them')
    proxy.harm('half-open')
    proxy.heal()
    t.ok(Buffer.from(await blobs.get(ref)).equals(bytes))
  },
)

t.test('other tools read what is stored here, and what they store is read', async (t) => {
  const blobs = await bus.objects.open({ waitMs: 1000 })
  const { nc } = await openNats(t, servers.natsUrl)
  const store = await new Objm(jetstream(nc)).open('MURMUR_BLOBS')
  const bytes = randomBytes(400_000)
  const ref = await blobs.put('f', bytes, { contentType: 'image/png' })
  t.ok(bytes.equals((await store.getBlob(ref.blob))!), 'theirs reads ours')
  for (const size of [0, 10, 128 * 1024, 400_000]) {
    const put = bytes.subarray(0, size)
    await store.putBlob({ name: `theirs-${size}`, metadata: { contentType: 'text/csv' } }, put)
    const reading = await blobs.read(`theirs-${size}`)
    t.match(reading, { size, contentType: 'text/csv' })
    const sha256 = createHash('sha256').update(put).digest('hex')
    t.equal(reading.sha256, sha256)
    t.ok(
      put.equals(await blobs.get({ blob: `theirs-${size}`, size, sha256, contentType: 'text/csv' })),
      `${size}`,
    )
  }
  await store.delete('theirs-10')
  await t.rejects(blobs.read('theirs-10'), { code: 'BLOB_NOT_FOUND' })
})

t.test('what is broken off leaves nothing behind; pieces that are gone or changed are noticed', async (t) => {
  const blobs = await bus.objects.open({ waitMs: 1000 })
  const { jsm } = await openNats(t, servers.natsUrl)
  const stored = async () => (await jsm.streams.info('OBJ_MURMUR_BLOBS')).state.messages
  const before = await stored()
  const broken = async function* () {
    yield randomBytes(300_000)
    throw new Error('the client went away')
  }
  await t.rejects(blobs.putStream('f', broken(), { contentType: 'x/y' }), /the client went away/)
  t.equal(await stored(), before)
  const removed = await blobs.put('f', randomBytes(300_000), { contentType: 'x/y' })
  await blobs.remove(removed)
  await blobs.remove(removed)
  t.equal(await stored(), before, 'what is taken away leaves nothing, either')
  await t.rejects(blobs.get(removed), { code: 'BLOB_NOT_FOUND' })
  const ref = await blobs.put('f', randomBytes(300_000), { contentType: 'x/y' })
  const { last_seq } = (await jsm.streams.info('OBJ_MURMUR_BLOBS')).state
  await jsm.streams.deleteMessage('OBJ_MURMUR_BLOBS', last_seq - 1)
  await t.rejects(blobs.get(ref), { code: 'BLOB_CORRUPT', message: /piece 3 of 3/ })
})

t.test('an object that is larger than may be is refused: at once where its size is said', async (t) => {
  const small = await openBus(t, servers.natsUrl, { maxObjectBytes: 300_000 })
  const blobs = await small.objects.open({ waitMs: 1000 })
  const { jsm } = await openNats(t, servers.natsUrl)
  const stored = async () => (await jsm.streams.info(BUCKET.stream)).state.messages
  const before = await stored()
  const about = { contentType: 'x/y' }
  let isAsked = false
  const bytes = async function* (total: number) {
    isAsked = true
    for (let sent = 0; sent < total; sent += 100_000) yield randomBytes(Math.min(100_000, total - sent))
  }
  await t.rejects(blobs.putStream('f', bytes(300_001), { ...about, size: 300_001 }), {
    code: 'PAYLOAD_TOO_LARGE',
    message: /300001 bytes, at most 300000/,
  })
  t.notOk(isAsked)
  await t.rejects(blobs.putStream('f', bytes(300_001), about), { code: 'PAYLOAD_TOO_LARGE' })
  for (const size of [299_999, 200_000])
    await t.rejects(blobs.putStream('f', bytes(size), { ...about, size: 250_000 }), {
      code: 'INVALID_REQUEST',
      message: /where 250000 were announced/,
    })
  t.equal(await stored(), before, 'nothing is left of any')
  t.equal((await blobs.putStream('f', bytes(300_000), { ...about, size: 300_000 })).size, 300_000)
})

import t from 'tap'
import { BUCKET } from '#subjects/jetstream-api.ts'
import { BLOB_BUCKET } from '#subjects/streams.ts'
import { openBus, openNats } from '../../support/bus.ts'
import { withServers } from '../../support/servers.ts'

const MIB = 1024 * 1024
const servers = await withServers(t)
const bus = await openBus(t, servers.natsUrl)
const { jsm } = await openNats(t, servers.natsUrl)
/** All storage of which a bucket of so many bytes is a share. */
const storageFor = (bucketBytes: number) => Math.ceil(bucketBytes / BLOB_BUCKET.storageShare)
const about = { contentType: 'text/csv' }

/** Bytes, and whether anybody asked for them. */
function source(size: number) {
  const asked = { isAsked: false }
  const piece = Buffer.alloc(MIB, 'x')
  const bytes = async function* () {
    asked.isAsked = true
    for (let sent = 0; sent < size; sent += piece.length) yield piece.subarray(0, size - sent)
  }
  return { asked, bytes: bytes() }
}

t.test('the bucket gets the size that is asked, at each start', async (t) => {
  const maxBytes = async () => (await jsm.streams.info(BUCKET.stream)).config.max_bytes
  await bus.objects.create({ storageBytes: storageFor(40 * MIB) })
  const first = await maxBytes()
  t.ok(Math.abs(first - 40 * MIB) < 2, String(first))
  const blobs = await bus.objects.create({ storageBytes: storageFor(64 * MIB) })
  t.ok((await maxBytes()) > 63 * MIB, 'more')
  const { bytes } = source(20 * MIB)
  const ref = await blobs.putStream('f', bytes, { ...about, size: 20 * MIB })
  await bus.objects.create({ storageBytes: storageFor(10 * MIB) })
  t.ok((await maxBytes()) >= 20 * MIB, 'never less than what is in it')
  t.equal((await blobs.get(ref)).length, 20 * MIB)
  await blobs.remove(ref)
  await bus.objects.create({ storageBytes: storageFor(40 * MIB) })
  t.equal(await maxBytes(), first)
})

t.test('what has no room is refused before any of it is sent, and it is said what would help', async (t) => {
  const blobs = await bus.objects.open({ waitMs: 1000 })
  const never = source(38 * MIB)
  await t.rejects(blobs.putStream('f', never.bytes, { ...about, size: 38 * MIB }), {
    code: 'PAYLOAD_TOO_LARGE',
    message:
      /has 38 MiB, the object store of \d+ MiB takes 3\d MiB at most: set MURMUR_STORAGE_GIB .* to 1 or more \(it is 0\.11\)/,
  })
  t.notOk(never.asked.isAsked)
  const first = source(30 * MIB)
  const ref = await blobs.putStream('f', first.bytes, { ...about, size: 30 * MIB })
  const second = source(8 * MIB)
  await t.rejects(blobs.putStream('f', second.bytes, { ...about, size: 8 * MIB }), {
    code: 'OVERLOADED',
    message: /the object store has room for 5 MiB: uploads go when they expire, .*MURMUR_STORAGE_GIB/,
    retryAfterMs: Number,
  })
  t.notOk(second.asked.isAsked)
  await blobs.remove(ref)
  const third = source(30 * MIB)
  const again = await blobs.putStream('f', third.bytes, { ...about, size: 30 * MIB })
  t.equal(again.size, 30 * MIB, 'there is room again')
  await blobs.remove(again)
})

t.test('a store that turns out to be full leaves nothing of it', async (t) => {
  const blobs = await bus.objects.open({ waitMs: 1000 })
  const before = (await jsm.streams.info(BUCKET.stream)).state.messages
  // Its size is not known, so nobody can tell beforehand.
  await t.rejects(blobs.putStream('f', source(48 * MIB).bytes, about), { code: 'OVERLOADED' })
  t.equal((await jsm.streams.info(BUCKET.stream)).state.messages, before)
})

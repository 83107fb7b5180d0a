import t from 'tap'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import { uploadCounted } from '#platform/nats/counted-upload.ts'
import { openBus } from '../../support/bus.ts'
import { withServers } from '../../support/servers.ts'

const servers = await withServers(t)
const bus = await openBus(t, servers.natsUrl)
const store = await bus.objects.create({ storageBytes: 1024 ** 3 })
const MIB = 1024 * 1024
const said: [string, number?][] = []
let isKept = true
let most = Number.POSITIVE_INFINITY
bus.serve('reserveUpload', ({ bytes }) => {
  if (bytes > most) throw new MurmurError('QUOTA_EXCEEDED', 'full')
  said.push(['reserve', bytes])
  return { ok: true as const }
})
bus.serve('keepUpload', ({ size }) => {
  if (!isKept) throw new MurmurError('UNAVAILABLE', 'counted anew')
  said.push(['keep', size])
  return { expiresAtMs: 5 }
})
bus.serve('releaseUpload', () => {
  said.push(['release'])
  return { ok: true as const }
})
await bus.flush()
const piecesOf = async function* (count: number, size = MIB) {
  for (let i = 0; i < count; i++) yield Buffer.alloc(size, 'a')
}
const upload = (bytes: AsyncIterable<Uint8Array>, size?: number) => {
  said.length = 0
  return uploadCounted({ bus, store, tenant: 'acme' }, bytes, {
    contentType: 'text/plain',
    ...(size !== undefined && { size }),
  })
}
const messages = async () => (await bus.streams.fill('OBJ_MURMUR_BLOBS')).messages

t.test('room comes before bytes: all of it at once, or as much again as has come', async (t) => {
  const { object, expiresAtMs } = await upload(piecesOf(3), 3 * MIB)
  t.match(object.blob, /^tenants\/acme\/uploads\//)
  t.equal(expiresAtMs, 5)
  t.strictSame(said, [
    ['reserve', 3 * MIB],
    ['keep', 3 * MIB],
  ])
  await upload(piecesOf(5))
  t.strictSame(said, [
    ['reserve', 0],
    ['reserve', 2 * MIB],
    ['reserve', 6 * MIB],
    ['keep', 5 * MIB],
  ])
  most = 5 * MIB
  await upload(piecesOf(5))
  t.strictSame(said.slice(2), [
    ['reserve', 3 * MIB],
    ['reserve', 4 * MIB],
    ['reserve', 5 * MIB],
    ['keep', 5 * MIB],
  ])
})

t.test('what fails leaves nothing behind, and gives its room back', async (t) => {
  const before = await messages()
  await t.rejects(upload(piecesOf(6)), { code: 'QUOTA_EXCEEDED' })
  t.strictSame(said.at(-1), ['release'])
  await t.rejects(upload(piecesOf(1), 2 * MIB), { code: 'INVALID_REQUEST' })
  t.strictSame(said.at(-1), ['release'])
  isKept = false
  await t.rejects(upload(piecesOf(1)), { code: 'UNAVAILABLE', message: /counted anew/ })
  t.strictSame(said.at(-1), ['release'])
  t.equal(await messages(), before)
})

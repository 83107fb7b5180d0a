import { randomUUID } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import t from 'tap'
import { uploadCounted } from '#platform/nats/counted-upload.ts'
import { uploadFolder } from '#subjects/streams.ts'
import { newPayloadKeys } from '../../deploy/nats/payload-keys.ts'
import { startMurmur } from '../cli/run-murmur.ts'
import { openBus, openNats } from '../support/bus.ts'
import { placesOf } from '../support/kept-payloads.ts'
import { withServers } from '../support/servers.ts'
import { startService, stopChild } from '../support/services.ts'

// Who stores objects without an edge in between: the command line on NATS, and whatever else has an operator's user.

const MARKER = 'zQmarkerOfAnUpload7Kx'
const TENANT = 'default'
const servers = await withServers(t)
const bus = await openBus(t, servers.natsUrl)
const { jsm } = await openNats(t, servers.natsUrl)
const redis = new Redis(servers.redisUrl)
t.teardown(() => redis.disconnect())
const folder = t.testdir({
  'notes.txt': `notes: ${MARKER}`,
  keys: newPayloadKeys(0),
  others: newPayloadKeys(0),
})
const keys = join(folder, 'keys')
let orchestrator = await startService(t, servers, 'services/orchestrator/main.ts', {
  MURMUR_PAYLOAD_KEYS: keys,
  MURMUR_PARTITIONS: '1',
})
const { MURMUR_PAYLOAD_KEYS: _keys, MURMUR_EDGE_URL: _edge, ...env } = process.env
const murmur = async (args: string[], more: Record<string, string> = {}) => {
  const running = startMurmur(args, {
    cwd: folder,
    env: { ...env, MURMUR_NATS_URL: servers.natsUrl, ...more },
  })
  return { code: await running.ended, ...running }
}
const stored = () => placesOf(MARKER, { jsm, redis })
const objects = async () => (await bus.streams.fill('OBJ_MURMUR_BLOBS')).messages

t.test('with keys an upload over NATS is stored encrypted, and comes back', async (t) => {
  const sent = await murmur(['upload', 'notes.txt', '--json'], { MURMUR_PAYLOAD_KEYS: keys })
  t.equal(sent.code, 0, sent.err())
  t.strictSame(await stored(), [])
  const blob = /"blob":"([^"]+)"/.exec(sent.out())?.[1] ?? ''
  const file = join(folder, 'back.txt')
  const got = await murmur(['download', blob, '--out', file], { MURMUR_PAYLOAD_KEYS: keys })
  t.equal(got.code, 0, got.err())
  t.match(await murmur(['download', blob, '--out', `${file}.2`]), { code: 1 }, 'and not without')
})

t.test('without keys, or with others than the platform has, nothing is stored', async (t) => {
  const before = await objects()
  const { code, err } = await murmur(['upload', 'notes.txt'])
  t.not(code, 0)
  t.match(err(), /payloads are encrypted here.*MURMUR_PAYLOAD_KEYS.*MURMUR_EDGE_URL/s)
  const other = join(folder, 'other-keys')
  writeFileSync(other, newPayloadKeys(0, { id: 'other' }))
  const wrong = await murmur(['upload', 'notes.txt'], { MURMUR_PAYLOAD_KEYS: other })
  t.match(wrong.err(), /key "other" for payloads/)
  t.equal(await objects(), before, 'no message is left in the store')
})

t.test('who says that it is encrypted and stores it as it is gets it taken away', async (t) => {
  const store = await bus.objects.open({ waitMs: 5000 })
  t.equal(store.seals, false)
  const before = await objects()
  const lying = {
    putStream: store.putStream.bind(store),
    remove: async () => undefined,
    seals: true,
  }
  const bytes = (async function* () {
    yield Buffer.from(MARKER)
  })()
  await t.rejects(
    uploadCounted({ bus, store: lying, tenant: TENANT }, bytes, {
      contentType: 'text/plain',
      tenant: TENANT,
    }),
    { code: 'PAYLOAD_KEY_MISSING', message: /would not be/ },
  )
  t.equal(await objects(), before)
  const upload = randomUUID()
  const request = { tenant: TENANT, upload, bytes: 1 }
  await t.rejects(bus.call('reserveUpload', request), { code: 'PAYLOAD_KEY_MISSING' })
  t.match(uploadFolder(TENANT), 'uploads')
})

t.test('where the platform has no keys, what is encrypted is refused: nobody could read it', async (t) => {
  await stopChild(orchestrator)
  orchestrator = await startService(t, servers, 'services/orchestrator/main.ts', { MURMUR_PARTITIONS: '1' })
  const { code, err } = await murmur(['upload', 'notes.txt'], { MURMUR_PAYLOAD_KEYS: keys })
  t.not(code, 0)
  t.match(err(), /orchestrators have no keys of payloads/)
  t.match(await murmur(['upload', 'notes.txt']), { code: 0 })
})

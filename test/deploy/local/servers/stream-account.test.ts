import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { startServers } from '../../../../deploy/local/servers/start-servers.ts'
import { adoptStreams } from '../../../../deploy/local/servers/stream-account.ts'
import { stackUsers } from '../../../../deploy/local/stack/stack-users.ts'
import { openBus } from '../../../support/bus.ts'

t.test('streams of a server without accounts are those of the platform from the next start on', async (t) => {
  const dataDir = mkdtempSync(join(tmpdir(), 'murmur-adopted-'))
  t.teardown(() => rmSync(dataDir, { recursive: true, force: true }))
  const before = await startServers({ dataDir })
  const first = await openBus(t, before.natsUrl)
  await first.streams.provision({ partitions: 4, storageBytes: 1024 ** 3 })
  await first.publisher.publish('keys.precious0000', '{}', { msgId: 'precious' })
  await first.close()
  await before.stop()
  const after = await startServers({ dataDir, users: stackUsers('everything') })
  t.teardown(() => after.stop())
  const bus = await openBus(t, after.natsUrl)
  t.equal(await bus.streams.lastSeq('KEYS', 'keys.precious0000'), 1)
})

t.test('what the platform has already is left alone', async (t) => {
  const storeDir = mkdtempSync(join(tmpdir(), 'murmur-kept-'))
  t.teardown(() => rmSync(storeDir, { recursive: true, force: true }))
  adoptStreams(storeDir)
  for (const account of ['$G', 'MURMUR']) {
    mkdirSync(join(storeDir, 'jetstream', account), { recursive: true })
    writeFileSync(join(storeDir, 'jetstream', account, 'mark'), account)
  }
  adoptStreams(storeDir)
  t.equal(readFileSync(join(storeDir, 'jetstream/MURMUR/mark'), 'utf8'), 'MURMUR')
  t.ok(existsSync(join(storeDir, 'jetstream/$G/mark')))
})

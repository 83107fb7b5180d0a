import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { identifyProcess } from '../../../../deploy/local/servers/process-identity.ts'
import { ServerKeeper, type ServerWatcher } from '../../../../deploy/local/servers/server-keeper.ts'

import { SetupError } from '../../../../deploy/local/setup-error.ts'
import { openNats } from '../../../support/bus.ts'
import { withServers } from '../../../support/servers.ts'
import { until } from '../../../support/until.ts'

t.setTimeout(120_000)

function watching(): { watcher: ServerWatcher; told: string[] } {
  const told: string[] = []
  const watcher: ServerWatcher = {
    onDied: (server, why, restartMs) => told.push(`${server} died, ${restartMs} ms: ${why}`),
    onBack: (server) => told.push(`${server} is back`),
    onGivenUp: (server, why) => told.push(`${server} is given up: ${why}`),
  }
  return { watcher, told }
}

t.test('a server that is killed comes back by itself, on its ports and with its data', async (t) => {
  const { watcher, told } = watching()
  const servers = await withServers(t, { keepAlive: watcher, redis: { appendFsync: 'always' } })
  const { jsm } = await openNats(t, servers.natsUrl)
  await jsm.streams.add({ name: 'KEPT', subjects: ['kept'] })
  // What is acknowledged is kept; a flush says that it has arrived, no more.
  await jsm.jetstream().publish('kept', 'x')
  const before = [servers.natsPid!, servers.redisPid!]
  for (const pid of before) process.kill(pid, 'SIGKILL')
  await until('both are back', () => told.filter((line) => line.endsWith('is back')).length === 2)
  t.match(told.join('\n'), /nats-server died, 200 ms: ended unasked[\s\S]*redis-server/)
  t.not(servers.natsPid, before[0])
  const kept = () =>
    jsm.streams.info('KEPT').then(
      ({ state }) => state.messages,
      () => undefined,
    )
  await until('the client is back, too', async () => (await kept()) !== undefined)
  t.equal(await kept(), 1)
  // One that dies soon after is given more time.
  process.kill(servers.redisPid!, 'SIGKILL')
  await until('it is back', () => told.filter((line) => line === 'redis-server is back').length === 2)
  t.ok(told.some((line) => line.startsWith('redis-server died, 400 ms')))
  await servers.killRedis()
  await servers.restartRedis()
  t.notOk(
    told.some((line) => line.startsWith('redis-server died, 800 ms')),
    'who asks for its end knows of it',
  )
  const { natsPid, redisPid } = servers
  await servers.stop()
  for (const pid of [natsPid!, redisPid!]) t.equal(identifyProcess(pid), undefined)
})

t.test('a keeper tries for a while, later and later, and then says that it does not', async (t) => {
  const { watcher, told } = watching()
  let tries = 0
  const keeper = new ServerKeeper({
    name: 'server',
    watcher,
    async restart() {
      if (++tries < 3) throw new SetupError('SERVER_FAILED_TO_START', `try ${tries}`, 'fix')
    },
  })
  keeper.revive('ended')
  keeper.revive('ended, told twice')
  await until('it is back', () => told.includes('server is back'))
  t.strictSame(
    told.map((line) => line.split('\n')[0]),
    [
      'server died, 200 ms: ended',
      'server died, 400 ms: try 1',
      'server died, 800 ms: try 2',
      'server is back',
    ],
  )

  const lossy = watching()
  const refused = new SetupError('DATA_NOT_LOADED', 'a part would be missing', 'fix')
  const other = new ServerKeeper({
    name: 'server',
    watcher: lossy.watcher,
    restart: () => Promise.reject(refused),
  })
  other.revive('ended')
  await until('it is given up', () => lossy.told.some((line) => line.includes('given up: a part would be')))
  t.equal(lossy.told.length, 2, 'after one try')

  const stopped = watching()
  const last = new ServerKeeper({
    name: 'server',
    watcher: stopped.watcher,
    restart: async () => void t.fail('no'),
  })
  last.revive('ended')
  await last.stop()
  last.revive('again')
  t.equal(stopped.told.length, 1)
})

t.test('a JetStream that stopped storing on a full disk is started again when there is room', async (t) => {
  const disk = smallDisk(t)
  if (disk === undefined) {
    t.pass('not tried: a small disk can only be made by root')
    return
  }
  const filler = join(disk, 'filler')
  writeFileSync(filler, Buffer.alloc(12_000_000))
  const { watcher, told } = watching()
  const logDir = mkdtempSync(join(tmpdir(), 'murmur-logs-'))
  t.teardown(() => rmSync(logDir, { recursive: true, force: true }))
  const servers = await withServers(t, {
    dataDir: join(disk, 'data'),
    logDir,
    keepAlive: watcher,
    roomBytes: 6_000_000,
  })
  const { nc, jsm } = await openNats(t, servers.natsUrl)
  await jsm.streams.add({ name: 'FULL', subjects: ['full'], max_bytes: 1e9 })
  const publish = async () => {
    const reply = await nc.request('full', new Uint8Array(500_000), { timeout: 500 })
    return (JSON.parse(reply.string()) as { seq?: number }).seq
  }
  const fits = () =>
    publish().then(
      (seq) => seq !== undefined,
      () => false,
    )
  while (await fits());
  t.notOk(await fits())
  t.strictSame(told, [], 'without room a restart does not help')
  rmSync(filler)
  await until('it is started again', () => told.includes('nats-server is back'), 20_000)
  t.match(told[0], /nats-server died, 200 ms: has stopped storing: .*no space left/)
  await until('it stores again', fits, 20_000)
})

/** A file system of 24 MB, where this user may mount one. */
function smallDisk(t: Pick<Test, 'teardown'>): string | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'murmur-disk-'))
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=24m', 'tmpfs', folder], { stdio: 'ignore' })
  } catch {
    rmSync(folder, { recursive: true, force: true })
    return undefined
  }
  t.teardown(() => {
    execFileSync('umount', ['-l', folder])
    rmSync(folder, { recursive: true, force: true })
  })
  return folder
}

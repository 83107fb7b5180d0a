import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createConnection } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { readServersRecord } from '../../../../deploy/local/servers/data-folder.ts'
import { identifyProcess } from '../../../../deploy/local/servers/process-identity.ts'
import { startServers } from '../../../../deploy/local/servers/start-servers.ts'
import { withServers } from '../../../support/servers.ts'

/** One Redis command over a plain socket; the first line of the answer. */
async function redis(url: string, command: string): Promise<string> {
  const socket = createConnection({ host: '127.0.0.1', port: Number(new URL(url).port) })
  socket.write(`${command}\r\n`)
  const [answer] = (await once(socket, 'data')) as [Buffer]
  socket.destroy()
  return answer.toString().trim().split('\r\n').at(-1)!
}

async function until(condition: () => boolean, timeoutMs = 10_000): Promise<boolean> {
  const startedAtMs = performance.now()
  while (!condition() && performance.now() - startedAtMs < timeoutMs) await sleep(20)
  return condition()
}

t.test('a pair is ready when startServers returns, and gone after stop', async (t) => {
  const servers = await withServers(t, { nats: { syncInterval: 'always' } })
  t.match(servers.versions.nats, /^\d+\.\d+/)
  t.ok(Number.parseInt(servers.versions.redis, 10) >= 7)
  const monitor = (await (await fetch(`${servers.monitorUrl}/jsz`)).json()) as { config?: object }
  t.match(monitor.config, { max_memory: Number, sync_always: true })
  t.equal(await redis(servers.redisUrl, 'CONFIG GET maxmemory-policy'), 'noeviction')
  const { natsPid, redisPid } = servers
  await servers.stop()
  t.equal(identifyProcess(natsPid!), undefined)
  t.equal(identifyProcess(redisPid!), undefined)
  await servers.stop()
})

t.test('a killed server comes back on its port with its data', async (t) => {
  const servers = await withServers(t, { redis: { appendFsync: 'always' } })
  const before = { natsPid: servers.natsPid, redisPid: servers.redisPid }
  await redis(servers.redisUrl, 'SET bird starling')
  await Promise.all([servers.killNats(), servers.killRedis()])
  t.equal(servers.natsPid, undefined)
  t.equal(servers.redisPid, undefined)
  await Promise.all([servers.restartNats(), servers.restartRedis()])
  t.not(servers.natsPid, before.natsPid)
  t.equal(await redis(servers.redisUrl, 'GET bird'), 'starling')
  const monitor = (await (await fetch(`${servers.monitorUrl}/varz`)).json()) as { port: number }
  t.equal(monitor.port, Number(new URL(servers.natsUrl).port))
})

t.test('two pairs run side by side', async (t) => {
  const [one, other] = await Promise.all([withServers(t), withServers(t)])
  t.not(one.natsUrl, other.natsUrl)
  t.not(one.redisUrl, other.redisUrl)
  await redis(one.redisUrl, 'SET only here')
  t.equal(await redis(other.redisUrl, 'EXISTS only'), ':0')
})

t.test('an end that nobody asked for is told, with the log', async (t) => {
  const ended: string[] = []
  const servers = await withServers(t, { onUnexpectedEnd: (name, log) => ended.push(`${name}: ${log}`) })
  process.kill(servers.redisPid!, 'SIGKILL')
  t.ok(await until(() => ended.length > 0))
  t.match(ended[0], /redis-server: [\s\S]*Ready to accept connections/)
})

t.test('a server that dies while it starts fails with its log, and leaves nothing behind', async (t) => {
  const dataDir = t.testdir({ 'broken-nats': '#!/bin/sh\necho "the disk is on fire"\nexit 3\n' })
  const path = join(dataDir, 'broken-nats')
  chmodSync(path, 0o755)
  const start = startServers({
    dataDir,
    nats: { source: { kind: 'binary', path, version: '2.15.0', origin: 'test' } },
  })
  await t.rejects(start, { code: 'SERVER_FAILED_TO_START', message: /the disk is on fire/ })
  t.notOk(existsSync(join(dataDir, 'servers.json')))
})

t.test('a server that is given by URL is used and not touched', async (t) => {
  const servers = await withServers(t, { nats: { source: { kind: 'url', url: 'nats://elsewhere:4222' } } })
  t.equal(servers.natsUrl, 'nats://elsewhere:4222')
  t.equal(servers.natsPid, undefined)
  await t.rejects(servers.killNats(), { code: 'SERVER_NOT_OURS' })
})

t.test('one data folder has one owner', async (t) => {
  const dataDir = t.testdir()
  await withServers(t, { dataDir })
  await t.rejects(startServers({ dataDir }), { code: 'DATA_IN_USE' })
})

t.test('when the starter is killed, its servers end', async (t) => {
  const dataDir = t.testdir()
  const starter = startInOtherProcess(dataDir)
  t.ok(await until(() => readServersRecord(dataDir)?.servers.length === 2))
  const { servers } = readServersRecord(dataDir)!
  starter.kill('SIGKILL')
  t.ok(await until(() => servers.every(({ pid }) => identifyProcess(pid) === undefined)))
  await withServers(t, { dataDir })
})

t.test('a stale record ends only the very processes that it names', async (t) => {
  const bystander = spawn('sleep', ['60'], { stdio: 'ignore' })
  const leftOver = spawn('sleep', ['60'], { stdio: 'ignore' })
  t.teardown(() => bystander.kill())
  await Promise.all([once(bystander, 'spawn'), once(leftOver, 'spawn')])
  await until(() => /sleep/.test(identifyProcess(leftOver.pid!)?.program ?? ''))
  const gone = { pid: process.pid, startedAt: '1', program: '/gone' }
  const dataDir = t.testdir()
  const servers = [{ ...identifyProcess(bystander.pid!)!, startedAt: '1' }, identifyProcess(leftOver.pid!)!]
  writeFileSync(join(dataDir, 'servers.json'), JSON.stringify({ owner: gone, servers }))
  const ended = once(leftOver, 'exit')
  await withServers(t, { dataDir })
  await ended
  t.ok(identifyProcess(bystander.pid!), 'the pid was recorded with another start time')
})

t.test('a torn record names nobody', async (t) => {
  const dataDir = t.testdir({ 'servers.json': '{"owner": {"pid": 1' })
  await withServers(t, { dataDir })
  t.equal(JSON.parse(readFileSync(join(dataDir, 'servers.json'), 'utf8')).owner.pid, process.pid)
})

function startInOtherProcess(dataDir: string) {
  const module = new URL('../../../../deploy/local/servers/start-servers.ts', import.meta.url).href
  const script = `const { startServers } = await import(${JSON.stringify(module)})
    await startServers({ dataDir: ${JSON.stringify(dataDir)} })
    setInterval(() => undefined, 1_000)`
  return spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: 'ignore' })
}

import { statSync } from 'node:fs'
import { join } from 'node:path'
import { connect } from '@nats-io/transport-node'
import { Redis } from 'ioredis'
import t from 'tap'
import { stackUsers } from '../../../../deploy/local/stack/stack-users.ts'
import { withServers } from '../../../support/servers.ts'

const servers = await withServers(t, { users: stackUsers('client') })

function open(user: string): Redis {
  const client = new Redis(servers.redisUrlOf(user), { retryStrategy: () => null, maxRetriesPerRequest: 0 })
  client.on('error', () => undefined)
  t.teardown(() => client.disconnect())
  return client
}

t.test('Redis: each service has its own keys, and nothing of the server', async (t) => {
  const orchestrator = open('orchestrator')
  await orchestrator.set('murmur:{p3}:state:t1', 'x')
  t.equal(await orchestrator.get('murmur:{p3}:state:t1'), 'x')
  t.equal(await orchestrator.eval("return redis.call('GET', KEYS[1])", 1, 'murmur:{p3}:state:t1'), 'x')
  const edge = open('edge')
  await edge.incr('murmur:{limits:acme}:rate')
  const video = open('video')
  await video.hset('murmur:{alerts}:alert:a', 'status', 'open')
  await video.set('camera:{t1}:state', '{}')
  const refused: [string, () => Promise<unknown>][] = [
    ['keys of another', () => edge.get('murmur:{p3}:state:t1')],
    ['keys of another from a script', () => edge.eval("return redis.call('GET', 'murmur:{p3}:state:t1')", 0)],
    ['keys of another as a source', () => video.copy('murmur:{p3}:state:t1', 'camera:{x}:state')],
    ['keys of another for writing', () => video.set('murmur:{p3}:lease', 'mine')],
    ['any other key', () => orchestrator.set('other', 'x')],
    ['flushing', () => orchestrator.flushall()],
    ['flushing a database', () => orchestrator.flushdb()],
    ['flushing from a script', () => orchestrator.eval("return redis.call('FLUSHALL')", 0)],
    ['listing', () => orchestrator.keys('*')],
    ['scanning', () => orchestrator.scan(0)],
    ['settings', () => orchestrator.config('GET', 'dir')],
    ['users', () => orchestrator.call('ACL', 'LIST')],
    ['other connections', () => orchestrator.call('CLIENT', 'KILL', 'TYPE', 'normal')],
    ['ending it', () => orchestrator.call('SHUTDOWN', 'NOSAVE')],
    ['listening to everything', () => orchestrator.call('MONITOR')],
    ['channels', () => orchestrator.subscribe('anything')],
  ]
  for (const [what, call] of refused)
    await t.rejects(call(), /NOPERM|permission|ACL|no access|not allowed|can.t (run|access)/i, what)
  t.equal(await orchestrator.get('murmur:{p3}:state:t1'), 'x', 'it is all there')
})

t.test('nobody comes in without a password but as a client of NATS', async (t) => {
  const { host } = new URL(servers.redisUrl)
  const stranger = new Redis(`redis://${host}`, { retryStrategy: () => null, maxRetriesPerRequest: 0 })
  stranger.on('error', () => undefined)
  t.teardown(() => stranger.disconnect())
  await t.rejects(stranger.get('murmur:agents'))
  // `default` has all rights, for the server itself while it loads; so nobody may be it.
  for (const password of ['', 'x', 'nopass', '""']) {
    const pretender = new Redis(`redis://${host}`, {
      username: 'default',
      password,
      retryStrategy: () => null,
      maxRetriesPerRequest: 0,
    })
    pretender.on('error', () => undefined)
    t.teardown(() => pretender.disconnect())
    await t.rejects(pretender.get('murmur:agents'), password)
  }
  const nc = await connect({ servers: servers.natsUrl, reconnect: false })
  t.teardown(() => nc.close())
  await t.rejects(nc.request('$JS.API.STREAM.NAMES', '', { timeout: 500 }), /Permissions Violation/)
  await t.rejects(nc.request('murmur.keys.create', '{}', { timeout: 500 }), /Permissions Violation/)
  // What the README shows.
  for (const subject of ['alerts.critical.>', 'tasks.events.*.*.failed', 'tasks.rejected.>']) {
    const heard = nc.subscribe(subject)
    await nc.flush()
    t.notOk(heard.isClosed(), subject)
  }
  const refused = nc.subscribe('log.>')
  await t.rejects(
    (async () => {
      for await (const _message of refused);
    })(),
    /Permissions Violation/,
  )
})

t.test('files with passwords are ours alone', async (t) => {
  const dataDir = servers.dataDir
  for (const name of ['nats.conf', 'redis.conf']) t.equal(statSync(join(dataDir, name)).mode & 0o077, 0, name)
})

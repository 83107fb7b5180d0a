import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis as Client } from 'ioredis'
import t from 'tap'
import { resolveNats } from '../../deploy/local/servers/resolve-nats.ts'
import { resolveRedis } from '../../deploy/local/servers/resolve-redis.ts'
import { libraryEnvironment, type ServerSource } from '../../deploy/local/servers/server-source.ts'
import { loadNatsSecurity } from '../../services/platform/config/connections.ts'
import { Bus } from '../../services/platform/nats/bus.ts'
import { createRedis, waitForRedis } from '../../services/platform/redis/redis.ts'
import { freePort, freePorts } from '../support/free-ports.ts'

const folder = mkdtempSync(join(tmpdir(), 'murmur-tls-'))
t.teardown(() => rmSync(folder, { recursive: true, force: true }))
const file = (name: string) => join(folder, name)
const hasOpenssl = makeCertificates()
const skip = hasOpenssl ? false : 'no openssl here to make certificates with'

t.test(
  'NATS over TLS: trusted by its authority, with a certificate and credentials of ours',
  { skip },
  async (t) => {
    const port = await freePort()
    writeFileSync(
      file('nats.conf'),
      `listen: "127.0.0.1:${port}"
jetstream { store_dir: ${JSON.stringify(file('jetstream'))} }
tls { cert_file: ${JSON.stringify(file('server.crt'))}, key_file: ${JSON.stringify(file('server.key'))}
      ca_file: ${JSON.stringify(file('ca.crt'))}, verify: true }
authorization { users = [ { user: "edge", password: "not to be told" } ] }
`,
    )
    const { MURMUR_NATS_URL: _url, ...env } = process.env
    start(t, await resolveNats(() => undefined, env), ['-c', file('nats.conf')])
    writeFileSync(file('credentials'), 'edge\nnot to be told\n', { mode: 0o600 })
    const all = {
      MURMUR_NATS_TLS_CA: file('ca.crt'),
      MURMUR_NATS_TLS_CERT: file('client.crt'),
      MURMUR_NATS_TLS_KEY: file('client.key'),
      MURMUR_NATS_CREDENTIALS: file('credentials'),
    }
    const url = `nats://127.0.0.1:${port}`
    // The server hangs up on who shows no certificate, and the client waits until its time is over.
    const connect = (settings: Record<string, string>) =>
      Bus.connect({
        url,
        name: 'test',
        security: loadNatsSecurity(settings),
        connectTimeoutMs: 2000,
      })
    const bus = await patiently(() => connect(all))
    await bus.objects.create({ storageBytes: 1024 ** 3 })
    const own = new Promise<string | undefined>((resolve) => {
      bus.subscribe('echo.>', (message) => resolve(message.subject))
    })
    bus.publishCore('echo.it', 'x')
    t.equal(await own, 'echo.it')
    await bus.close()
    const { MURMUR_NATS_TLS_CA: _ca, ...trustsNobody } = all
    await t.rejects(connect(trustsNobody), { code: 'UNAVAILABLE' }, 'an authority that nobody knows')
    const { MURMUR_NATS_TLS_CERT: _c, MURMUR_NATS_TLS_KEY: _k, ...showsNothing } = all
    await t.rejects(connect(showsNothing), { code: 'UNAVAILABLE' }, 'the server wants a certificate')
    writeFileSync(file('credentials'), 'edge\nwrong secret\n')
    const refused = await connect(all).catch((error: Error) => error)
    t.match(refused, { code: 'UNAVAILABLE' })
    t.notMatch(String((refused as Error).stack), /wrong secret/)
  },
)

t.test('Redis over TLS', { skip }, async (t) => {
  const port = await freePort()
  const { MURMUR_REDIS_URL: _url, ...env } = process.env
  const tls = [
    '--tls-cert-file',
    file('server.crt'),
    '--tls-key-file',
    file('server.key'),
    '--tls-ca-cert-file',
    file('ca.crt'),
  ]
  const args = [
    '--port',
    '0',
    '--tls-port',
    String(port),
    '--bind',
    '127.0.0.1',
    '--save',
    '',
    '--dir',
    folder,
    ...tls,
  ]
  start(t, await resolveRedis(() => undefined, env), [...args, '--tls-auth-clients', 'no'])
  process.env.MURMUR_REDIS_TLS_CA = file('ca.crt')
  const redis = createRedis(`rediss://127.0.0.1:${port}`)
  const { MURMUR_REDIS_TLS_CA: _ca } = process.env
  delete process.env.MURMUR_REDIS_TLS_CA
  t.teardown(() => redis.close())
  await waitForRedis(redis, 10_000)
  await redis.setFor('murmur:ping', 'x', 1000)
  t.equal(await redis.get('murmur:ping'), 'x')
  const stranger = createRedis(`rediss://127.0.0.1:${port}`)
  t.teardown(() => stranger.close())
  await t.rejects(waitForRedis(stranger, 500), 'an authority that nobody knows')
})

t.test('a cluster of Redis, and sentinels, over TLS', { skip }, async (t) => {
  const [node, bus, data, sentinel] = (await freePorts(4)) as [number, number, number, number]
  const { MURMUR_REDIS_URL: _url, ...env } = process.env
  const source = await resolveRedis(() => undefined, env)
  const tls = (port: number) => `port 0
tls-port ${port}
bind 127.0.0.1
tls-cert-file ${file('server.crt')}
tls-key-file ${file('server.key')}
tls-ca-cert-file ${file('ca.crt')}
tls-auth-clients no
tls-replication yes
dir ${folder}
`
  const configured = (name: string, text: string) => {
    writeFileSync(file(name), text)
    return file(name)
  }
  // A node that has met no other one does not know its address by itself.
  const nodes = `cluster-enabled yes\ncluster-announce-ip 127.0.0.1\ncluster-port ${bus}\ntls-cluster yes\ncluster-config-file ${file('nodes.conf')}\n`
  start(t, source, [configured('node.conf', `${tls(node)}save ""\n${nodes}`)])
  start(t, source, [configured('data.conf', `${tls(data)}save ""\n`)])
  const watch = `sentinel monitor main 127.0.0.1 ${data} 1\n`
  start(t, source, [configured('sentinel.conf', `${tls(sentinel)}${watch}`), '--sentinel'])
  const ca = readFileSync(file('ca.crt'), 'utf8')
  const direct = new Client({ port: node, host: '127.0.0.1', tls: { ca }, maxRetriesPerRequest: null })
  t.teardown(() => direct.disconnect())
  direct.on('error', () => {})
  await direct.call('CLUSTER', 'ADDSLOTSRANGE', 0, 16_383)

  process.env.MURMUR_REDIS_TLS_CA = file('ca.crt')
  const urls = [
    `rediss://127.0.0.1:${node}`,
    `rediss+cluster://127.0.0.1:${node}`,
    `rediss+sentinel://127.0.0.1:${sentinel}/main`,
  ]
  const all = urls.map((url) => createRedis(url))
  delete process.env.MURMUR_REDIS_TLS_CA
  t.teardown(() => Promise.all(all.map((redis) => redis.close())))
  for (const [i, redis] of all.entries()) {
    await waitForRedis(redis, 20_000)
    await patiently(() => redis.setFor('murmur:ping', urls[i]!, 1000))
    t.equal(await redis.get('murmur:ping'), urls[i])
  }
  for (const url of urls.slice(1)) {
    const stranger = createRedis(url)
    t.teardown(() => stranger.close())
    await t.rejects(waitForRedis(stranger, 500), 'an authority that nobody knows')
  }
})

function start(t: { teardown(end: () => unknown): void }, source: ServerSource, args: string[]): void {
  if (source.kind !== 'binary') throw new Error('a server of our own is needed')
  const env = { ...process.env, ...libraryEnvironment(source) }
  const child = spawn(source.path, args, { stdio: 'ignore', env })
  const ended = new Promise((resolve) => child.once('exit', resolve))
  t.teardown(async () => {
    child.kill('SIGTERM')
    await ended
  })
}

async function patiently<T>(attempt: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await attempt()
    } catch (error) {
      if (tries === 50) throw error
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }
}

/** An authority, and certificates that it signed; false where there is no openssl. */
function makeCertificates(): boolean {
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'ignore' })
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2']
  try {
    openssl('req', '-x509', ...key, '-keyout', 'ca.key', '-out', 'ca.crt', '-subj', '/CN=test authority')
    for (const name of ['server', 'client']) {
      openssl(
        'req',
        ...key.slice(0, 5),
        '-keyout',
        `${name}.key`,
        '-out',
        `${name}.csr`,
        '-subj',
        `/CN=${name}`,
      )
      writeFileSync(file('san.cnf'), 'subjectAltName=IP:127.0.0.1,DNS:localhost\n')
      const signed = ['-CA', 'ca.crt', '-CAkey', 'ca.key', '-CAcreateserial', '-extfile', 'san.cnf']
      openssl('x509', '-req', '-in', `${name}.csr`, '-out', `${name}.crt`, '-days', '2', ...signed)
    }
    return true
  } catch {
    return false
  }
}

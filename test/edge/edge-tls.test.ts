import { execFileSync } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { connect } from 'node:tls'
import t from 'tap'
import { systemClock } from '#platform/clock/clock.ts'
import { silentLog } from '#platform/telemetry/logger.ts'
import { type EdgeTls, readEdgeTls, TlsReload } from '../../services/edge/edge-tls.ts'
import { withServers } from '../support/servers.ts'
import { factsOf, startService } from '../support/services.ts'
import { until } from '../support/until.ts'

t.test('a certificate comes with its key, and both can be read', async (t) => {
  const folder = t.testdir()
  const file = (name: string) => {
    writeFileSync(join(folder, name), name)
    return join(folder, name)
  }
  t.equal(readEdgeTls({}), undefined)
  t.throws(() => readEdgeTls({ tlsCert: file('c') }), {
    code: 'CONFIG_INVALID',
    message: /needs MURMUR_EDGE_TLS_KEY/,
  })
  t.throws(() => readEdgeTls({ tlsCert: file('c'), tlsKey: join(folder, 'none') }), {
    code: 'CONFIG_INVALID',
  })
  t.strictSame(readEdgeTls({ tlsCert: file('c'), tlsKey: file('k') }), {
    cert: Buffer.from('c'),
    key: Buffer.from('k'),
  })
  t.strictSame(
    readEdgeTls({ tlsCert: file('c'), tlsKey: file('k'), tlsClientCa: file('a') })?.clientCa,
    Buffer.from('a'),
  )
})

/** Two certificates, each with its key: `a.crt`, `a.key`, `b.crt`, `b.key`. */
function makeCertificates(folder: string): void {
  for (const name of ['a', 'b'])
    execFileSync(
      'openssl',
      [
        ...'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2'.split(' '),
        ...['-subj', `/CN=${name}`, '-keyout', `${name}.key`, '-out', `${name}.crt`],
      ],
      { cwd: folder, stdio: 'pipe' },
    )
}

t.test('a certificate is taken when it can be used, and only then', async (t) => {
  const folder = t.testdir()
  makeCertificates(folder)
  const file = (name: string) => join(folder, name)
  const show = (cert: string, key: string) => {
    copyFileSync(file(key), file('tls.key'))
    copyFileSync(file(cert), file('tls.crt'))
  }
  show('a.crt', 'a.key')
  const files = { tlsCert: file('tls.crt'), tlsKey: file('tls.key') }
  const taken: EdgeTls[] = []
  const said: string[] = []
  const log = { ...silentLog, error: (_about: object, text: string) => void said.push(text) }
  const reload = new TlsReload(readEdgeTls(files)!, {
    files,
    clock: systemClock,
    log: log as typeof silentLog,
    onChange: (tls) => void taken.push(tls),
    pollIntervalMs: 10,
  })
  reload.start()
  t.teardown(() => reload.stop())
  show('b.crt', 'a.key')
  await until('the wrong key is said', () => said.length > 0)
  t.equal(taken.length, 0)
  show('b.crt', 'b.key')
  await until('the new one is taken', () => taken.length > 0)
  t.strictSame(taken[0]?.cert, readFileSync(file('b.crt')))
})

t.test('REST and gRPC show a renewed certificate without a restart', async (t) => {
  const folder = t.testdir()
  makeCertificates(folder)
  const file = (name: string) => join(folder, name)
  copyFileSync(file('a.crt'), file('tls.crt'))
  copyFileSync(file('a.key'), file('tls.key'))
  const servers = await withServers(t)
  await startService(t, servers, 'services/orchestrator/main.ts')
  const edge = await startService(t, servers, 'services/edge/main.ts', {
    MURMUR_EDGE_TLS_CERT: file('tls.crt'),
    MURMUR_EDGE_TLS_KEY: file('tls.key'),
  })
  const shown = (port: number) =>
    new Promise<string | undefined>((resolve, reject) => {
      const socket = connect(
        { port, host: '127.0.0.1', ALPNProtocols: ['h2', 'http/1.1'], rejectUnauthorized: false },
        () => {
          resolve(socket.getPeerX509Certificate()?.fingerprint256)
          socket.destroy()
        },
      )
      socket.on('error', reject)
    })
  const of = (name: string) => new X509Certificate(readFileSync(file(name))).fingerprint256
  const ports = [Number(factsOf(edge).restPort), Number(factsOf(edge).grpcPort)]
  for (const port of ports) t.equal(await shown(port), of('a.crt'))
  copyFileSync(file('b.key'), file('tls.key'))
  copyFileSync(file('b.crt'), file('tls.crt'))
  for (const port of ports)
    await until('the new one is shown', async () => (await shown(port)) === of('b.crt'), 15_000)
})

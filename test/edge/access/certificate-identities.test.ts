import { execFileSync } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { PeerCertificate } from 'node:tls'
import { ChannelCredentials, Metadata, status } from '@grpc/grpc-js'
import t from 'tap'
import type { ApiKey } from '#schemas/api-key.ts'
import { SERVICES } from '#subjects/operations.ts'
import { CertificateIdentities, namesOf } from '../../../services/edge/access/certificate-identities.ts'
import { TaskServiceClient } from '../../../services/edge/grpc/generated/v1/task_service.ts'
import { openBus } from '../../support/bus.ts'
import { withServers } from '../../support/servers.ts'
import { factsOf, startService } from '../../support/services.ts'
import { until } from '../../support/until.ts'

const folder = mkdtempSync(join(tmpdir(), 'murmur-mtls-'))
t.teardown(() => rmSync(folder, { recursive: true, force: true }))
const file = (name: string) => join(folder, name)
const read = (name: string) => readFileSync(file(name))
const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' })
const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']

function makeAuthority(name: string): void {
  openssl(
    'req',
    '-x509',
    ...newKey,
    '-days',
    '2',
    '-subj',
    `/CN=${name}`,
    '-keyout',
    `${name}.key`,
    '-out',
    `${name}.crt`,
  )
}

function makeCertificate(name: string, names: string, { ca = 'ca', subject = `/CN=${name}` } = {}): void {
  openssl('req', ...newKey, '-subj', subject, '-keyout', `${name}.key`, '-out', `${name}.csr`)
  writeFileSync(file(`${name}.ext`), `subjectAltName=${names}`)
  const signed = ['-CA', `${ca}.crt`, '-CAkey', `${ca}.key`, '-CAcreateserial', '-days', '2']
  openssl('x509', '-req', '-in', `${name}.csr`, ...signed, '-extfile', `${name}.ext`, '-out', `${name}.crt`)
}

makeAuthority('ca')
makeAuthority('evil')
makeCertificate('server', 'DNS:localhost,IP:127.0.0.1')
makeCertificate('ci', 'URI:spiffe://example.org/ci')
makeCertificate('reader', 'DNS:reader.acme.example')
makeCertificate('plain', 'DNS:nobody.example')
makeCertificate('both', 'URI:spiffe://example.org/ci,DNS:reader.acme.example')
makeCertificate('two', 'URI:spiffe://example.org/ci,URI:spiffe://example.org/x')
makeCertificate('stranger', 'URI:spiffe://example.org/ci', { ca: 'evil' })
const IDENTITIES = [
  { spiffe: 'spiffe://example.org/ci', tenant: 'acme', scopes: ['tasks:read', 'tasks:write'] },
  { dns: 'reader.acme.example', tenant: 'other', scopes: ['tasks:read'] },
  { cn: 'two', tenant: 'other', scopes: ['objects:read'] },
]
const writeIdentities = (identities: object[], name = 'identities.json') => {
  writeFileSync(file(name), JSON.stringify({ identities }))
  return file(name)
}
writeIdentities(IDENTITIES)

const log = { info() {}, warn() {}, error() {}, debug() {} } as never
const certificate = (name: string) =>
  new X509Certificate(read(`${name}.crt`)).toLegacyObject() as PeerCertificate

t.test('a certificate is whom exactly one of its names stands for', async (t) => {
  const identities = new CertificateIdentities(file('identities.json'), log)
  t.match(identities.find(certificate('ci')), { tenant: 'acme', subject: 'cert:spiffe://example.org/ci' })
  const until = new Date(new X509Certificate(read('ci.crt')).validTo).getTime()
  t.equal(identities.find(certificate('ci'))?.endsAtMs, until, 'and no longer than it holds')
  t.match(identities.find(certificate('reader')), { tenant: 'other', subject: 'cert:reader.acme.example' })
  t.equal(identities.find(certificate('plain')), undefined)
  t.equal(identities.find(certificate('both')), undefined, 'two tenants are none')
  t.match(
    identities.find(certificate('two')),
    { subject: 'cert:two' },
    'two SPIFFE ids are none: its common name counts',
  )
})

t.test('names can not be made of parts of others', async (t) => {
  const subject = { CN: ['a', 'b'] } as never
  t.strictSame(namesOf({ subject, subjectaltname: 'DNS:"a, URI:spiffe://example.org/ci", DNS:b' }), {
    spiffe: [],
    uri: [],
    dns: ['a, URI:spiffe://example.org/ci', 'b'],
    email: [],
    cn: [],
  })
  for (const odd of ['DNS:"a', 'nonsense', 'DNS:a"b, DNS:c', ', DNS:a'])
    t.equal(namesOf({ subject, subjectaltname: odd }), undefined, odd)
})

t.test('the file: faults are told, and a change is taken', async (t) => {
  const [first] = IDENTITIES
  for (const [identities, message] of [
    [[first, first], /stands there twice/],
    [[{ ...first, dns: 'x' }], /exactly one of/],
    [[{ tenant: 'acme', scopes: ['tasks:read'] }], /exactly one of/],
    [[{ ...first, scopes: [] }], /scopes/],
    [[{ ...first, tenant: 'a.b' }], /tenant/],
    [[{ spiffe: 'spiffe://example.org/a?b', tenant: 'acme', scopes: ['tasks:read'] }], /SPIFFE/],
  ] as const)
    t.throws(() => new CertificateIdentities(writeIdentities([...identities] as object[], 'bad.json'), log), {
      code: 'CONFIG_INVALID',
      message,
    })
  t.throws(() => new CertificateIdentities(file('none.json'), log), { code: 'CONFIG_INVALID' })
  const path = writeIdentities(IDENTITIES, 'changing.json')
  const identities = new CertificateIdentities(path, log)
  const touch = (seconds: number) => utimesSync(path, new Date(), new Date(Date.now() + seconds * 1000))
  writeFileSync(path, 'nonsense')
  touch(5)
  identities.refresh()
  t.ok(identities.find(certificate('ci')), 'what can not be read changes nothing')
  writeIdentities([], 'changing.json')
  touch(10)
  identities.refresh()
  t.equal(identities.find(certificate('ci')), undefined)
})

t.test('REST and gRPC: certificates in place of keys', async (t) => {
  const servers = await withServers(t)
  await startService(t, servers, 'services/orchestrator/main.ts')
  const auditFile = file('audit.jsonl')
  const edge = await startService(t, servers, 'services/edge/main.ts', {
    MURMUR_EDGE_AUTH: 'required',
    MURMUR_EDGE_TLS_CERT: file('server.crt'),
    MURMUR_EDGE_TLS_KEY: file('server.key'),
    MURMUR_EDGE_TLS_CLIENT_CA: file('ca.crt'),
    MURMUR_EDGE_TLS_IDENTITIES: file('identities.json'),
    MURMUR_EDGE_AUDIT_FILE: auditFile,
  })
  const { grpcPort, restPort } = factsOf(edge)
  const bus = await openBus(t, servers.natsUrl)
  const request = { tenant: 'acme', name: 'test', scopes: ['objects:read'] }
  const { secret } = (await bus.request(SERVICES.createKey, request, { timeoutMs: 5000 })) as {
    key: ApiKey
    secret: string
  }
  const rest = (name: string, ...more: string[]) => {
    const shown = ['--cert', `${name}.crt`, '--key', `${name}.key`]
    const args = ['-s', '--cacert', 'ca.crt', ...shown, '-o', '/dev/null', '-w', '%{http_code}', ...more]
    try {
      return execFileSync('curl', [...args, `https://127.0.0.1:${restPort}/v1/tasks`], {
        cwd: folder,
        encoding: 'utf8',
        stdio: 'pipe',
      })
    } catch {
      return 'refused'
    }
  }
  const body = JSON.stringify({
    type: 'plan',
    delayMs: 3_600_000,
    plan: { steps: [{ id: 'a', approval: { title: 'Well?' } }] },
  })
  const submit = ['-H', 'content-type: application/json', '-d', body]
  t.equal(rest('ci'), '200')
  t.equal(rest('ci', ...submit), '202')
  t.equal(rest('reader'), '200')
  t.equal(rest('reader', ...submit), '403', 'its scopes hold')
  t.equal(rest('plain'), '401')
  t.equal(rest('both'), '401')
  t.equal(rest('stranger'), 'refused', 'of another authority')
  t.equal(
    rest('ci', '-H', `authorization: Bearer ${secret}`),
    '403',
    'a key says who it is, whatever the certificate',
  )
  t.equal(rest('ci', '-H', 'authorization: Bearer mur_wrong'), '401', 'a wrong one is not made up for')
  const grpc = (name: string, method: 'listTasks' | 'cancelTask' = 'listTasks') => {
    const credentials = ChannelCredentials.createSsl(read('ca.crt'), read(`${name}.key`), read(`${name}.crt`))
    const client = new TaskServiceClient(`127.0.0.1:${grpcPort}`, credentials)
    return new Promise<string>((resolve) => {
      const options = { deadline: Date.now() + 4000 }
      const answer = (error: { code: number } | null) => {
        client.close()
        resolve(error ? status[error.code]! : 'OK')
      }
      if (method === 'listTasks') client.listTasks({ limit: 1 }, new Metadata(), options, answer)
      else client.cancelTask({ taskId: 'tnone' }, new Metadata(), options, answer)
    })
  }
  t.equal(await grpc('ci'), 'OK')
  t.equal(await grpc('ci', 'cancelTask'), 'NOT_FOUND')
  t.equal(await grpc('reader', 'cancelTask'), 'PERMISSION_DENIED')
  t.equal(await grpc('plain'), 'UNAUTHENTICATED')
  const lines = () =>
    readFileSync(auditFile, 'utf8')
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Record<string, unknown>)
  const wanted = [
    {
      subject: 'cert:spiffe://example.org/ci',
      operation: 'submitTask',
      transport: 'rest',
      tenant: 'acme',
      code: 'OK',
      address: '127.0.0.1',
    },
    {
      subject: 'cert:reader.acme.example',
      operation: 'submitTask',
      code: 'PERMISSION_DENIED',
      tenant: 'other',
    },
    {
      subject: 'unknown',
      operation: 'listTasks',
      transport: 'rest',
      code: 'UNAUTHENTICATED',
      address: '127.0.0.1',
    },
    {
      subject: 'cert:spiffe://example.org/ci',
      operation: 'cancelTask',
      transport: 'grpc',
      code: 'TASK_NOT_FOUND',
    },
    {
      subject: 'cert:reader.acme.example',
      operation: 'cancelTask',
      transport: 'grpc',
      code: 'PERMISSION_DENIED',
    },
    {
      subject: 'unknown',
      operation: 'listTasks',
      transport: 'grpc',
      code: 'UNAUTHENTICATED',
      address: /^127\.0\.0\.1/,
    },
  ]
  const isThere = (about: Record<string, unknown>) =>
    lines().some((line) =>
      Object.entries(about).every(([key, value]) =>
        value instanceof RegExp ? value.test(String(line[key])) : line[key] === value,
      ),
    )
  await until('all lines are written', () => wanted.every(isThere))
  t.notMatch(readFileSync(auditFile, 'utf8'), /mur_/, 'no credential in it')
})

import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { parsePayloadKeys } from '#platform/secrets/payload-codec.ts'
import type { Role } from '#subjects/permissions.ts'
import { newSealKeys } from '../local/stack/seal-keys.ts'
import { natsAuthorization } from '../nats/authorization.ts'
import { newPlatformKey } from '../nats/platform-key.ts'
import { REDIS_ROLES, redisUserLines } from '../redis/users.ts'

/**
 * Prints all Secrets of the manifests with new passwords and a new authority for certificates, for `kubectl apply --server-side -f -`:
 *
 *   node deploy/k8s/make-secrets.ts --tenants acme | kubectl apply --server-side -f -
 *
 * Server-side, as an apply of the client would write all of it once more into an annotation, which has room for 256 KiB.
 * The keys of the platform have to stay the same as long as there is data: `--platform-keys FILE` takes them from a file.
 * `--payload-keys FILE` prints a Secret of the keys that payloads are encrypted with, for components/payload-keys: deploy/nats/payload-keys.ts
 * makes the file.
 * Nothing is written to disk but keys that openssl needs, in a private folder that is removed. Applied again, it replaces all
 * credentials: restart NATS, Redis and the services then. With a secret manager of your own make Secrets of these names and keys instead.
 */
const BUILT_IN_AGENTS = [
  ...['ingest', 'analysis', 'synthesis', 'api-caller'],
  ...['capture', 'tracking', 'rules-replay', 'alerting'],
]
const VALID_DAYS = '365'
/** What Kubernetes takes as the data of a Secret. */
const SECRET_BYTES = 1024 ** 2

const { values } = parseArgs({
  options: {
    namespace: { type: 'string', default: 'murmur' },
    agents: { type: 'string', default: BUILT_IN_AGENTS.join(',') },
    tenants: { type: 'string', default: '' },
    'platform-keys': { type: 'string' },
    'payload-keys': { type: 'string' },
    'edge-hosts': { type: 'string', default: 'murmur.example.org,grpc.murmur.example.org' },
  },
})
process.stdout.write(`${JSON.stringify({ apiVersion: 'v1', kind: 'List', items: makeSecrets() }, null, 2)}\n`)

function makeSecrets() {
  const roles: [string, Role][] = [
    ['orchestrator', { kind: 'orchestrator' }],
    ['edge', { kind: 'edge' }],
    ['operator', { kind: 'operator' }],
    ['detector', { kind: 'detector' }],
    ...names(values.agents).map((type): [string, Role] => [`agent-${type}`, { kind: 'agent', type }]),
    ...names(values.tenants).map((tenant): [string, Role] => [
      `client-${tenant}`,
      { kind: 'client', tenant },
    ]),
  ]
  const nats = roles.map(([name, role]) => ({ name, role, password: newPassword() }))
  const redis = REDIS_ROLES.map((role) => ({ name: role, roles: [role], password: newPassword() }))
  const { ca, server, edge } = makeCertificates(names(values['edge-hosts'], /^[A-Za-z0-9.-]{1,253}$/))
  return [
    secret('nats-auth', {
      'authorization.conf': withoutReasons(
        natsAuthorization(
          nats.map(({ name, role, password }) => ({
            name,
            roles: [role],
            password: JSON.stringify(password),
          })),
          { systemPassword: JSON.stringify(newPassword()) },
        ),
      ),
    }),
    secret('platform-keys', { keys: keptKeys() ?? newPlatformKey(Date.now()) }),
    ...payloadKeys(),
    secret('nats-tls', { ...server, 'ca.crt': ca }, 'kubernetes.io/tls'),
    secret('murmur-ca', { 'ca.crt': ca }),
    secret('edge-tls', edge, 'kubernetes.io/tls'),
    ...nats.map(({ name, password }) => secret(`nats-${name}`, { credentials: `${name}\n${password}\n` })),
    secret('seal-keys', { keys: newSealKeys() }),
    secret('link-keys', { keys: newSealKeys() }),
    secret('redis-users', { 'users.acl': `${redisUserLines(redis)}\n` }),
    ...redis.map(({ name, password }) =>
      name === 'probe'
        ? secret('redis-probe', { password, 'exporter.json': exporterPasswords(password) })
        : secret(`redis-${name}`, { url: `redis://${name}:${password}@redis:6379` }),
    ),
  ]
}

/** A configuration of NATS without its comments and indentation, which are two fifths of it. */
function withoutReasons(configuration: string): string {
  return configuration.replace(/^\s+|\s+# .*$/gm, '')
}

/** Records are sealed with them: new ones would make all that is stored worthless. */
function keptKeys(): string | undefined {
  const file = values['platform-keys']
  return file === undefined ? undefined : readFileSync(file, 'utf8')
}

/** Optional: as by default payloads are stored as they are. @throws MurmurError CONFIG_INVALID for a file that services would refuse */
function payloadKeys() {
  const file = values['payload-keys']
  if (file === undefined) return []
  const keys = readFileSync(file, 'utf8')
  parsePayloadKeys(keys, file)
  return [secret('payload-keys', { keys })]
}

function secret(name: string, stringData: Record<string, string>, type = 'Opaque') {
  const bytes = Object.values(stringData).reduce((sum, text) => sum + Buffer.byteLength(text), 0)
  if (bytes > SECRET_BYTES)
    throw new Error(
      `the Secret ${name} would have ${bytes} bytes, Kubernetes takes ${SECRET_BYTES}: name fewer tenants or agents; tenants that come over REST or gRPC need no user of NATS`,
    )
  const metadata = {
    name,
    namespace: values.namespace,
    labels: { 'app.kubernetes.io/part-of': 'murmuration' },
  }
  return { apiVersion: 'v1', kind: 'Secret', metadata, type, stringData }
}

/** As redis_exporter reads passwords: by address, in older versions without the user. */
function exporterPasswords(password: string): string {
  const addresses = ['redis://redis:6379', 'redis://probe@redis:6379']
  return JSON.stringify(Object.fromEntries(addresses.map((address) => [address, password])))
}

/** 192 bits, with letters that neither a URL nor a configuration has to quote. A letter first: NATS reads others as numbers. */
function newPassword(): string {
  return `p${randomBytes(24).toString('hex')}`
}

function makeCertificates(edgeHosts: string[]) {
  const folder = mkdtempSync(join(tmpdir(), 'murmur-certificates-'))
  const at = (name: string) => join(folder, name)
  const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: ['ignore', 'pipe', 'pipe'] })
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']
  const issue = (name: string, hosts: string[]) => {
    const alternative = hosts.map((host) => `DNS:${host}`).join(',')
    writeFileSync(
      at('ext'),
      `subjectAltName=${alternative}\nextendedKeyUsage=serverAuth,clientAuth\nbasicConstraints=CA:FALSE\n`,
    )
    openssl('req', ...newKey, '-subj', `/CN=${name}`, '-keyout', at(`${name}.key`), '-out', at(`${name}.csr`))
    const signed = ['-CA', at('ca.crt'), '-CAkey', at('ca.key'), '-CAcreateserial', '-extfile', at('ext')]
    openssl(
      'x509',
      '-req',
      '-days',
      VALID_DAYS,
      '-in',
      at(`${name}.csr`),
      ...signed,
      '-out',
      at(`${name}.crt`),
    )
    return {
      'tls.crt': readFileSync(at(`${name}.crt`), 'utf8'),
      'tls.key': readFileSync(at(`${name}.key`), 'utf8'),
    }
  }
  try {
    const usage = 'keyUsage=critical,keyCertSign,cRLSign'
    const authority = ['-x509', '-days', '3650', '-subj', '/CN=murmuration', '-addext', usage]
    openssl('req', ...newKey, ...authority, '-keyout', at('ca.key'), '-out', at('ca.crt'))
    const { namespace } = values
    const server = issue('nats', [
      'nats',
      `nats.${namespace}`,
      `nats.${namespace}.svc`,
      `nats.${namespace}.svc.cluster.local`,
      '*.nats-headless',
      `*.nats-headless.${namespace}.svc.cluster.local`,
      'localhost',
    ])
    return { ca: readFileSync(at('ca.crt'), 'utf8'), server, edge: issue('edge', edgeHosts) }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function names(list: string, allowed = /^[A-Za-z0-9_-]{1,64}$/): string[] {
  const found = list.split(',').filter((name) => name !== '')
  const wrong = found.find((name) => !allowed.test(name))
  if (wrong !== undefined) throw new TypeError(`"${wrong}" is no name that can be used here`)
  return found
}

import { execFileSync, spawnSync } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { join } from 'node:path'
import t from 'tap'
import { newPayloadKeys } from '../../../deploy/nats/payload-keys.ts'
import { REDIS_ROLES } from '../../../deploy/redis/users.ts'
import { ROOT } from '../../support/source-files.ts'

const PROGRAM = join(ROOT, 'deploy/k8s/make-secrets.ts')

interface Secret {
  kind: string
  metadata: { name: string; namespace: string }
  stringData: Record<string, string>
}

const skip = spawnSync('openssl', ['version']).status !== 0 && 'needs openssl'

function made(...args: string[]): Map<string, Secret> {
  const { items } = JSON.parse(execFileSync(process.execPath, [PROGRAM, ...args], { encoding: 'utf8' })) as {
    items: Secret[]
  }
  return new Map(items.map((item) => [item.metadata.name, item]))
}

t.test('each process and tenant has a user of its own, and the servers know them', { skip }, async (t) => {
  const secrets = made('--tenants', 'acme', '--agents', 'ingest,own-agent', '--namespace', 'elsewhere')
  const passwords = new Set<string>()
  const authorization = secrets.get('nats-auth')?.stringData['authorization.conf'] ?? ''
  const nats = [...secrets].filter(([, { stringData }]) => stringData.credentials !== undefined)
  t.strictSame(nats.map(([name]) => name).sort(), [
    'nats-agent-ingest',
    'nats-agent-own-agent',
    'nats-client-acme',
    'nats-detector',
    'nats-edge',
    'nats-operator',
    'nats-orchestrator',
  ])
  for (const [name, { stringData, metadata }] of nats) {
    const [user, password = ''] = stringData.credentials!.split('\n')
    t.equal(name, `nats-${user}`)
    t.equal(metadata.namespace, 'elsewhere')
    t.ok(authorization.includes(`user: "${user}", password: "${password}"`), `the server knows ${user}`)
    passwords.add(password)
  }
  const acl = secrets.get('redis-users')?.stringData['users.acl'] ?? ''
  for (const role of REDIS_ROLES) {
    const { password, url } = secrets.get(`redis-${role}`)?.stringData ?? {}
    const own = password ?? new URL(url!).password
    t.ok(acl.includes(`user ${role} on >${own} `), `Redis knows ${role}`)
    passwords.add(own)
  }
  t.equal(passwords.size, nats.length + REDIS_ROLES.length, 'no password twice')
  for (const password of passwords) t.match(password, /^p[0-9a-f]{48}$/)
})

t.test(
  'certificates are signed by the authority that is handed out, for the names that are asked for',
  { skip },
  async (t) => {
    const secrets = made('--edge-hosts', 'api.example.org')
    const ca = new X509Certificate(secrets.get('murmur-ca')!.stringData['ca.crt']!)
    t.ok(ca.ca)
    for (const [name, host] of [
      ['nats-tls', 'nats-0.nats-headless.murmur.svc.cluster.local'],
      ['edge-tls', 'api.example.org'],
    ] as const) {
      const certificate = new X509Certificate(secrets.get(name)!.stringData['tls.crt']!)
      t.ok(certificate.verify(ca.publicKey), name)
      t.ok(certificate.checkHost(host), `${name} is for ${host}`)
      t.equal(certificate.checkHost('other.example.org'), undefined)
    }
  },
)

t.test('what has no room in a Secret is refused, with what to do', { skip }, (t) => {
  const tenants = Array.from({ length: 200 }, (_, i) => `tenant-with-a-long-name-${i}`).join(',')
  const { status, stdout, stderr } = spawnSync(process.execPath, [PROGRAM, '--tenants', tenants], {
    encoding: 'utf8',
  })
  t.not(status, 0)
  t.equal(stdout, '')
  t.match(stderr, /nats-auth would have \d+ bytes, Kubernetes takes 1048576: name fewer tenants/)
  t.end()
})

t.test('a name that would break a configuration is refused', async (t) => {
  for (const args of [
    ['--tenants', 'a"b'],
    ['--agents', 'x y'],
    ['--edge-hosts', 'a,b;c'],
  ]) {
    const { status, stdout } = spawnSync(process.execPath, [PROGRAM, ...args], { encoding: 'utf8' })
    t.strictSame([status, stdout], [1, ''], args.join(' '))
  }
})

t.test('keys of payloads are a Secret where a file of them is named', { skip }, async (t) => {
  t.notOk(made().has('payload-keys'), 'off by default')
  const keys = newPayloadKeys(0)
  const file = join(t.testdir({ keys, wrong: 'no keys' }), 'keys')
  t.equal(made('--payload-keys', file).get('payload-keys')?.stringData.keys, keys)
  const wrong = join(file, '..', 'wrong')
  const { status, stdout } = spawnSync(process.execPath, [PROGRAM, '--payload-keys', wrong], {
    encoding: 'utf8',
  })
  t.strictSame([status, stdout], [1, ''])
})

import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { resolveNats } from '../../../deploy/local/servers/resolve-nats.ts'
import { libraryEnvironment } from '../../../deploy/local/servers/server-source.ts'
import {
  SITE_USERS,
  siteNames,
  siteServerConfig,
  siteUserPermissions,
} from '../../../deploy/nats/site-server.ts'

const root = join(import.meta.dirname, '../../..')
const print = (script: string, ...args: string[]) =>
  execFileSync(process.execPath, [join(root, 'deploy/nats', script), ...args], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  })

t.test('the server of a site is a leaf that lets no pictures out', async (t) => {
  const text = siteServerConfig({
    ...{ site: 'yard', agents: ['capture', 'tracking'], listen: '127.0.0.1:4222', storeDir: '/var/lib/nats' },
    centreUrl: '$NATS_CENTRE_URL',
    centreCa: '/etc/nats/ca.pem',
    passwordOf: (user) => `$P_${user}`,
  })
  t.match(text, 'domain: "yard"')
  t.match(text, 'deny_exports: ["frames.*.*", "detections.*.*", "gated-frames.*.*", "frames.*.*.*"]')
  t.match(text, 'tls { ca_file: "/etc/nats/ca.pem" }')
  t.match(text, '"$JS.API.CONSUMER.MSG.NEXT.STEPS.*": "centre.steps.next.$1"')
  t.equal(text.match(/"SITE" \{/g)?.length, 1)
  for (const user of SITE_USERS) t.match(text, `user: "${user}", password: $P_${user}, permissions`)
})

t.test('what is printed is what servers take, on both sides', async (t) => {
  const { MURMUR_NATS_URL: _nats, ...env } = process.env
  const binary = await resolveNats(() => undefined, env)
  if (binary.kind !== 'binary') throw new Error('a nats-server is needed')
  const folder = mkdtempSync(join(tmpdir(), 'murmur-site-config-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  const passwords = Object.fromEntries(
    [
      'ORCHESTRATOR',
      'EDGE',
      'OPERATOR',
      'BACKUP',
      'DETECTOR',
      'AGENT_CAPTURE',
      'SITE_YARD',
      'KEEPER',
      'VIDEO',
    ].map((name) => [`NATS_PASSWORD_${name}`, 'secret']),
  )
  const accepts = (name: string, text: string) => {
    const file = join(folder, name)
    writeFileSync(file, text)
    const environment = {
      ...process.env,
      ...libraryEnvironment(binary),
      ...passwords,
      NATS_CENTRE_URL: 'tls://site-yard:secret@127.0.0.1:7422',
    }
    execFileSync(binary.path, ['-t', '-c', file], { env: environment, stdio: 'pipe' })
  }
  const site = print('print-site.ts', '--site', 'yard', '--store', join(folder, 'site'))
  t.doesNotThrow(() => accepts('site.conf', site))
  const centre = print('print-authorization.ts', '--agents', 'capture', '--sites', 'yard')
  t.match(centre, '"site-yard" {')
  t.doesNotThrow(() =>
    accepts(
      'centre.conf',
      `jetstream { store_dir: "${folder}/centre" }\nleafnodes { port: 7422 }\n${centre}`,
    ),
  )
  t.equal(
    readFileSync(join(root, 'examples/site/nats-site.conf'), 'utf8'),
    print('print-site.ts', '--site', 'yard', '--store', 'data'),
    'the example is what is printed',
  )
})

t.test('what is no site and no agent is refused', async (t) => {
  t.strictSame(siteNames('yard,north-gate'), ['yard', 'north-gate'])
  t.throws(() => siteNames('Yard'), /"Yard" is no name of a site: a site must be words/)
  t.throws(() => print('print-site.ts'), /name one site/)
  t.throws(() => print('print-site.ts', '--site', 'a,b'), /name one site/)
  t.throws(() => print('print-site.ts', '--site', 'yard', '--agents', 'a b'), /no name of an agent type/)
})

t.test('each user of a site hears its own answers', async (t) => {
  for (const user of SITE_USERS) {
    const { subscribe } = siteUserPermissions(user, 'yard', ['capture'])
    t.equal(subscribe[0]?.subject, `_INBOX_OF.${user}.>`)
  }
})

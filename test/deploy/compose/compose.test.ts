import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { parse } from 'yaml'
import { makeSecrets } from '../../../deploy/compose/make-secrets.ts'
import { parseDockerfile, stagesOf } from '../../support/dockerfile.ts'
import { DOCKERFILE } from '../../support/image-tree.ts'
import { ROOT } from '../../support/source-files.ts'
import { readKnown } from '../k8s/render.ts'

// That it starts: test/deploy/images/containers.long.test.ts. That the tool takes it: npm run check.
const FOLDER = join(ROOT, 'deploy/compose')

interface Service {
  profiles: string[]
  image: string
  build?: { target: string }
  user?: string
  read_only?: boolean
  cap_drop?: string[]
  security_opt?: string[]
  restart?: string
  stop_grace_period?: string
  environment?: Record<string, string>
  command?: string[]
  secrets?: (string | { source: string })[]
  volumes?: string[]
  ports?: string[]
  networks?: string[]
  network_mode?: string
  depends_on?: Record<string, { condition: string }> | string[]
  healthcheck?: object
  deploy?: { resources?: { limits?: { cpus?: string; memory?: string } } }
}
interface Compose {
  services: Record<string, Service>
  secrets: Record<string, { file: string }>
  volumes: Record<string, unknown>
  networks: Record<string, { internal?: boolean }>
}

const compose = parse(readFileSync(join(FOLDER, 'compose.yaml'), 'utf8'), { merge: true }) as Compose
const services = Object.entries(compose.services)
const isOurs = ({ image }: Service) => image.startsWith('murmuration/')
const secretsOf = ({ secrets = [] }: Service) =>
  secrets.map((secret) => (typeof secret === 'string' ? secret : secret.source))

t.test(
  'every service is bounded, drops what it does not need, and is reached from this machine alone',
  async (t) => {
    for (const [name, service] of services) {
      const { cpus, memory } = service.deploy?.resources?.limits ?? {}
      t.ok(Number(cpus) > 0 && /^\d+[mg]$/.test(memory ?? ''), `${name}: ${cpus} cores, ${memory}`)
      t.strictSame(service.cap_drop, ['ALL'], name)
      t.ok(service.network_mode === 'none' || (service.networks?.length ?? 0) > 0, `${name}: networks`)
      for (const port of service.ports ?? []) t.match(port, /^127\.0\.0\.1:\d+:\d+$/, name)
      t.ok(service.profiles.length > 0, `${name} has a profile`)
      if (!isOurs(service))
        t.match(service.image, /^docker\.io\/[\w/-]+:[\w.-]*\d[\w.-]*$/, `${name}: a version of its image`)
    }
    t.ok(compose.networks.inside?.internal, 'servers reach nothing and are reached from nowhere')
  },
)

t.test('what is ours runs as the images do, and has the time to end', async (t) => {
  const targets = new Set(parseDockerfile(DOCKERFILE).map(({ name }) => name))
  const { settings } = await readKnown([])
  for (const [name, service] of services.filter(([, each]) => isOurs(each))) {
    t.match(service, { read_only: true, user: '10001:10001', security_opt: ['no-new-privileges:true'] }, name)
    t.ok(
      Number.parseInt(service.stop_grace_period ?? '', 10) > 10,
      `${name}: longer than MURMUR_STOP_GRACE_MS`,
    )
    const [, target = ''] = service.image.match(/^murmuration\/([\w-]+):/) ?? []
    t.ok(
      targets.has(target) && stagesOf(parseDockerfile(DOCKERFILE), target),
      `${name}: there is an image ${target}`,
    )
    if (service.build) t.equal(service.build.target, target, name)
    for (const variable of Object.keys(service.environment ?? {}))
      t.ok(settings.has(variable) || variable.startsWith('OTEL_'), `${name}: ${variable} is a setting`)
  }
  for (const image of new Set(services.filter(([, each]) => isOurs(each)).map(([, { image }]) => image)))
    t.equal(
      services.filter(([, each]) => each.image === image && each.build).length,
      1,
      `${image} is built once`,
    )
})

t.test('what is mounted is there: secrets as they are made, files of this folder, volumes', async (t) => {
  const folder = join(t.testdir({}), 'secrets')
  makeSecrets(folder)
  const made = new Set(readdirSync(folder))
  for (const [name, { file }] of Object.entries(compose.secrets)) {
    t.equal(file, `./secrets/${name}`)
    t.ok(made.has(name), `${name} is made`)
    t.ok(
      services.some(([, service]) => secretsOf(service).includes(name)),
      `${name} is used`,
    )
  }
  for (const [name, service] of services) {
    for (const secret of secretsOf(service)) t.ok(compose.secrets[secret], `${name}: ${secret}`)
    for (const [key, value] of Object.entries(service.environment ?? {})) {
      const [, secret] = String(value).match(/^\/run\/secrets\/(.+)$/) ?? []
      if (secret !== undefined) t.ok(secretsOf(service).includes(secret), `${name}: ${key} is mounted`)
    }
    for (const volume of service.volumes ?? []) {
      const [source = '', , mode] = volume.split(':')
      if (source.startsWith('/')) t.equal(mode, 'ro', `${name}: ${volume}`)
      else if (!source.startsWith('.')) t.ok(source in compose.volumes, `${name}: ${source}`)
      else t.ok(existsSync(join(FOLDER, source)) && mode === 'ro', `${name}: ${volume}`)
    }
  }
})

t.test('nothing starts before what it needs is healthy, and that is in its profile', async (t) => {
  for (const [name, service] of services) {
    const needs = service.depends_on ?? {}
    const names = Array.isArray(needs) ? needs : Object.keys(needs)
    for (const need of names) {
      const there = compose.services[need]
      t.ok(there, `${name} needs ${need}`)
      // What is run by hand, beside what is up.
      for (const profile of service.profiles.filter((each) => each !== 'tools'))
        t.ok(there?.profiles.includes(profile), `${need} is there in profile ${profile}, for ${name}`)
    }
    if (Array.isArray(needs) || !service.profiles.includes('core')) continue
    for (const [need, { condition }] of Object.entries(needs))
      t.match(condition, /^service_(healthy|completed_successfully)$/, `${name} after ${need}`)
  }
})

t.test('what servers may hold in memory is less than what they have', async (t) => {
  const limit = (name: string) => bytesOf(compose.services[name]?.deploy?.resources?.limits?.memory ?? '')
  const redis = readFileSync(join(FOLDER, 'redis.conf'), 'utf8')
  t.ok(bytesOf(/^maxmemory (\S+)$/m.exec(redis)?.[1] ?? '') <= 0.8 * limit('redis'))
  t.match(redis, /^maxmemory-policy noeviction$/m)
  const nats = readFileSync(join(FOLDER, 'nats.conf'), 'utf8')
  t.ok(bytesOf(/max_memory_store: (\S+)/.exec(nats)?.[1] ?? '') <= 0.5 * limit('nats'))
})

/** `768mb`, `1g`. */
function bytesOf(text: string): number {
  const [, number = 'NaN', unit = ''] = /^(\d+)([kmg]?)b?$/i.exec(text) ?? []
  return Number(number) * ({ k: 2 ** 10, m: 2 ** 20, g: 2 ** 30 }[unit.toLowerCase()] ?? 1)
}

t.test('encryption of payloads is added by a file of its own, for all who work with payloads', async (t) => {
  const text = readFileSync(join(FOLDER, 'payload-keys.yaml'), 'utf8')
  const added = parse(text, { merge: true }) as Pick<Compose, 'services' | 'secrets'>
  const needing = services.filter(
    ([name, service]) => isOurs(service) && !/^(create-key|detection)/.test(name),
  )
  t.strictSame(Object.keys(added.services).sort(), needing.map(([name]) => name).sort())
  for (const service of Object.values(added.services))
    t.strictSame(service, {
      environment: { MURMUR_PAYLOAD_KEYS: '/run/secrets/payload-keys' },
      secrets: ['payload-keys'],
    })
  t.strictSame(added.secrets, { 'payload-keys': { file: './secrets/payload-keys' } })
  t.notOk(text.includes('MURMUR_PAYLOAD_KEYS') && compose.secrets['payload-keys'], 'it is off without it')
})

t.test('history is kept on a volume that all orchestrators have, or in an object store', async (t) => {
  const orchestrators = services.filter(([, { image }]) => image.startsWith('murmuration/orchestrator:'))
  t.equal(orchestrators.length, 2)
  for (const [name, { environment = {}, volumes = [] }] of orchestrators) {
    t.equal(environment.MURMUR_ARCHIVE, '/archive', name)
    t.ok(volumes.includes('archive-data:/archive'), `${name} has it`)
  }
  const owner = compose.services.volumes
  t.ok(
    owner?.command?.includes('/archive') && owner.volumes?.includes('archive-data:/archive'),
    'who writes owns it',
  )
  const text = readFileSync(join(FOLDER, 'archive-s3.yaml'), 'utf8')
  const added = parse(text, { merge: true }) as Pick<Compose, 'services' | 'secrets'>
  t.strictSame(Object.keys(added.services).sort(), orchestrators.map(([name]) => name).sort())
  const { settings } = await readKnown([])
  for (const service of Object.values(added.services)) {
    for (const [variable, value] of Object.entries(service.environment ?? {})) {
      t.ok(settings.has(variable), `${variable} is a setting`)
      const [, secret] = value.match(/^\/run\/secrets\/(.+)$/) ?? []
      if (secret !== undefined) t.ok(secret in added.secrets && secretsOf(service).includes(secret), secret)
    }
    t.ok(service.networks?.includes('outside'), 'it can be reached')
  }
})

t.test('recordings are kept on a volume of the process that captures', async (t) => {
  const { environment = {}, volumes = [], depends_on = {} } = compose.services.video!
  t.ok(volumes.includes(`recordings-data:${environment.MURMUR_RECORDINGS_DIR}`))
  const others = services.filter(([name]) => name !== 'video' && name !== 'volumes')
  t.notOk(others.some(([, { volumes = [] }]) => volumes.some((one) => one.startsWith('recordings-data:'))))
  const owner = compose.services.volumes
  t.ok(
    owner?.command?.includes('/recordings') && owner.volumes?.includes('recordings-data:/recordings'),
    'who writes owns it',
  )
  t.ok('volumes' in depends_on, 'before it writes')
})

t.test('links are made and followed with the same keys, and lead to the same edge', (t) => {
  const linked = (name: string) => {
    const { MURMUR_PUBLIC_URL: url, MURMUR_LINK_KEYS_FILE: keys } = compose.services[name]?.environment ?? {}
    return { url, keys }
  }
  t.strictSame(linked('edge'), linked('video'))
  t.match(linked('edge'), { url: /http:\/\/127\.0\.0\.1:8080/, keys: '/run/secrets/link-keys' })
  t.end()
})

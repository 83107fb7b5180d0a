import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { parse } from 'yaml'
import { until } from '../../support/until.ts'
import { Engine, whyNoEngine } from './containers/engine.ts'
import { commandsOf } from './containers/read-docs.ts'
import { provideStandIns } from './containers/stand-ins.ts'

const root = join(import.meta.dirname, '../../..')
const FILE = 'deploy/compose/compose.yaml'
/** What the Dockerfile copies, what the compose file mounts, and what its tools import. */
const TREE = [
  'package.json',
  'package-lock.json',
  '.npmrc',
  '.dockerignore',
  'schemas',
  'subjects',
  'services',
  'deploy',
]
const OURS = ['orchestrator-1', 'orchestrator-2', 'ingest', 'report-agents', 'api-caller', 'edge']
// The first time bases are made and packages are fetched; later only what has changed is built.
t.setTimeout(1_500_000)

/** All of a file tree but its times. */
const TREE_OF_FILES =
  "find . -printf '%p %y %m %U %G %l\\n' | sort && find . -type f -print0 | sort -z | xargs -0 sha256sum"

interface Compose {
  services: Record<
    string,
    { image: string; profiles?: string[]; deploy: { resources: { limits: { memory: string } } } }
  >
}

const skip = whyNoEngine() ?? false
await t.test('the project runs in containers, by the commands of docs/deployment.md', { skip }, run)

async function run(t: Test): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'murmur-containers-'))
  const cwd = join(folder, 'tree')
  for (const name of TREE)
    cpSync(join(root, name), join(cwd, name), {
      recursive: true,
      preserveTimestamps: true,
      filter: (path) => !path.startsWith(join(root, 'deploy/compose/secrets')),
    })
  symlinkSync(join(root, 'node_modules'), join(cwd, 'node_modules'))
  const engine = await Engine.start(folder)
  t.teardown(async () => {
    const tidy = [
      'podman rm --all --force --time 0',
      'podman volume prune --force',
      // Layers that nothing was built on for a week.
      'podman image prune --force --filter until=168h',
    ]
    await engine.run(tidy.join('; '), { cwd })
    await engine.stop()
    rmSync(folder, { recursive: true, force: true })
  })
  const compose = `docker compose -f ${FILE} --profile core`
  const { services } = parse(readFileSync(join(root, FILE), 'utf8'), { merge: true }) as Compose
  const core = Object.entries(services).filter(([, { profiles }]) => profiles?.includes('core'))
  const container = (service: string) => ['murmuration', service, '1'].join(engine.hasCompose ? '-' : '_')
  const inspect = async (format: string, ...names: string[]) =>
    (await engine.must(`podman inspect --format '${format}' ${names.join(' ')}`, { cwd })).trim().split('\n')
  const imageOf = async (service: string) => (await inspect('{{.Image}}', container(service)))[0]
  const isHealthy = async (service: string) =>
    (await engine.run(`podman healthcheck run ${container(service)}`, { cwd })).code === 0

  const allHealthy = async () => (await Promise.all(OURS.map(isHealthy))).every(Boolean)

  const commands = commandsOf(root, 'deployment.md', 'Compose')
  const [, makeSecrets = '', build = '', up = '', createKey = '', curl = ''] = commands

  const dockerfile = readFileSync(join(root, 'deploy/images/Dockerfile'), 'utf8')
  const base = (name: string) => new RegExp(`^ARG ${name}=(\\S+)`, 'm').exec(dockerfile)?.[1] ?? ''

  await t.test('images are built', async (t) => {
    const names = {
      runtime: base('RUNTIME_IMAGE'),
      node: base('NODE_IMAGE'),
      nats: services.nats!.image,
      redis: services.redis!.image,
    }
    const made = await provideStandIns(engine, names)
    t.comment(made.length === 0 ? 'bases: as they were' : `stand-ins for ${made.join(', ')}`)
    await engine.must(build, { cwd, isOnline: true })
  })

  let key = ''
  await t.test('secrets, up, a key, a report', async (t) => {
    await engine.must(makeSecrets, { cwd })
    await engine.must(up, { cwd })
    await until('all are healthy', allHealthy, 90_000)
    key = (await engine.must(createKey, { cwd })).trim().split('\n').at(-1) ?? ''
    t.match(key, /^mur_/)
    const answer = await engine.must(`KEY=${key}; ${curl}`, { cwd })
    t.match(JSON.parse(answer), { task: { status: 'completed' } })
    const [refused] = (
      await engine.must(`curl -s -o /dev/null -w '%{http_code}' http://127.0.0.1:8080/v1/tasks`, { cwd })
    ).split('\n')
    t.equal(refused, '401', 'nobody without a key')
  })

  await t.test('who runs it, with what, and where from', async (t) => {
    for (const service of OURS) {
      const [facts = ''] = await inspect(
        '{{.Config.User}} {{.HostConfig.ReadonlyRootfs}} {{.EffectiveCaps}} {{.HostConfig.Memory}} {{.Config.StopSignal}}',
        container(service),
      )
      t.match(facts, /^10001:10001 true \[\] [1-9]\d+ 15$/, service)
    }
    const published = await engine.must(`podman ps --format '{{.Names}} {{.Ports}}'`, { cwd })
    const ports = [...published.matchAll(/(\S+):[\d-]+->/g)].map(([, host]) => host)
    t.ok(
      ports.length > 0 && ports.every((host) => host === '127.0.0.1'),
      `published on ${[...new Set(ports)].join(', ')}`,
    )
  })

  await t.test('the bill of materials lies in the image and names what is in there', async (t) => {
    for (const service of ['orchestrator-1', 'edge', 'ingest', 'report-agents', 'api-caller']) {
      const listed = `cat /app/sbom.cdx.json; echo; ls /app/node_modules | grep -v '^@'`
      const [bill = '', ...packages] = (
        await engine.must(`podman exec ${container(service)} sh -c "${listed}"`, { cwd })
      )
        .trim()
        .split('\n')
      const sbom = JSON.parse(bill) as { bomFormat: string; components: { name: string; version: string }[] }
      t.equal(sbom.bomFormat, 'CycloneDX')
      const names = new Set(sbom.components.map(({ name }) => name))
      t.strictSame(
        packages.filter((name) => !names.has(name)),
        [],
        `${service}: ${names.size} packages`,
      )
      const [labels = ''] = await inspect('{{json .Config.Labels}}', container(service))
      t.match(JSON.parse(labels), {
        'org.opencontainers.image.title': /^Murmuration /,
        'org.opencontainers.image.version': /^\d+\.\d+\.\d+$/,
        'org.opencontainers.image.revision': /./,
        'org.opencontainers.image.licenses': /./,
        'org.opencontainers.image.base.name': base('RUNTIME_IMAGE'),
      })
    }
  })

  const reports = async (count: number, prefix: string, onAccepted: () => void) => {
    const script = join(import.meta.dirname, 'containers/submit-reports.mjs')
    const client = `KEY=${key} ${process.execPath} ${script} http://127.0.0.1:8080 ${count} ${prefix}`
    return JSON.parse(await engine.must(client, { cwd, onSaid: onAccepted })) as object
  }

  await t.test('what is in hand survives the stop and the restart of each part', async (t) => {
    const disturb: [string, () => Promise<unknown>][] = [
      [
        'agents stop',
        async () => {
          await engine.must(`${compose} stop report-agents`, { cwd })
          t.strictSame(
            await inspect('{{.State.ExitCode}}', container('report-agents')),
            ['0'],
            'ends in order',
          )
          await engine.must(`${compose} start report-agents`, { cwd })
        },
      ],
      ['orchestrator', () => engine.must(`${compose} restart orchestrator-1`, { cwd })],
      ['nats', () => engine.must(`${compose} restart nats`, { cwd })],
      ['redis', () => engine.must(`${compose} restart redis`, { cwd })],
      ['edge', () => engine.must(`${compose} restart edge`, { cwd })],
    ]
    for (const [name, act] of disturb) {
      let isOver = false
      let all: Promise<object> | undefined
      await new Promise<void>((resolve) => {
        all = reports(30, `disturbed-by-${name.replace(' ', '-')}`, resolve).finally(() => {
          isOver = true
          resolve()
        })
      })
      t.notOk(isOver, 'reports are in hand')
      await act()
      t.strictSame(await all, { completed: 30 }, `${name}: nothing is lost`)
      await until('all are healthy', allHealthy, 60_000)
    }
  })

  await t.test(
    'a new password while reports are in hand, by the commands of docs/operations.md',
    async (t) => {
      const agents = (await inspect('{{.State.StartedAt}}', container('report-agents')))[0]
      const all = reports(30, 'rotated', () => undefined)
      for (const command of commandsOf(root, 'operations.md', 'Rotate credentials'))
        await engine.must(command, { cwd })
      t.strictSame(await all, { completed: 30 }, 'nothing is lost')
      await until('all are healthy', allHealthy, 60_000)
      t.equal(
        (await inspect('{{.State.StartedAt}}', container('report-agents')))[0],
        agents,
        'nothing was started again',
      )
    },
  )

  await t.test('memory stays below four fifths of the limits', async (t) => {
    const stats = await engine.must(`podman stats --no-stream --format '{{.Name}} {{.MemUsage}}'`, { cwd })
    for (const [service, { deploy }] of core) {
      const [, used] = new RegExp(`^${container(service)} (\\S+) /`, 'm').exec(stats) ?? []
      if (used === undefined) continue
      const limit = deploy.resources.limits.memory
      t.ok(bytesOf(used) < 0.8 * bytesOf(limit), `${service}: ${used} of ${limit}`)
    }
  })

  await t.test('built again, from nothing, an image holds the same', async (t) => {
    const rebuilt = 'localhost/murmuration/again'
    const build = `docker build --no-cache --file deploy/images/Dockerfile --target orchestrator --tag ${rebuilt} .`
    await engine.must(build, { cwd, isOnline: true })
    const [first, again] = await Promise.all(
      [await imageOf('orchestrator-1'), rebuilt].map(async (image) => {
        const tree = `mounted=$(podman image mount ${image}) && cd "$mounted" && ${TREE_OF_FILES}`
        return (await engine.must(tree, { cwd })).split('\n')
      }),
    )
    t.ok(first!.length > 1000, `${first!.length} lines`)
    const [lines, others] = [new Set(first), new Set(again)]
    const differences = [
      ...first!.filter((line) => !others.has(line)),
      ...again!.filter((line) => !lines.has(line)),
    ]
    t.strictSame(differences.slice(0, 20), [], 'names, kinds, modes, owners, links and contents')
  })

  await t.test('the end: in order, and the data stays', async (t) => {
    await engine.must(`${compose} stop ${OURS.toReversed().join(' ')}`, { cwd })
    for (const service of OURS)
      t.strictSame(
        await inspect('{{.State.ExitCode}}', container(service)),
        ['0'],
        `${service} ends in order`,
      )
    await engine.must(`${compose} down`, { cwd })
    t.match(await engine.must('podman volume ls --format "{{.Name}}"', { cwd }), /murmuration_nats-data/)
  })
}

/** `512m`, `1g`, `83.5MB`. */
function bytesOf(text: string): number {
  const [, number = '0', unit = ''] = /^([\d.]+)\s*([kmg]?)/i.exec(text) ?? []
  return Number(number) * ({ k: 1e3, m: 1e6, g: 1e9 }[unit.toLowerCase()] ?? 1)
}

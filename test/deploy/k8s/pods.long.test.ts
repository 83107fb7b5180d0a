import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { resolveNats } from '../../../deploy/local/servers/resolve-nats.ts'
import { resolveRedis } from '../../../deploy/local/servers/resolve-redis.ts'
import { systemClock } from '../../../services/platform/clock/clock.ts'
import { whyNotIsolated } from '../../support/image-tree.ts'
import { findRedisExporter } from '../../support/redis-exporter.ts'
import { until } from '../../support/until.ts'
import { FLOWS } from './flows.ts'
import type { Manifest } from './manifests.ts'
import { socketsOf } from './pods/connections.ts'
import { addressOf, type PodNetwork, startPodNetwork } from './pods/network.ts'
import { Pod } from './pods/pod.ts'
import { createTrees } from './pods/trees.ts'
import { type UsageDuring, usageDuring } from './pods/usage.ts'
import { findKubectl, madeSecrets, parseManifests, renderOverlay } from './render.ts'

t.setTimeout(600_000)
const SERVERS = ['nats-0', 'nats-1', 'nats-2', 'redis-0']
/** Tells figures of Redis, ready before there is one; left out where the program is not installed. */
const EXPORTER = 'redis-exporter'
const REPORTS = 60
const IDLE_MS = 10_000
const LOAD_MS = 25_000
/** For eleven that start at once on a machine that has other work: no node starts so many. */
const START_MS = 240_000

const MONITOR = {
  type: 'monitor',
  input: {
    source: { kind: 'scene', scenario: 'crossing' },
    camera: 'gate',
    fps: 10,
    loop: true,
    durationMs: 600_000,
  },
}

const kubectl = findKubectl()
const skip = kubectl === undefined ? 'kubectl is not there' : (whyNotIsolated() ?? false)

await t.test('the pods of the overlay prod, run as their manifests say', { skip }, async (t) => {
  const cluster = await createPods(t, kubectl!)
  await t.test('without NATS and Redis they are started and alive, and not ready', (t) =>
    proveWaiting(t, cluster),
  )
  await t.test('with them all get ready, whatever came first', (t) => proveReady(t, cluster))
  await t.test('without Redis those that need it are not ready, and alive', (t) => proveRedisGone(t, cluster))
  await t.test('what they take at rest and under load', (t) => measureUsage(t, cluster))
  await t.test('each connects to what the policies let it reach, and nowhere else', (t) =>
    proveFlows(t, cluster),
  )
  await t.test('with work in hand each ends in order, within its time', (t) => proveEnds(t, cluster))
})

interface Pods {
  all: ReadonlyMap<string, Pod>
  services: Pod[]
  network: PodNetwork
  secrets: ReadonlyMap<string, Record<string, string>>
  folder: string
}

async function createPods(t: Test, program: string): Promise<Pods> {
  const folder = mkdtempSync(join(tmpdir(), 'murmur-pods-'))
  const [nats, redis] = await Promise.all([resolveNats(() => undefined), resolveRedis(() => undefined)])
  if (nats.kind !== 'binary' || redis.kind !== 'binary') throw new Error('servers of this machine are needed')
  const manifests = parseManifests(renderOverlay(program, 'prod'))
  const secrets = new Map(madeSecrets().map(({ metadata, stringData }) => [metadata.name, stringData]))
  const maps = manifests.filter(({ kind }) => kind === 'ConfigMap')
  const contents = new Map([...secrets, ...maps.map(({ metadata, data }) => [metadata.name, data] as const)])
  const planned = manifests
    .filter(({ kind }) => ['Deployment', 'StatefulSet', 'Job'].includes(kind))
    .filter(({ metadata }) => metadata.name !== EXPORTER || findRedisExporter() !== undefined)
    .flatMap((workload) => {
      const { name } = workload.metadata
      if (workload.kind !== 'StatefulSet') return [{ workload, name }]
      // One that is scaled names no number.
      return Array.from({ length: workload.spec.replicas ?? 1 }, (_, i) => ({
        workload,
        name: `${name}-${i}`,
      }))
    })
    .map((plan, i) => ({ ...plan, address: addressOf(i) }))
  const hosts = planned.map(({ workload, name, address }) => namesOf(workload, name, address)).join('\n')
  const network = await startPodNetwork(folder, hosts)
  const treeOf = createTrees(join(folder, 'images'), { nats, redis })
  const all = new Map(
    planned.map((plan) => {
      const image = treeOf(plan.workload.spec.template.spec.containers[0].image)
      return [
        plan.name,
        new Pod({ ...plan, contents, hosts, image, network, folder: join(folder, plan.name) }),
      ]
    }),
  )
  t.teardown(async () => {
    await Promise.all([...all.values()].map((pod) => pod.kill()))
    await network.stop()
    rmSync(folder, { recursive: true, force: true })
  })
  const others = [...SERVERS, EXPORTER, 'provision']
  const services = [...all.values()].filter(({ name }) => !others.includes(name))
  return { all, services, network, secrets, folder }
}

/** What the DNS of a cluster says of a pod, as a line of /etc/hosts. */
function namesOf({ kind, spec }: Manifest, name: string, address: string): string {
  const own =
    kind === 'StatefulSet' ? [`${name}.${spec.serviceName}`, spec.serviceName] : [`${name}-headless`]
  return [address, ...own, ...(/^nats-\d$/.test(name) ? ['nats'] : [])].join(' ')
}

async function proveWaiting(t: Test, { services, all }: Pods): Promise<void> {
  await Promise.all([all.get('provision')!, ...services].map((pod) => pod.start()))
  // The edge opens its doors when NATS is there: until then its startup probe waits, longer than the process itself would.
  await Promise.all(
    services.map(async (pod) => {
      if (pod.container.startupProbe.grpc) return
      const tookMs = await pod.whenProbed('startupProbe', START_MS)
      t.comment(`${pod.name} is started after ${(tookMs / 1000).toFixed(1)} s`)
    }),
  )
  for (const pod of services) {
    t.match(await pod.probe('livenessProbe'), { ok: true, detail: '200' }, `${pod.name} is alive`)
    t.match(await pod.probe('readinessProbe'), { ok: false, detail: '503' }, `${pod.name} is not ready`)
  }
  t.match(await all.get('edge')!.probe('startupProbe'), { ok: false }, 'the edge is not started')
}

async function proveReady(t: Test, { all, services }: Pods): Promise<void> {
  const servers = [...SERVERS, EXPORTER].flatMap((name) => all.get(name) ?? [])
  await Promise.all(servers.map((pod) => pod.start()))
  await Promise.all(servers.map((pod) => pod.whenProbed('startupProbe')))
  for (const pod of servers) {
    t.match(await pod.probe('livenessProbe'), { ok: true }, `${pod.name} is alive`)
    await pod.whenProbed('readinessProbe', 60_000)
  }
  t.equal(await all.get('provision')!.whenEnded(), 0, 'the Job ended well, although it was there before NATS')
  const sinceMs = performance.now()
  await Promise.all(services.map((pod) => pod.whenProbed('readinessProbe', 90_000)))
  t.comment(`all are ready after ${((performance.now() - sinceMs) / 1000).toFixed(1)} s`)
  for (const pod of services) {
    t.match(await pod.probe('startupProbe'), { ok: true }, `${pod.name} is started`)
    t.match(await pod.probe('livenessProbe'), { ok: true }, `${pod.name} is alive`)
  }
}

async function proveFlows(t: Test, { all, network }: Pods): Promise<void> {
  const workloadOf = (name: string) => name.replace(/-\d$/, '')
  const byAddress = new Map([...all.values()].map(({ address, name }) => [address, workloadOf(name)]))
  const pods = [...all.values()].filter(({ name }) => name !== 'provision')
  const seen = new Set<string>()
  for (const pod of pods) {
    const { listening, connected } = socketsOf(pod)
    const declared = pod.container.ports.map(({ containerPort }: Manifest) => containerPort).sort()
    t.strictSame(
      listening,
      declared.sort((a: number, b: number) => a - b),
      `${pod.name} listens where it says`,
    )
    for (const { address, port } of connected)
      seen.add(`${workloadOf(pod.name)} ${byAddress.get(address) ?? address} ${port}`)
  }
  const wanted = FLOWS.filter(([from]) => from !== 'provision').map((flow) => flow.join(' '))
  t.strictSame([...seen].sort(), wanted.sort())
  const exporter = all.get(EXPORTER)
  if (!exporter) return
  // It connects when it is asked.
  const at = { host: exporter.address, port: 9464, path: '/metrics', timeoutMs: 10_000 }
  const { body = '' } = await network.ask({ kind: 'http', ...at })
  t.match(body, /^redis_up 1$/m, 'figures of Redis are told')
}

async function proveRedisGone(t: Test, { all }: Pods): Promise<void> {
  const redis = all.get('redis-0')!
  const clients = FLOWS.filter(([, to]) => to === 'redis').map(([from]) => all.get(from)!)
  const { tookMs, code } = await redis.terminate()
  t.equal(code, 0)
  t.ok(tookMs < redis.graceMs, `Redis ended in ${tookMs.toFixed(0)} ms of ${redis.graceMs}`)
  const orchestrator = all.get('orchestrator')!
  await until(
    'the orchestrator is not ready',
    async () => !(await orchestrator.probe('readinessProbe')).ok,
    30_000,
  )
  for (const pod of clients) {
    t.match(await pod.probe('livenessProbe'), { ok: true }, `${pod.name} is alive`)
    t.notOk(pod.hasEnded)
  }
  await redis.start()
  await redis.whenProbed('startupProbe')
  await redis.whenProbed('readinessProbe')
  await Promise.all(clients.map((pod) => pod.whenProbed('readinessProbe', 60_000)))
}

/** A key for the edge, made by the CLI as docs/kubernetes.md says, but for the port that is forwarded. */
async function createKey({ network, secrets, folder }: Pods): Promise<string> {
  const files = {
    operator: secrets.get('nats-operator')!.credentials!,
    ca: secrets.get('murmur-ca')!['ca.crt']!,
  }
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text, { mode: 0o600 })
  const root = join(import.meta.dirname, '../../..')
  const page = readFileSync(join(root, 'docs/kubernetes.md'), 'utf8')
  const [, command = ''] = /npx murmur (keys create .+)$/m.exec(page) ?? []
  const main = join(root, 'services/cli/main.ts')
  const output = await network.run(process.execPath, [main, ...command.split(' '), '--json'], {
    MURMUR_NATS_URL: 'tls://nats:4222',
    MURMUR_NATS_CREDENTIALS: join(folder, 'operator'),
    MURMUR_NATS_TLS_CA: join(folder, 'ca'),
  })
  return (JSON.parse(output) as { secret: string }).secret
}

function createClient({ network, all }: Pods, key: string) {
  const edge = all.get('edge')!
  const ask = (method: string, path: string, body?: object) =>
    network.ask({
      kind: 'http',
      host: edge.address,
      port: 8080,
      path,
      method,
      timeoutMs: 65_000,
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
    })
  return async (method: string, path: string, body?: object): Promise<Manifest> => {
    const untilMs = performance.now() + 60_000
    for (;;) {
      const answer = await ask(method, path, body)
      const given = JSON.parse(answer.body || '{}') as Manifest
      if (answer.ok) return given
      // Partitions that are built anew say so, and when to come back.
      if (given.retryAfterMs === undefined || performance.now() > untilMs)
        throw new Error(`${method} ${path}: ${answer.detail} ${answer.body ?? ''}`)
      await systemClock.sleep(given.retryAfterMs)
    }
  }
}

function report(rows: number) {
  const lines = Array.from({ length: rows }, (_, i) => `${i},${i % 7},${(i * 37) % 101}`)
  const text = `day,shop,sales\n${lines.join('\n')}\n`
  return { type: 'report', input: { title: 'Sales', sources: [{ name: 'sales.csv', text }] } }
}

async function measureUsage(t: Test, pods: Pods): Promise<void> {
  const measured = [...pods.all.values()].filter(({ name }) => name !== 'provision')
  const idle = await usageDuring(measured, IDLE_MS)
  const client = createClient(pods, await createKey(pods))
  const monitor = await client('POST', '/v1/tasks', MONITOR)
  await until('pictures of the camera are analysed', () => hasAnalysed(pods), 60_000)
  let done = 0
  const untilMs = performance.now() + LOAD_MS
  const submit = async () => {
    while (performance.now() < untilMs) {
      const { task } = await client('POST', '/v1/tasks?wait=60', report(5000))
      if (task.status !== 'completed') throw new Error(`a report is ${task.status}`)
      done += 1
    }
  }
  const [load] = await Promise.all([usageDuring(measured, LOAD_MS), ...Array.from({ length: 4 }, submit)])
  t.comment(`${done} reports in ${LOAD_MS / 1000} s beside a camera of 10 pictures a second`)
  t.ok(done > 0, 'reports were made')
  const watched = await client('GET', `/v1/tasks/${monitor.task?.id ?? monitor.taskId}`)
  t.match(watched, { task: { status: 'running' } }, 'the camera is watched')
  t.comment('| pod | at rest: own MB, all MB, CPU | busy: own MB, all MB, CPU | requests | limit |')
  for (const pod of measured) {
    const { requests, limits } = pod.container.resources
    const [rest, busy] = [idle, load].map((all) => all.get(pod.name)!)
    const show = ({ ownMb, rssMb, millicores }: UsageDuring) =>
      [ownMb, rssMb, millicores].map((value) => value.toFixed(0)).join(', ')
    t.comment(
      `| ${pod.name} | ${show(rest!)}m | ${show(busy!)}m | ${requests.cpu}, ${requests.memory} | ${limits.memory} |`,
    )
    t.ok(busy!.rssMb * 1024 ** 2 < bytesOf(limits.memory), `${pod.name} stays below its limit`)
    t.ok(
      busy!.ownMb * 1024 ** 2 < bytesOf(requests.memory),
      `${pod.name} takes no more of its own than it asks for`,
    )
  }
}

async function hasAnalysed({ network, all }: Pods): Promise<boolean> {
  const { address: host } = all.get('detection')!
  const { body = '' } = await network.ask({
    kind: 'http',
    host,
    port: 9464,
    path: '/metrics',
    timeoutMs: 10_000,
  })
  return Number(/^murmur_frames_analysed_total (\d+)/m.exec(body)?.[1] ?? 0) > 0
}

function bytesOf(quantity: string): number {
  const [, number = '0', unit = ''] = /^(\d+)(Mi|Gi)$/.exec(quantity) ?? []
  return Number(number) * 1024 ** (unit === 'Gi' ? 3 : 2)
}

async function proveEnds(t: Test, pods: Pods): Promise<void> {
  const { all, services } = pods
  const client = createClient(pods, await createKey(pods))
  const ids = await Promise.all(
    Array.from({ length: REPORTS }, async () => {
      const answer = await client('POST', '/v1/tasks', report(10_000))
      return (answer.task?.id ?? answer.taskId) as string
    }),
  )
  t.equal(new Set(ids).size, REPORTS, 'reports were taken in')
  // A server of three goes first, in lame duck mode: its clients find another.
  const ends = [all.get('nats-2')!, ...services].map(async (pod) => ({ pod, ...(await pod.terminate()) }))
  for (const { pod, tookMs, code } of await Promise.all(ends)) {
    t.equal(code, 0, `${pod.name} ends in order`)
    t.ok(tookMs < pod.graceMs, `${pod.name}: ${(tookMs / 1000).toFixed(1)} s of ${pod.graceMs / 1000}`)
    if (code !== 0) t.comment(readFileSync(pod.logFile, 'utf8').slice(-1500))
  }
}

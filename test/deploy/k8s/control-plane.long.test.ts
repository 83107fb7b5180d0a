import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { until } from '../../support/until.ts'
import { type Served, serveMetrics } from './control-plane/metrics-api.ts'
import { findProgram, PROGRAMS } from './control-plane/programs.ts'
import { type ControlPlane, startControlPlane } from './control-plane/start.ts'
import type { Manifest } from './policy.ts'
import { findKubectl, madeSecrets, OVERLAYS, parseManifests, renderOverlay } from './render.ts'

const kubectl = findKubectl()
const missing = [
  ...(kubectl === undefined ? ['kubectl'] : []),
  ...['etcd', ...PROGRAMS].filter((name) => findProgram(name) === undefined),
]
const NAMESPACE = ['-n', 'murmur']
const CRDS = [
  { module: 'sigs.k8s.io/gateway-api@v1.4.0', folder: 'config/crd/standard' },
  { module: 'github.com/kedacore/keda/v2@v2.21.0', folder: 'config/crd/bases' },
]
t.setTimeout(900_000)

const skip =
  missing.length > 0 && `not there: ${missing.join(', ')}; npm run test:k8s builds what Go can build`

await t.test('the manifests on a control plane of Kubernetes', { skip }, (t) =>
  proveOnControlPlane(t, kubectl!),
)

async function proveOnControlPlane(t: Test, program: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'murmur-control-plane-'))
  const plane = await startControlPlane(folder, program)
  const served: Served = { cpuMillis: 50, external: {} }
  const metrics = await serveMetrics(plane, folder, served)
  t.teardown(async () => {
    await metrics.stop()
    await plane.stop()
    rmSync(folder, { recursive: true, force: true })
  })
  await plane.kubectl(
    ['apply', '-f', '-'],
    JSON.stringify({ apiVersion: 'v1', kind: 'List', items: machines() }),
  )
  const hasCrds = await applyDefinitions(t, plane)
  const overlays = OVERLAYS.filter((name) => hasCrds || !['ha', 'keda'].includes(name))
  const texts = new Map(OVERLAYS.map((name) => [name, renderOverlay(program, name)]))
  const secrets = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: madeSecrets() })
  const namespace = texts
    .get('prod')!
    .split('\n---\n')
    .find((one) => /^kind: Namespace$/m.test(one))!
  const apply = (text: string, ...more: string[]) =>
    plane.kubectl(['apply', '--server-side', '--validate=strict', ...more, '-f', '-'], text)
  const get = async (...what: string[]) =>
    JSON.parse(await plane.kubectl(['get', ...NAMESPACE, '-o', 'json', ...what])) as Manifest

  const tryAndApply = (overlay: string) =>
    t.test(`the overlay ${overlay} is taken by the API server, tried and applied`, async (t) => {
      await apply(namespace)
      await until(
        'the default account is there',
        () =>
          get('serviceaccount', 'default').then(
            () => true,
            () => false,
          ),
        30_000,
      )
      const wanted = parseManifests(texts.get(overlay)!).length
      const tried = await apply(texts.get(overlay)!, '--dry-run=server')
      t.equal(tried.trim().split('\n').length, wanted)
      t.notMatch(tried, /Warning/)
      await apply(secrets)
      await apply(texts.get(overlay)!)
      const { items } = await get('deployments')
      t.equal(items.length, 10)
      await until(
        'all Deployments are there in full',
        async () => {
          const { items } = await get('deployments')
          return items.every(({ spec, status }: Manifest) => (status.availableReplicas ?? 0) >= spec.replicas)
        },
        90_000,
      )
      const stateful = await get('statefulsets')
      if (overlay !== 'external') t.equal(stateful.items.length, 2)
      await until(
        'all StatefulSets are there in full, their claims bound',
        async () => {
          const { items } = await get('statefulsets')
          return items.every(({ spec, status }: Manifest) => (status.readyReplicas ?? 0) === spec.replicas)
        },
        60_000,
      )
    })

  // Pods first: a namespace that has some waits half their grace.
  const remove = async () => {
    await plane.kubectl([
      ...['delete', 'deployments,statefulsets,jobs,pods', '--all', '--timeout=60s'],
      ...NAMESPACE,
    ])
    await plane.kubectl(['delete', 'namespace', 'murmur', '--timeout=90s'])
    await plane.kubectl(['delete', 'pv', '--all', '--timeout=30s'])
    await plane.kubectl(
      ['apply', '-f', '-'],
      JSON.stringify({ apiVersion: 'v1', kind: 'List', items: volumes() }),
    )
  }
  await tryAndApply('prod')

  await t.test('a typing error and a privileged pod are refused', async (t) => {
    await t.rejects(
      apply(texts.get('prod')!.replaceAll('readinessProbe:', 'readyProbe:'), '--dry-run=server'),
      /readyProbe/,
    )
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'privileged', namespace: 'murmur' },
      spec: { containers: [{ name: 'a', image: 'a', securityContext: { privileged: true } }] },
    }
    await t.rejects(apply(JSON.stringify(pod)), /violates PodSecurity "restricted/)
  })

  await t.test('the backlog scales orchestrators from 3 to 20, evenly over the nodes', async (t) => {
    const scaler = async () => (await get('hpa', 'orchestrator')).status ?? {}
    await until('both metrics are read', async () => (await scaler()).currentMetrics?.length === 2, 60_000)
    t.equal((await get('deployment', 'orchestrator')).spec.replicas, 3)
    served.external.murmur_partition_lag_events = 100_000
    await until(
      '20 are available',
      async () => (await get('deployment', 'orchestrator')).status.availableReplicas === 20,
      240_000,
    )
    t.equal((await scaler()).desiredReplicas, 20, 'and no more')
    const counts = await podsByNode('orchestrator', get)
    t.equal(counts.size, 3)
    t.ok(
      Math.max(...counts.values()) - Math.min(...counts.values()) <= 1,
      `spread: ${[...counts.values()].join('/')}`,
    )
  })

  await t.test('an agent is scaled by its own queue and by no other', async (t) => {
    served.external['murmur_agent_work{agent=analysis}'] = 12
    await until(
      '6 of analysis',
      async () => (await get('deployment', 'analysis')).status.availableReplicas === 6,
      60_000,
    )
    t.equal((await get('deployment', 'ingest')).spec.replicas, 1)
  })

  await t.test('a new version is rolled out, and never fewer are there than may be', async (t) => {
    const seen: number[] = []
    await plane.kubectl([
      'set',
      'image',
      ...NAMESPACE,
      'deployment/orchestrator',
      'orchestrator=murmuration/orchestrator:0.2.0',
    ])
    await until(
      'all are of the new version',
      async () => {
        const { metadata, status } = await get('deployment', 'orchestrator')
        seen.push(status.availableReplicas ?? 0)
        return (
          status.observedGeneration === metadata.generation &&
          status.updatedReplicas === 20 &&
          status.replicas === 20 &&
          status.availableReplicas === 20
        )
      },
      240_000,
    )
    t.ok(
      Math.min(...seen) >= 19,
      `maxUnavailable 1: at least ${Math.min(...seen)} of 20 in ${seen.length} looks`,
    )
    const { items } = await get('pods', '-l', 'app.kubernetes.io/name=orchestrator')
    t.strictSame(
      [...new Set(items.map(({ spec }: Manifest) => spec.containers[0].image))],
      ['murmuration/orchestrator:0.2.0'],
    )
  })

  await t.test('of two evictions the budget lets one happen', async (t) => {
    // What replaces the first finds no node, so it stays away.
    await plane.kubectl(['cordon', 'node-0', 'node-1', 'node-2'])
    const { items } = await get('pods', '-l', 'app.kubernetes.io/name=nats')
    const evict = ({ metadata: { name, namespace } }: Manifest) =>
      plane.kubectl(
        ['create', '--raw', `/api/v1/namespaces/${namespace}/pods/${name}/eviction`, '-f', '-'],
        JSON.stringify({ apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace } }),
      )
    await until(
      'the budget is known',
      async () => (await get('pdb', 'nats')).status.disruptionsAllowed === 1,
      30_000,
    )
    await t.resolves(evict(items[0]))
    await t.rejects(evict(items[1]), /would violate the pod's disruption budget/)
    await plane.kubectl(['uncordon', 'node-0', 'node-1', 'node-2'])
  })

  served.external = {}
  for (const overlay of overlays.filter((name) => name !== 'prod')) {
    await remove()
    await tryAndApply(overlay)
  }
}

async function podsByNode(
  name: string,
  get: (...what: string[]) => Promise<Manifest>,
): Promise<Map<string, number>> {
  const { items } = await get('pods', '-l', `app.kubernetes.io/name=${name}`)
  const counts = new Map<string, number>()
  for (const { spec } of items) counts.set(spec.nodeName, (counts.get(spec.nodeName) ?? 0) + 1)
  return counts
}

/** Three nodes in three zones, with GPUs, and volumes for the claims. */
function machines(): Manifest[] {
  const nodes = [0, 1, 2].map((i) => ({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name: `node-${i}`,
      labels: {
        'kubernetes.io/hostname': `node-${i}`,
        'topology.kubernetes.io/zone': `zone-${i}`,
        'nvidia.com/gpu.present': 'true',
      },
    },
  }))
  return [...nodes, ...volumes()]
}

function volumes(): Manifest[] {
  return ['10Gi', '50Gi', '50Gi', '50Gi'].map((storage, i) => ({
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name: `volume-${i}` },
    spec: { capacity: { storage }, accessModes: ['ReadWriteOnce'], hostPath: { path: `/nowhere/${i}` } },
  }))
}

/** The definitions of the Gateway API and KEDA, out of their modules; false where they can't be had. */
async function applyDefinitions(t: Test, plane: ControlPlane): Promise<boolean> {
  try {
    for (const { module, folder } of CRDS) {
      const { Dir } = JSON.parse(
        execFileSync('go', ['mod', 'download', '-json', module], { cwd: tmpdir(), encoding: 'utf8' }),
      ) as { Dir: string }
      const files = readdirSync(join(Dir, folder)).filter((file) =>
        /^(gateway\.networking\.k8s\.io_|keda\.sh_scaledobjects)/.test(file),
      )
      await plane.kubectl([
        'apply',
        '--server-side',
        ...files.flatMap((file) => ['-f', join(Dir, folder, file)]),
      ])
    }
    await plane.kubectl(['wait', '--for=condition=Established', 'crd', '--all', '--timeout=30s'])
    return true
  } catch (error) {
    t.comment(`overlays ha and keda are left out: ${String(error)}`)
    return false
  }
}

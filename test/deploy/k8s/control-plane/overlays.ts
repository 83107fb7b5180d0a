import type { Test } from 'tap'
import { until } from '../../../support/until.ts'
import type { Manifest } from '../manifests.ts'
import { parseManifests } from '../render.ts'
import { listOf, volumes } from './nodes.ts'
import type { Sources } from './scaling.ts'
import type { World } from './world.ts'

export interface Rendered {
  /** The text of each overlay. */
  texts: ReadonlyMap<string, string>
  secrets: Manifest[]
}

/** What is particular about an overlay is looked at on the server, beside what is the same for all. */
const PARTICULARS: Record<string, (t: Test, world: World, sources: Sources) => Promise<void>> = {
  dev: async (t, world) => {
    t.equal((await world.get('statefulsets', 'nats')).spec.replicas, 1)
    t.strictSame(await world.list('scalers'), [], 'nothing is scaled')
  },
  external: async (t, world) => {
    t.strictSame(
      (await world.list('statefulsets')).map(({ metadata }) => metadata.name),
      ['capture'],
    )
    t.equal((await world.list('scalers')).length, 11)
  },
  gpu: proveGpus,
  ha: async (t, world) => {
    await Promise.all([world.whenAvailable('orchestrator', 6), world.whenAvailable('edge', 3)])
    t.strictSame([...(await world.podsByNode('orchestrator')).values()], [2, 2, 2], 'two in each zone')
    t.strictSame([...(await world.podsByNode('edge')).values()], [1, 1, 1])
    const routes = '/apis/gateway.networking.k8s.io/v1/namespaces/murmur'
    for (const kind of ['gateways', 'httproutes', 'grpcroutes'])
      t.equal((await world.plane.api.get(`${routes}/${kind}`)).items.length, 1, kind)
  },
  keda: async (t, world) => {
    t.strictSame(await world.list('scalers'), [], 'no HPA object beside ScaledObjects')
    const { items } = await world.plane.api.get('/apis/keda.sh/v1alpha1/namespaces/murmur/scaledobjects')
    t.equal(items.length, 11)
  },
}

/** On nodes with a GPU there is one detector a GPU, and nothing else; detectors that find none wait. */
async function proveGpus(t: Test, world: World, { metrics }: Sources): Promise<void> {
  await world.whenAvailable('detection', 1)
  t.strictSame([...(await world.podsByNode('detection')).keys()], ['node-gpu'])
  const onGpuNode = await world.plane.api.get('/api/v1/pods?fieldSelector=spec.nodeName=node-gpu')
  t.equal(onGpuNode.items.length, 1, 'and nothing else is there')
  // Frames that a detector let go, more each second: two GPUs are there for those who then come.
  const skipping = setInterval(
    () => metrics.counter('murmur_frames_skipped_total').labels().inc(200),
    1000,
  ).unref()
  try {
    await until(
      'a third detector is wanted',
      async () => (await world.get('deployments', 'detection')).spec.replicas >= 3,
      120_000,
    )
    await until(
      'two have a GPU, and the others wait for one',
      async () => {
        const pods = await world.pods('detection')
        const placed = pods.filter(({ spec }) => spec.nodeName !== undefined)
        return placed.length === 2 && pods.length > 2
      },
      30_000,
    )
    t.strictSame([...new Set((await world.podsByNode('detection')).keys())].sort(), ['node-gpu', undefined])
  } finally {
    clearInterval(skipping)
  }
}

export async function proveOverlay(
  t: Test,
  world: World,
  overlay: string,
  about: Rendered & { sources: Sources },
): Promise<void> {
  const text = about.texts.get(overlay)!
  await t.test(`the overlay ${overlay} is taken by the API server, tried and applied`, async (t) => {
    const manifests = parseManifests(text)
    const namespace = manifests.find(({ kind }) => kind === 'Namespace')!
    await world.apply(JSON.stringify(namespace))
    const tried = await world.apply(text, '--dry-run=server')
    t.equal(tried.trim().split('\n').length, manifests.length)
    t.notMatch(tried, /Warning/)
    await world.apply(listOf(about.secrets))
    await world.apply(text)
    const deployments = manifests.filter(({ kind }) => kind === 'Deployment')
    t.equal((await world.list('deployments')).length, deployments.length)
    await world.whenComplete()
    await proveStorage(t, world)
    await until(
      'the Job has ended well',
      async () => (await world.get('jobs', 'provision')).status?.succeeded === 1,
      60_000,
    )
    await PARTICULARS[overlay]?.(t, world, about.sources)
  })
}

/** Every claim is bound, to a volume that is as large as it asks for. */
export async function proveStorage(t: Test, world: World): Promise<void> {
  let told: { wanted: string[]; bound: string[] } = { wanted: [], bound: [] }
  // Captures become as many as their scaler asks for after they are complete as one.
  const isBound = async () => {
    const [sets, claims] = await Promise.all([world.list('statefulsets'), world.list('claims')])
    const wanted = sets.flatMap(({ metadata, spec }) =>
      (spec.volumeClaimTemplates as Manifest[]).flatMap((claim) =>
        Array.from({ length: spec.replicas }, (_, i) => `${claim.metadata.name}-${metadata.name}-${i}`),
      ),
    )
    const bound = claims.filter(({ status }) => status.phase === 'Bound')
    told = { wanted: wanted.sort(), bound: bound.map(({ metadata }) => metadata.name).sort() }
    return claims.length === wanted.length && bound.length === wanted.length
  }
  await until('every claim is bound', isBound, 60_000)
  t.strictSame(told.bound, told.wanted)
}

/** The namespace is empty and gone, and its volumes can be claimed again. Pods first: a namespace that has some waits half their grace. */
export async function clear({ plane }: World): Promise<void> {
  await plane.kubectl([
    ...['delete', 'deployments,statefulsets,jobs,pods', '-n', 'murmur'],
    ...['--all', '--timeout=60s', '--ignore-not-found'],
  ])
  await plane.kubectl(['delete', 'namespace', 'murmur', '--timeout=90s', '--ignore-not-found'])
  await renewVolumes(plane)
}

export async function renewVolumes(plane: World['plane']): Promise<void> {
  await plane.kubectl(['delete', 'pv', '--all', '--timeout=30s'])
  await plane.kubectl(['apply', '-f', '-'], listOf(volumes()))
}

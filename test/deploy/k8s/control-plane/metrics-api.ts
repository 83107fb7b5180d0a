import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:https'
import { join } from 'node:path'
import type { Manifest } from '../policy.ts'
import type { ControlPlane } from './start.ts'

/** What the stand-in tells the controllers: they ask for it as they would ask metrics-server and prometheus-adapter. */
export interface Served {
  /** Processor time of each pod, in thousandths of a core. */
  cpuMillis: number
  /** External metrics, by name; 0 where nothing is said. */
  external: Record<string, number>
}

/** The APIs metrics.k8s.io and external.metrics.k8s.io, registered with the API server. */
export async function serveMetrics(plane: ControlPlane, folder: string, served: Served) {
  const read = (file: string) => readFileSync(join(folder, file))
  const server = createServer(
    { key: read('metrics.key'), cert: read('metrics.crt') },
    (request, response) => {
      void answer(new URL(request.url ?? '/', 'https://localhost'), plane, served).then(
        (body) => response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body)),
        () => response.writeHead(404).end(),
      )
    },
  )
  server.listen(0, 'localhost')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  const registered = ['metrics.k8s.io', 'external.metrics.k8s.io'].map((group) => ({
    apiVersion: 'apiregistration.k8s.io/v1',
    kind: 'APIService',
    metadata: { name: `v1beta1.${group}` },
    spec: {
      group,
      version: 'v1beta1',
      insecureSkipTLSVerify: true,
      groupPriorityMinimum: 100,
      versionPriority: 100,
      service: { name: 'metrics', namespace: 'kube-system', port },
    },
  }))
  const service = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'metrics', namespace: 'kube-system' },
    spec: { type: 'ExternalName', externalName: 'localhost', ports: [{ port }] },
  }
  await plane.kubectl(
    ['apply', '-f', '-'],
    JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [service, ...registered] }),
  )
  return {
    async stop() {
      server.closeAllConnections()
      await once(server.close(), 'close')
    },
  }
}

async function answer(url: URL, plane: ControlPlane, served: Served): Promise<Manifest> {
  const timestamp = new Date().toISOString()
  const [, , group, version, , namespace, name] = url.pathname.split('/')
  const groupVersion = `${group}/${version}`
  if (namespace === undefined || name === undefined) {
    const kind = group === 'metrics.k8s.io' ? 'PodMetrics' : 'ExternalMetricValueList'
    const resources = [
      {
        name: group === 'metrics.k8s.io' ? 'pods' : 'murmur_agent_work',
        namespaced: true,
        kind,
        verbs: ['get', 'list'],
        singularName: '',
      },
    ]
    return { kind: 'APIResourceList', apiVersion: 'v1', groupVersion, resources }
  }
  const selector = url.searchParams.get('labelSelector') ?? ''
  if (group === 'external.metrics.k8s.io') {
    const value = String(served.external[selector === '' ? name : `${name}{${selector}}`] ?? 0)
    const items = [{ metricName: name, metricLabels: {}, timestamp, value }]
    return { kind: 'ExternalMetricValueList', apiVersion: groupVersion, metadata: {}, items }
  }
  const pods = JSON.parse(
    await plane.kubectl(['get', 'pods', '-n', namespace, '-l', selector, '-o', 'json']),
  ) as { items: Manifest[] }
  const items = pods.items.map(({ metadata, spec }) => ({
    metadata: { name: metadata.name, namespace, labels: metadata.labels },
    timestamp,
    window: '10s',
    containers: spec.containers.map((container: Manifest) => ({
      name: container.name,
      usage: { cpu: `${served.cpuMillis}m`, memory: '100Mi' },
    })),
  }))
  return { kind: 'PodMetricsList', apiVersion: groupVersion, metadata: {}, items }
}

import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:https'
import { join } from 'node:path'
import type { Manifest } from '../manifests.ts'
import { listOf } from './nodes.ts'
import type { ControlPlane } from './start.ts'

const GROUP = 'metrics.k8s.io'
const GROUP_VERSION = `${GROUP}/v1beta1`
const DISCOVERY = {
  kind: 'APIResourceList',
  apiVersion: 'v1',
  groupVersion: GROUP_VERSION,
  resources: [
    { name: 'pods', singularName: '', namespaced: true, kind: 'PodMetrics', verbs: ['get', 'list'] },
  ],
}

/** Processor time of each pod of a workload, in thousandths of a core, by its name; `other` for all others. */
export type CpuMillis = Map<string, number>

/** Tells the API server who answers for a group of its API: a server on this machine. */
export async function registerApi(plane: ControlPlane, group: string, port: number): Promise<void> {
  const name = group.replaceAll('.', '-')
  const service = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: 'kube-system' },
    spec: { type: 'ExternalName', externalName: 'localhost', ports: [{ port }] },
  }
  const registered = {
    apiVersion: 'apiregistration.k8s.io/v1',
    kind: 'APIService',
    metadata: { name: `v1beta1.${group}` },
    spec: {
      group,
      version: 'v1beta1',
      insecureSkipTLSVerify: true,
      groupPriorityMinimum: 100,
      versionPriority: 100,
      service: { name, namespace: 'kube-system', port },
    },
  }
  await plane.kubectl(['apply', '-f', '-'], listOf([service, registered]))
}

/** metrics.k8s.io, as metrics-server has it: what kubelets measure, and there are none here. */
export async function servePodMetrics(plane: ControlPlane, folder: string, cpu: CpuMillis) {
  const read = (file: string) => readFileSync(join(folder, file))
  const server = createServer(
    { key: read('metrics.key'), cert: read('metrics.crt') },
    (request, response) => {
      void answer(new URL(request.url ?? '/', 'https://localhost'), plane, cpu).then(
        (body) => response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body)),
        () => response.writeHead(404).end(),
      )
    },
  )
  server.listen(0, 'localhost')
  await once(server, 'listening')
  await registerApi(plane, GROUP, (server.address() as { port: number }).port)
  return {
    async stop() {
      server.closeAllConnections()
      await once(server.close(), 'close')
    },
  }
}

async function answer(url: URL, { api }: ControlPlane, cpu: CpuMillis): Promise<Manifest> {
  const [, , , , , namespace] = url.pathname.split('/')
  if (namespace === undefined) return DISCOVERY
  const selector = encodeURIComponent(url.searchParams.get('labelSelector') ?? '')
  const pods = await api.get(`/api/v1/namespaces/${namespace}/pods?labelSelector=${selector}`)
  const timestamp = new Date().toISOString()
  const items = pods.items.map(({ metadata, spec }: Manifest) => {
    const millis = cpu.get(metadata.labels['app.kubernetes.io/name']) ?? cpu.get('other') ?? 0
    return {
      metadata: { name: metadata.name, namespace, labels: metadata.labels },
      timestamp,
      window: '10s',
      containers: spec.containers.map((container: Manifest) => ({
        name: container.name,
        usage: { cpu: `${millis}m`, memory: '100Mi' },
      })),
    }
  })
  return { kind: 'PodMetricsList', apiVersion: GROUP_VERSION, metadata: {}, items }
}

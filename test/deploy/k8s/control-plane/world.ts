import { until } from '../../../support/until.ts'
import type { Manifest } from '../manifests.ts'
import type { ControlPlane } from './start.ts'

const PATHS = {
  deployments: '/apis/apps/v1/namespaces/murmur/deployments',
  statefulsets: '/apis/apps/v1/namespaces/murmur/statefulsets',
  pods: '/api/v1/namespaces/murmur/pods',
  claims: '/api/v1/namespaces/murmur/persistentvolumeclaims',
  scalers: '/apis/autoscaling/v2/namespaces/murmur/horizontalpodautoscalers',
  budgets: '/apis/policy/v1/namespaces/murmur/poddisruptionbudgets',
  jobs: '/apis/batch/v1/namespaces/murmur/jobs',
} as const
export type Kind = keyof typeof PATHS

/** What is in the namespace of a control plane, looked at and waited for. */
export class World {
  readonly plane: ControlPlane

  constructor(plane: ControlPlane) {
    this.plane = plane
  }

  get(kind: Kind, name: string): Promise<Manifest> {
    return this.plane.api.get(`${PATHS[kind]}/${name}`)
  }

  /** @param workload only what has its label */
  async list(kind: Kind, workload?: string): Promise<Manifest[]> {
    const selector = workload === undefined ? '' : `?labelSelector=app.kubernetes.io/name=${workload}`
    const { items } = await this.plane.api.get(`${PATHS[kind]}${selector}`)
    return items
  }

  /** Server-side, every field known to the schema of the server, admission included. @returns what kubectl said of each object */
  apply(text: string, ...more: string[]): Promise<string> {
    return this.plane.kubectl(['apply', '--server-side', '--validate=strict', ...more, '-f', '-'], text)
  }

  async evict({ metadata: { name, namespace } }: Manifest): Promise<{ status: number; message: string }> {
    const body = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace } }
    const answer = await this.plane.api.send('POST', `${PATHS.pods}/${name}/eviction`, body)
    return { status: answer.status, message: answer.body.message ?? '' }
  }

  patch(kind: Kind, name: string, change: Manifest): Promise<{ status: number; body: Manifest }> {
    return this.plane.api.send('PATCH', `${PATHS[kind]}/${name}`, change, 'application/merge-patch+json')
  }

  async whenAvailable(deployment: string, replicas: number, timeoutMs = 120_000): Promise<void> {
    await until(
      `${replicas} of ${deployment} are available`,
      async () => {
        const { spec, status } = await this.get('deployments', deployment)
        return spec.replicas === replicas && (status.availableReplicas ?? 0) === replicas
      },
      timeoutMs,
    )
  }

  /** All Deployments and StatefulSets are there in full, in the version that was asked for. */
  async whenComplete(timeoutMs = 120_000): Promise<void> {
    const isCurrent = ({ metadata, spec, status }: Manifest) =>
      status.observedGeneration === metadata.generation &&
      (status.updatedReplicas ?? 0) === spec.replicas &&
      (status.replicas ?? 0) === spec.replicas
    let missing: string[] = []
    await until(
      'all Deployments and StatefulSets are there in full',
      async () => {
        const [deployments, sets] = await Promise.all([this.list('deployments'), this.list('statefulsets')])
        const unavailable = deployments.filter(
          (one) => !isCurrent(one) || one.status.availableReplicas !== one.spec.replicas,
        )
        const unready = sets.filter(
          (one) => !isCurrent(one) || one.status.readyReplicas !== one.spec.replicas,
        )
        missing = [...unavailable, ...unready].map(({ metadata }) => metadata.name)
        return missing.length === 0
      },
      timeoutMs,
    ).catch((error: Error) => {
      throw new Error(`${error.message}: not ${missing.join(', ')}`)
    })
  }

  /** Pods of a workload, those that go left out. */
  async pods(workload: string): Promise<Manifest[]> {
    const all = await this.list('pods', workload)
    return all.filter(({ metadata }) => metadata.deletionTimestamp === undefined)
  }

  /** How many pods of a workload are on each node; those that wait for one under `undefined`. */
  async podsByNode(workload: string): Promise<Map<string | undefined, number>> {
    const counts = new Map<string | undefined, number>()
    for (const { spec } of await this.pods(workload))
      counts.set(spec.nodeName, (counts.get(spec.nodeName) ?? 0) + 1)
    return counts
  }

  /** Counts at every change how many pods of a workload are ready and stay. The count begins with the pods that are there. */
  async watchReady(workload: string): Promise<ReadyWatch> {
    const ready = new Map<string, boolean>()
    const seen = { least: Number.POSITIVE_INFINITY, most: 0, changes: 0 }
    const order: string[] = []
    const isReady = ({ metadata, status }: Manifest) =>
      metadata.deletionTimestamp === undefined &&
      (status.conditions ?? []).some(({ type, status }: Manifest) => type === 'Ready' && status === 'True')
    const path = `${PATHS.pods}?labelSelector=app.kubernetes.io/name=${workload}`
    const { items, metadata } = await this.plane.api.get(path)
    for (const pod of items as Manifest[]) ready.set(pod.metadata.name, isReady(pod))
    const count = () => [...ready.values()].filter(Boolean).length
    const note = () => {
      seen.least = Math.min(seen.least, count())
      seen.most = Math.max(seen.most, ready.size)
      seen.changes += 1
    }
    note()
    const stop = this.plane.api.watch(
      `${path}&resourceVersion=${metadata.resourceVersion}`,
      (type, object) => {
        const { name } = object.metadata
        const was = ready.get(name)
        if (type === 'DELETED') ready.delete(name)
        else ready.set(name, isReady(object))
        if (was === true && ready.get(name) !== true) order.push(name)
        note()
      },
    )
    return { seen, order, stop }
  }
}

export interface ReadyWatch {
  /** Fewest that were ready, and most that were there at all, at any change. */
  readonly seen: { least: number; most: number; changes: number }
  /** Which stopped being ready, one after another. */
  readonly order: string[]
  stop(): void
}

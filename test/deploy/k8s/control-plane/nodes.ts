import type { Manifest } from '../manifests.ts'

const ZONE = 'topology.kubernetes.io/zone'
const HOST = 'kubernetes.io/hostname'

/** The taint of a node that only pods of the test of preemption go to. */
export const TIGHT = { key: 'test', value: 'tight', effect: 'NoSchedule' } as const

/** Three nodes in three zones, one with GPUs that is tainted as such nodes are, and one that tests fill up. */
export function nodes(): Manifest[] {
  const node = (name: string, zone: string, labels: Record<string, string> = {}, taints: object[] = []) => ({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels: { [HOST]: name, [ZONE]: zone, ...labels } },
    spec: { taints },
  })
  const gpu = { key: 'nvidia.com/gpu', value: 'present', effect: 'NoSchedule' }
  return [
    node('node-0', 'zone-0'),
    node('node-1', 'zone-1'),
    node('node-2', 'zone-2'),
    node('node-gpu', 'zone-0', { 'nvidia.com/gpu.present': 'true' }, [gpu]),
    node('node-tight', 'zone-0', { test: 'tight' }, [TIGHT]),
  ]
}

/** A volume for each claim. */
export function volumes(): Manifest[] {
  return ['10Gi', '50Gi', '50Gi', '50Gi', '100Gi', '100Gi', '100Gi'].map((storage, i) => ({
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name: `volume-${i}` },
    spec: { capacity: { storage }, accessModes: ['ReadWriteOnce'], hostPath: { path: `/nowhere/${i}` } },
  }))
}

export const listOf = (items: Manifest[]) => JSON.stringify({ apiVersion: 'v1', kind: 'List', items })

import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'
import { isExecutable } from '../../../../deploy/local/servers/find-binary.ts'

export const KUBERNETES_VERSION = 'v1.37.2'

/** What is built of the sources of Kubernetes. */
export const COMPONENTS = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler'] as const

/** With its version: those of distributions are older than what the watches of this Kubernetes need. */
export const ETCD = 'etcd-v3.6.7'

/** What Go builds: the control plane, kwok, which stands in for kubelets, and what serves external metrics. */
export const PROGRAMS = [ETCD, ...COMPONENTS, 'kwok', 'prometheus-adapter'] as const

/** Where they are built to, once for each version. */
export function programFolder(): string {
  return join(
    process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'),
    'murmur-k8s',
    KUBERNETES_VERSION,
    'bin',
  )
}

/** The path of a program: in the cache, or on PATH. */
export function findProgram(name: string): string | undefined {
  const folders = [programFolder(), ...(process.env.PATH ?? '').split(delimiter)]
  return folders.map((folder) => join(folder, name)).find(isExecutable)
}

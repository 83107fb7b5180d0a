import { type Manifest, selects } from './manifests.ts'

/** Somebody who connects, or is connected to: a pod, with its namespace, or an address outside the cluster. */
export interface Peer {
  name: string
  namespace?: string
  labels?: Record<string, string>
  /** IPv4, of what is no pod. */
  address?: string
}

/** Whether NetworkPolicy objects of the namespace `murmur` let one open a connection to a port of another, as Kubernetes defines them. Pure. */
export function isAllowed(policies: readonly Manifest[], from: Peer, to: Peer, port: number): boolean {
  return (
    isAllowedFor(policies, 'Egress', { pod: from, other: to, port }) &&
    isAllowedFor(policies, 'Ingress', { pod: to, other: from, port })
  )
}

function isAllowedFor(
  policies: readonly Manifest[],
  direction: 'Ingress' | 'Egress',
  { pod, other, port }: { pod: Peer; other: Peer; port: number },
): boolean {
  // Only pods of the namespace are bound.
  if (pod.namespace !== 'murmur') return true
  const bound = policies.filter(
    ({ spec }) => spec.policyTypes.includes(direction) && selects(spec.podSelector, pod.labels ?? {}),
  )
  if (bound.length === 0) return true
  return bound.some(({ spec }) =>
    ((direction === 'Ingress' ? spec.ingress : spec.egress) ?? []).some((rule: Manifest) => {
      const peers: Manifest[] | undefined = direction === 'Ingress' ? rule.from : rule.to
      return (
        (rule.ports === undefined || rule.ports.some((one: Manifest) => one.port === port)) &&
        (peers === undefined || peers.some((peer) => takes(peer, other)))
      )
    }),
  )
}

function takes({ podSelector, namespaceSelector, ipBlock }: Manifest, other: Peer): boolean {
  if (ipBlock)
    return (
      other.address !== undefined &&
      isWithin(other.address, ipBlock.cidr) &&
      !(ipBlock.except ?? []).some((cidr: string) => isWithin(other.address!, cidr))
    )
  if (other.namespace === undefined) return false
  const isOfNamespace = namespaceSelector
    ? selects(namespaceSelector, { 'kubernetes.io/metadata.name': other.namespace })
    : other.namespace === 'murmur'
  return isOfNamespace && selects(podSelector ?? {}, other.labels ?? {})
}

function isWithin(address: string, cidr: string): boolean {
  const [network = '', bits = '32'] = cidr.split('/')
  const mask = bits === '0' ? 0 : (-1 << (32 - Number(bits))) >>> 0
  return (toNumber(address) & mask) >>> 0 === (toNumber(network) & mask) >>> 0
}

function toNumber(address: string): number {
  return address.split('.').reduce((sum, part) => (sum * 256 + Number(part)) >>> 0, 0)
}

/** Which workload opens connections to which, and at which port: all that are needed. */
export const FLOWS: readonly (readonly [from: string, to: string, port: number])[] = [
  ...[
    ...['orchestrator', 'edge', 'provision', 'ingest', 'analysis', 'synthesis', 'api-caller', 'capture'],
    ...['tracking', 'rules-replay', 'alerting', 'detection'],
  ].map((from) => [from, 'nats', 4222] as const),
  ...['orchestrator', 'tracking', 'alerting'].map((from) => [from, 'redis', 6379] as const),
  ['nats', 'nats', 6222],
]

/** Those that work does not need: an edge counts in Redis where requests of tenants are limited, and figures of Redis are for those who look. */
export const OPTIONAL_FLOWS: typeof FLOWS = [
  ['edge', 'redis', 6379],
  ['redis-exporter', 'redis', 6379],
]

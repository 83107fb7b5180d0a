import type { LoadOptions } from '../options.ts'
import type { Target } from './target.ts'

/** A deployment that somebody else runs: nothing of it is started, killed or ended here. Pure. */
export function deploymentTarget(edge: string, { grpc, key }: Pick<LoadOptions, 'grpc' | 'key'>): Target {
  const restUrl = edge.replace(/\/$/, '')
  const { host, protocol } = new URL(restUrl)
  const grpcTls = protocol === 'https:'
  return {
    address: { restUrl, key, ...(grpc !== undefined && { grpc, grpcTls }) },
    about: { kind: 'deployment', about: host },
    close: async () => undefined,
  }
}

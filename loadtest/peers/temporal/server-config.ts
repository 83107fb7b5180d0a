export interface TemporalPorts {
  readonly frontend: number
  readonly history: number
  readonly matching: number
  readonly worker: number
  /** For each service one, for the membership. */
  readonly membership: readonly [number, number, number, number]
}

/** So many as its charts for Kubernetes have. */
export const HISTORY_SHARDS = 512

/** The configuration of a server with all services in one process, on PostgreSQL. JSON is YAML. Pure. */
export function temporalConfig(ports: TemporalPorts, postgresPort: number): string {
  const database = (databaseName: string, maxConns: number) => ({
    sql: {
      pluginName: 'postgres12',
      databaseName,
      connectAddr: `127.0.0.1:${postgresPort}`,
      connectProtocol: 'tcp',
      user: 'postgres',
      password: '',
      maxConns,
      maxIdleConns: maxConns,
      maxConnLifetime: '1h',
    },
  })
  const service = (grpcPort: number, membershipPort: number) => ({
    rpc: { grpcPort, membershipPort, bindOnIP: '127.0.0.1' },
  })
  const [frontend, history, matching, worker] = ports.membership
  return JSON.stringify({
    log: { stdout: true, level: 'error' },
    persistence: {
      defaultStore: 'default',
      visibilityStore: 'visibility',
      numHistoryShards: HISTORY_SHARDS,
      datastores: { default: database('temporal', 20), visibility: database('temporal_visibility', 10) },
    },
    global: { membership: { maxJoinDuration: '30s', broadcastAddress: '127.0.0.1' } },
    services: {
      frontend: service(ports.frontend, frontend),
      history: service(ports.history, history),
      matching: service(ports.matching, matching),
      worker: service(ports.worker, worker),
    },
    clusterMetadata: {
      enableGlobalNamespace: false,
      failoverVersionIncrement: 10,
      masterClusterName: 'active',
      currentClusterName: 'active',
      clusterInformation: {
        active: {
          enabled: true,
          initialFailoverVersion: 1,
          rpcName: 'frontend',
          rpcAddress: `127.0.0.1:${ports.frontend}`,
        },
      },
    },
    dcRedirectionPolicy: { policy: 'noop' },
    archival: { history: { state: 'disabled' }, visibility: { state: 'disabled' } },
    publicClient: { hostPort: `127.0.0.1:${ports.frontend}` },
  })
}

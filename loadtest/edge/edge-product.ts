import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { LocalServers } from '../../deploy/local/servers/start-servers.ts'
import { serviceNodeOptions } from '../../deploy/local/stack/service-spec.ts'
import type { ReadyMessage } from '../../services/platform/lifecycle/run-main.ts'
import { ended, ready } from '../bench/service-process.ts'

/** The product with its transports, each service a process of its own, as it is run. */
export interface EdgeProduct {
  restPort: number
  grpcPort: number
  edgePid: number
  stop(): Promise<void>
}

const MAINS = {
  orchestrator: '../../services/orchestrator/main.ts',
  agents: '../bench/noop-agents.ts',
  edge: '../../services/edge/main.ts',
} as const

/** Tasks of three steps that can wait in the log, a GiB of storage: docs/capacity.md has 70,000 with 10. With a fifth to spare. */
const TASKS_A_GIB = 5_500
/** What the services take without being told otherwise. */
const MIN_STORAGE_GIB = 8

/**
 * With tracing on, at the ratio that is the default, into a collector that listens at `otlpEndpoint`.
 * @param tasks how many will wait at the same time: beyond the log's room they would be refused, which is not what is measured
 */
export async function startEdgeProduct(
  servers: LocalServers,
  { otlpEndpoint, tasks }: { otlpEndpoint: string; tasks: number },
): Promise<EdgeProduct> {
  const env = {
    ...process.env,
    MURMUR_NATS_URL: servers.natsUrl,
    MURMUR_REDIS_URL: servers.redisUrl,
    MURMUR_LOG_LEVEL: 'warn',
    MURMUR_STORAGE_GIB: String(Math.max(MIN_STORAGE_GIB, Math.ceil(tasks / TASKS_A_GIB))),
    // All of them wait for an hour here, which may be more than the default lets in.
    MURMUR_MAX_ACTIVE_TASKS: '0',
    OTEL_EXPORTER_OTLP_ENDPOINT: otlpEndpoint,
  }
  const start = (path: string) => {
    const file = fileURLToPath(new URL(path, import.meta.url))
    return fork(file, {
      env,
      execArgv: serviceNodeOptions(file),
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    })
  }
  const children = [start(MAINS.orchestrator), start(MAINS.agents), start(MAINS.edge)]
  const [, , edge] = await Promise.all(children.map((child) => ready<ReadyMessage>(child)))
  const { restPort, grpcPort } = edge!.facts
  return {
    restPort: Number(restPort),
    grpcPort: Number(grpcPort),
    edgePid: children[2]!.pid!,
    async stop() {
      await Promise.all(children.map(ended))
    },
  }
}

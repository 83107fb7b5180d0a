import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { LocalServers } from '../../deploy/local/servers/start-servers.ts'
import { serviceNodeOptions } from '../../deploy/local/stack/service-spec.ts'
import { Bus } from '../../services/platform/nats/bus.ts'
import { ended, ready } from '../bench/service-process.ts'

/** An orchestrator and the paced agents, as processes. */
export interface OverloadProduct {
  bus: Bus
  /** Handlers that an agent type has begun since the start. */
  begun: (agent: string) => number
  stop(): Promise<void>
}

export async function startOverloadProduct(servers: LocalServers): Promise<OverloadProduct> {
  const env = {
    ...process.env,
    MURMUR_NATS_URL: servers.natsUrl,
    MURMUR_REDIS_URL: servers.redisUrl,
    MURMUR_LOG_LEVEL: 'error',
    MURMUR_STORAGE_GIB: '4',
  }
  const start = (path: string) => {
    const file = fileURLToPath(new URL(path, import.meta.url))
    return fork(file, {
      env,
      execArgv: serviceNodeOptions(file),
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    })
  }
  const children = [start('../../services/orchestrator/main.ts'), start('./paced-agents.ts')] as const
  const begun = new Map<string, number>()
  children[1].on('message', (message: { kind: string; agent?: string }) => {
    if (message.kind === 'began') begun.set(message.agent!, (begun.get(message.agent!) ?? 0) + 1)
  })
  await Promise.all(children.map((child) => ready(child)))
  const bus = await Bus.connect({ url: servers.natsUrl, name: 'overload' })
  return {
    bus,
    begun: (agent) => begun.get(agent) ?? 0,
    async stop() {
      await bus.close()
      await Promise.all(children.map(ended))
    },
  }
}

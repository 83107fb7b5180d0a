import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { BUILT_IN_AGENTS, startLocalStack } from '../../../deploy/local/stack.ts'
import type { Target } from './target.ts'

const LOAD_AGENTS_MAIN = fileURLToPath(new URL('../agents/load-agents.ts', import.meta.url))
const ORCHESTRATORS = 2
/** All users come from one address and with one credential, which an edge has less room for. */
const ROOM = { MURMUR_EDGE_CONNECTIONS_PER_ADDRESS: '5000', MURMUR_EDGE_REQUESTS_PER_CREDENTIAL: '5000' }

/**
 * A stack of its own on this machine, as `npm start` has it: NATS, Redis, two orchestrators, the edge, the agents of reports and of video,
 * and beside them agents that do nothing, fail or hang. Its data go when it is closed.
 * @param report takes one line about what is up and what goes wrong
 */
export async function startLocalTarget(report: (line: string) => void): Promise<Target> {
  const home = mkdtempSync(join(tmpdir(), 'murmur-load-'))
  const { MURMUR_NATS_URL: _nats, MURMUR_REDIS_URL: _redis, ...env } = process.env
  try {
    const stack = await startLocalStack({
      home,
      report,
      orchestrators: ORCHESTRATORS,
      agentMains: [...BUILT_IN_AGENTS, LOAD_AGENTS_MAIN],
      env: { MURMUR_LOG_LEVEL: 'warn', ...ROOM, ...env },
    })
    const edge = stack.services.find(({ name }) => name === 'edge')!
    const names = stack.services.map(({ name }) => name)
    return {
      address: { restUrl: edge.restUrl!, grpc: edge.grpcUrl! },
      about: { kind: 'local', about: `NATS, Redis, ${names.join(', ')}` },
      kill(service) {
        const pid = stack.services.find(({ name }) => name === service)?.pid ?? 0
        if (pid === 0) return false
        process.kill(pid, 'SIGKILL')
        return true
      },
      async close() {
        await stack.stop()
        rmSync(home, { recursive: true, force: true })
      },
    }
  } catch (error) {
    rmSync(home, { recursive: true, force: true })
    throw error
  }
}

import { readFileSync } from 'node:fs'
import { startServers } from '../../../deploy/local/servers/start-servers.ts'
import type { Peer } from '../harness/peer.ts'
import { nodeProgram, PeerStack } from '../harness/peer-stack.ts'

/** Three queues in a row, and a fourth one that the client reads. */
export const bullmq: Peer = {
  name: 'bullmq',
  title: 'BullMQ',
  about: {
    durability: 'Redis (append-only file, every second; `noeviction`), 100 jobs at a time a queue',
    recoveryByDefault: '`lockDuration` 30 s, `stalledInterval` 30 s',
    recoveryTuned: '`lockDuration` 4 s, `stalledInterval` 1 s',
    step: 'a job for a worker in Node (other languages by ports of the library)',
    continuation: 'goes on after the last step that is done; a job that stalls twice has failed',
    state: 'state, attempts and data of each job, not of the chain; events',
    checks: 'none',
    attempts: 'retries by job; no time limit of a job',
    plans: 'parents that wait for children (flows); chains are code',
  },
  install: async () => `bullmq ${version()}`,
  start: ({ dir, tuning, report }) =>
    PeerStack.start(dir, async (stack) => {
      const servers = await startServers({ dataDir: dir, report })
      stack.add(
        () => servers.stop(),
        () => servers.redisPid,
      )
      const env = { PEER_REDIS_URL: servers.redisUrl, ...(tuning === 'tuned' && { PEER_LOCK_MS: '4000' }) }
      const here = import.meta.dirname
      return { client: nodeProgram(here, 'client.ts', env), worker: nodeProgram(here, 'worker.ts', env) }
    }),
}

function version(): string {
  const file = new URL('../../../node_modules/bullmq/package.json', import.meta.url)
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version
}

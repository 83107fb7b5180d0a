import { startServers } from '../../../deploy/local/servers/start-servers.ts'
import type { Peer } from '../harness/peer.ts'
import { nodeProgram, PeerStack } from '../harness/peer-stack.ts'

/** Three work queues of JetStream in a row: what it costs without an orchestrator that remembers anything. */
export const naive: Peer = {
  name: 'naive',
  title: 'Naive JetStream chain',
  about: {
    durability:
      'NATS (file storage, written to the disk every 2 s); awaited publishes, acknowledged after the next message is stored; a router beside the worker',
    recoveryByDefault: '`ack_wait` 30 s',
    recoveryTuned: '`ack_wait` 4 s, and "still working" four times a second',
    step: 'a message to a worker, in any language',
    continuation:
      'goes on after the last step that is done; a step may run twice at a time, both results go on',
    state: 'none',
    checks: 'none',
    attempts: 'redelivered for ever; no time limit of a task',
    plans: 'none: the chain is code',
  },
  install: async () => 'the NATS of this checkout',
  start: ({ dir, tuning, report }) =>
    PeerStack.start(dir, async (stack) => {
      const servers = await startServers({ dataDir: dir, report, nats: { syncInterval: '2s' } })
      stack.add(
        () => servers.stop(),
        () => servers.natsPid,
      )
      const env = {
        PEER_NATS_URL: servers.natsUrl,
        ...(tuning === 'tuned' && { PEER_ACK_WAIT_MS: '4000' }),
      }
      const here = import.meta.dirname
      await stack.addProcess(nodeProgram(here, 'router.ts', env))
      return { client: nodeProgram(here, 'client.ts', env), worker: nodeProgram(here, 'worker.ts', env) }
    }),
}

import { fork } from 'node:child_process'
import { join } from 'node:path'
import { startServers } from '../../../deploy/local/servers/start-servers.ts'
import { serviceNodeOptions } from '../../../deploy/local/stack/service-spec.ts'
import { ended, ready } from '../../bench/service-process.ts'
import type { Peer, PeerAbout, RunningPeer, StartOptions } from '../harness/peer.ts'
import { nodeProgram, PeerStack } from '../harness/peer-stack.ts'

const ORCHESTRATOR = join(import.meta.dirname, '../../../services/orchestrator/main.ts')
const ABOUT: Omit<PeerAbout, 'durability'> = {
  recoveryByDefault:
    'the broker gives steps to another worker after 4 s without a word from the one that has them; there they run one after the other, as one of them may have killed it',
  recoveryTuned: undefined,
  step: 'a message to a worker, in any language',
  continuation: 'goes on after the last step that is done; late results of a dead attempt are refused',
  state: 'state, steps, attempts, outputs and times of each task, live events, history',
  checks: 'the plan, its inputs and sizes; what each agent takes and gives, against its schemas',
  attempts: 'yes, by agent and step; a step that kills its workers is given up',
  plans: 'declared as data: branches, conditions, lists, loops, waiting, compensation',
}

/** This system, as it is run by `npm start`, without a collector for traces. */
export const murmuration: Peer = {
  name: 'murmuration',
  title: 'Murmuration',
  about: {
    ...ABOUT,
    durability:
      'NATS (file storage, written to the disk every 2 s), Redis (append-only file, every second); one orchestrator',
  },
  install: async () => 'this checkout',
  start: (options) => start(options, '2s'),
}

/** The same, as durable against the loss of power as a database. */
export const murmurationFlushed: Peer = {
  ...murmuration,
  name: 'murmuration-flushed',
  title: 'Murmuration, flushed',
  about: {
    ...ABOUT,
    durability: 'the same with `sync_interval: always`: NATS writes to the disk before it answers',
  },
  start: (options) => start(options, 'always'),
}

function start({ dir, report }: StartOptions, syncInterval: string): Promise<RunningPeer> {
  return PeerStack.start(dir, async (stack) => {
    const servers = await startServers({ dataDir: dir, report, nats: { syncInterval } })
    stack.add(
      () => servers.stop(),
      () => servers.natsPid,
      () => servers.redisPid,
    )
    const env = {
      MURMUR_NATS_URL: servers.natsUrl,
      MURMUR_REDIS_URL: servers.redisUrl,
      MURMUR_LOG_LEVEL: 'warn',
      MURMUR_STORAGE_GIB: '8',
      // As every service of a stack is started.
      NODE_OPTIONS: serviceNodeOptions(ORCHESTRATOR).join(' '),
    }
    const orchestrator = fork(ORCHESTRATOR, {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    })
    stack.add(
      () => ended(orchestrator),
      () => orchestrator.pid,
    )
    await ready(orchestrator, 'the orchestrator')
    const here = import.meta.dirname
    return { client: nodeProgram(here, 'client.ts', env), worker: nodeProgram(here, 'worker.ts', env) }
  })
}

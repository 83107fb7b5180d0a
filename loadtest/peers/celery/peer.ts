import { readFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { startServers } from '../../../deploy/local/servers/start-servers.ts'
import { installPythonPeer } from '../harness/install.ts'
import type { Peer } from '../harness/peer.ts'
import { type PeerProgram, PeerStack } from '../harness/peer-stack.ts'

let folder: string | undefined

/** Chains of three tasks over Redis; worker and client are Python. */
export const celery: Peer = {
  name: 'celery',
  title: 'Celery',
  about: {
    durability:
      'Redis (append-only file, every second) as broker and for results; `acks_late`, `reject_on_worker_lost`, one task prefetched a process, a process a core (eight for the recovery)',
    recoveryByDefault: '`visibility_timeout` 1 h',
    recoveryTuned: '`visibility_timeout` 4 s, looked after every second: a task that takes longer runs twice',
    step: 'a message to a worker in Python (other languages by ports of the protocol)',
    continuation:
      'goes on after the last step that is done; a step may run twice at a time, both results go on',
    state: 'state and result of each step by its id, not of the chain; events',
    checks: 'of arguments, where pydantic is asked for',
    attempts: 'retries in code; time limits by task',
    plans: 'chains, groups, chords',
  },
  async install(report) {
    folder = await installPythonPeer('celery', report)
    const version = /^celery==(.*)$/m.exec(readFileSync(join(folder, 'requirements.txt'), 'utf8'))?.[1]
    return `celery ${version}`
  },
  start: ({ dir, tuning, slots, report }) =>
    PeerStack.start(dir, async (stack) => {
      const servers = await startServers({ dataDir: dir, report })
      stack.add(
        () => servers.stop(),
        () => servers.redisPid,
      )
      const env = {
        PEER_REDIS_URL: servers.redisUrl,
        PYTHONUNBUFFERED: '1',
        ...(tuning === 'tuned' && { PEER_VISIBILITY_SECONDS: '4' }),
      }
      const python = (script: string, ...args: string[]): PeerProgram => ({
        name: script,
        program: join(folder!, 'venv/bin/python'),
        args: [join(folder!, script), ...args],
        cwd: folder!,
        env,
      })
      return {
        client: python('client.py'),
        worker: python('worker.py', String(Math.max(slots, cpus().length))),
      }
    }),
}

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePort } from '../harness/free-port.ts'
import { installNpmPeer } from '../harness/install.ts'
import type { Peer } from '../harness/peer.ts'
import { nodeProgram, PeerStack } from '../harness/peer-stack.ts'
import { createDatabase, findPostgres, POSTGRES_DURABILITY, startPostgres } from '../harness/postgres.ts'

let folder: string | undefined

/** A library: the application that has the workflows is the worker, and PostgreSQL the only server. */
export const dbos: Peer = {
  name: 'dbos',
  title: 'DBOS',
  about: {
    durability: `${POSTGRES_DURABILITY}; the result of each step is one`,
    recoveryByDefault:
      'workflows of an executor go on when it starts again; another one takes them with the Conductor only',
    recoveryTuned: undefined,
    step: 'a function in the process that has the workflow (`runStep`)',
    continuation: 'goes on after the last step that is done, from its checkpoints',
    state: 'state and steps of each workflow, by SQL and library',
    checks: 'none (by decorators, with a schema)',
    attempts: 'retries by step; a time limit by workflow',
    plans: 'code, replayed: branches, loops, waiting, queues',
  },
  async install(report) {
    const postgres = await findPostgres()
    folder = await installNpmPeer('dbos', report)
    const file = join(folder, 'node_modules/@dbos-inc/dbos-sdk/package.json')
    return `DBOS Transact ${(JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version} for TypeScript, ${postgres}`
  },
  start: ({ dir }) =>
    PeerStack.start(dir, async (stack) => {
      const postgres = await startPostgres(dir)
      stack.add(postgres.stop, () => postgres.pid)
      await createDatabase(postgres, 'dbos')
      const port = await freePort()
      const env = {
        PEER_DATABASE_URL: `${postgres.url}/dbos`,
        PEER_PORT: String(port),
        PEER_URL: `http://127.0.0.1:${port}`,
        NODE_ENV: 'production',
      }
      return {
        client: nodeProgram(folder!, 'client.mjs', env),
        worker: nodeProgram(folder!, 'worker.mjs', env),
      }
    }),
}

import { execFile } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { startManaged } from '../../../deploy/local/servers/managed-server.ts'
import { awaitReady, ServerProcess } from '../../../deploy/local/servers/server-process.ts'
import { installGoPrograms, installNpmPeer } from '../harness/install.ts'
import type { Peer } from '../harness/peer.ts'
import { nodeProgram, PeerStack } from '../harness/peer-stack.ts'
import {
  createDatabase,
  findPostgres,
  POSTGRES_DURABILITY,
  type Postgres,
  startPostgres,
} from '../harness/postgres.ts'
import { HISTORY_SHARDS, temporalConfig } from './server-config.ts'

const execute = promisify(execFile)
const SERVER = {
  module: 'go.temporal.io/server',
  version: 'v1.32.1',
  packages: { server: 'cmd/server', sql: 'cmd/tools/sql' },
}
const BUNDLE_TIMEOUT_MS = 120_000
let folder: string | undefined
let programs: string | undefined

/** All services of a Temporal server in one process, on PostgreSQL; a workflow with three activities. */
export const temporal: Peer = {
  name: 'temporal',
  title: 'Temporal',
  about: {
    durability: `${POSTGRES_DURABILITY}; one server with all services, ${HISTORY_SHARDS} shards, limits by default`,
    recoveryByDefault: '`startToCloseTimeout` has to be set: 1 min, as in its samples; workflow tasks 10 s',
    recoveryTuned:
      '`heartbeatTimeout` 4 s, heartbeats four times a second, first retry after 0.1 s, sticky queue 1 s',
    step: 'an activity: a task for a worker, in the languages of its SDKs',
    continuation:
      'goes on after the last step that is done, from the history; late results of a dead attempt are refused',
    state: 'state and history of each workflow, by queries, UI and CLI',
    checks: 'none',
    attempts: 'yes, by activity: four kinds of time limits, heartbeats',
    plans: 'code, replayed: branches, loops, waiting, signals, children, schedules',
  },
  async install(report) {
    const postgres = await findPostgres()
    programs = await installGoPrograms('temporal', SERVER, report)
    folder = await installNpmPeer('temporal', report)
    await execute(process.execPath, [join(folder, 'bundle.mjs')], { cwd: folder, timeout: BUNDLE_TIMEOUT_MS })
    const file = join(folder, 'node_modules/@temporalio/worker/package.json')
    const { version } = JSON.parse(readFileSync(file, 'utf8')) as { version: string }
    return `temporal-server ${SERVER.version.slice(1)}, SDK ${version} for TypeScript, ${postgres}`
  },
  start: ({ dir, tuning }) =>
    PeerStack.start(dir, async (stack) => {
      const postgres = await startPostgres(dir)
      stack.add(postgres.stop, () => postgres.pid)
      await makeSchema(postgres, 'temporal', 'temporal')
      await makeSchema(postgres, 'temporal_visibility', 'visibility')
      const configFile = join(dir, 'temporal.yaml')
      const managed = await startManaged(
        {
          name: 'temporal-server',
          portCount: 8,
          async launch(ports, onSpawn) {
            const [frontend, history, matching, worker, ...membership] = ports as [
              number,
              number,
              number,
              number,
              number,
              number,
              number,
              number,
            ]
            writeFileSync(
              configFile,
              temporalConfig({ frontend, history, matching, worker, membership }, postgres.port),
            )
            const server = await ServerProcess.spawn({
              program: join(programs!, 'server'),
              args: ['--config-file', configFile, '--allow-no-auth', 'start'],
              logFile: join(dir, 'temporal.log'),
            })
            stack.add(
              () => server.stop(),
              () => server.pid,
            )
            onSpawn(server)
            const answers = async () => ((await accepts(frontend)) ? 'ready' : undefined)
            return { version: await awaitReady('temporal-server', server, answers) }
          },
        },
        () => {},
      )
      const env = {
        PEER_ADDRESS: `127.0.0.1:${managed.ports[0]}`,
        NODE_ENV: 'production',
        ...(tuning === 'tuned' && { PEER_IS_TUNED: '1' }),
      }
      return {
        client: nodeProgram(folder!, 'client.mjs', env),
        worker: nodeProgram(folder!, 'worker.mjs', env),
      }
    }),
}

async function makeSchema(postgres: Postgres, database: string, schema: string): Promise<void> {
  await createDatabase(postgres, database)
  const connection = [
    '--ep',
    '127.0.0.1',
    '-p',
    String(postgres.port),
    '-u',
    'postgres',
    '--pl',
    'postgres12',
    '--db',
    database,
  ]
  const tool = (...args: string[]) => execute(join(programs!, 'sql'), [...connection, ...args])
  await tool('setup-schema', '-v', '0.0')
  await tool('update-schema', '--schema-name', `postgresql/v12/${schema}`)
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}

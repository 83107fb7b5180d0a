import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { startManaged } from '../../../deploy/local/servers/managed-server.ts'
import { awaitReady, ServerProcess } from '../../../deploy/local/servers/server-process.ts'
import { installNpmPeer } from '../harness/install.ts'
import { type Peer, PeerMissing } from '../harness/peer.ts'
import { nodeProgram, PeerStack } from '../harness/peer-stack.ts'

let folder: string | undefined

/** One node of Restate with everything that its server is, and a service with three steps. */
export const restate: Peer = {
  name: 'restate',
  title: 'Restate',
  about: {
    durability:
      'one node, defaults (replicated log with one copy, fsync on): each step is on the disk before the next begins',
    recoveryByDefault: 'the connection to the worker is broken: asked again after 0.5 s, then 1 s, 2 s …',
    recoveryTuned: undefined,
    step: 'a function in the process that has the workflow (`ctx.run`)',
    continuation: 'goes on after the last step that is done, from the journal; a late attempt is refused',
    state: 'state and journal of each invocation, by SQL and UI',
    checks: 'inputs of handlers, where a schema is given',
    attempts: 'retries by handler and step; limits on silence',
    plans: 'code, replayed: branches, loops, waiting, signals',
  },
  async install(report) {
    folder = await installNpmPeer('restate', report)
    const version = (name: string) => versionIn(join(folder!, 'node_modules', name))
    if (serverProgram() === undefined)
      throw new PeerMissing(`no server for ${process.platform} ${process.arch}`)
    return `restate-server ${version('@restatedev/restate-server')}, SDK ${version('@restatedev/restate-sdk')} for TypeScript`
  },
  start: ({ dir }) =>
    PeerStack.start(dir, async (stack) => {
      const program = serverProgram()!
      const managed = await startManaged(
        {
          name: 'restate-server',
          // Ingress, admin, between nodes, and the worker's own.
          portCount: 4,
          async launch([ingress, admin, node], onSpawn) {
            const server = await ServerProcess.spawn({
              program,
              args: ['--no-logo', '--base-dir', join(dir, 'data'), '--node-name', 'bench'],
              env: {
                RESTATE_LISTEN_MODE: 'tcp',
                RESTATE_BIND_ADDRESS: `127.0.0.1:${node}`,
                RESTATE_ADVERTISED_ADDRESS: `http://127.0.0.1:${node}`,
                RESTATE_INGRESS__BIND_ADDRESS: `127.0.0.1:${ingress}`,
                RESTATE_ADMIN__BIND_ADDRESS: `127.0.0.1:${admin}`,
                RESTATE_DISABLE_TELEMETRY: 'true',
                RESTATE_LOG_FILTER: 'warn',
              },
              logFile: join(dir, 'restate.log'),
            })
            stack.add(
              () => server.stop(),
              () => server.pid,
            )
            onSpawn(server)
            const answers = async () =>
              (await isHealthy(`http://127.0.0.1:${admin}/health`)) &&
              (await isHealthy(`http://127.0.0.1:${ingress}/restate/health`))
                ? 'ready'
                : undefined
            return { version: await awaitReady('restate-server', server, answers) }
          },
        },
        () => {},
      )
      const [ingress, admin, , port] = managed.ports
      const env = {
        PEER_INGRESS_URL: `http://127.0.0.1:${ingress}`,
        PEER_ADMIN_URL: `http://127.0.0.1:${admin}`,
        PEER_PORT: String(port),
        NODE_ENV: 'production',
      }
      return {
        client: nodeProgram(folder!, 'client.mjs', env),
        worker: nodeProgram(folder!, 'worker.mjs', env),
      }
    }),
}

function serverProgram(): string | undefined {
  const name = `@restatedev/restate-server-${process.platform}-${process.arch}`
  const path = join(folder!, 'node_modules', name, 'bin/restate-server')
  try {
    readFileSync(join(folder!, 'node_modules', name, 'package.json'))
    return path
  } catch {
    return undefined
  }
}

function versionIn(packageFolder: string): string {
  return (JSON.parse(readFileSync(join(packageFolder, 'package.json'), 'utf8')) as { version: string })
    .version
}

function isHealthy(url: string): Promise<boolean> {
  return fetch(url, { signal: AbortSignal.timeout(1000) }).then(
    ({ ok }) => ok,
    () => false,
  )
}

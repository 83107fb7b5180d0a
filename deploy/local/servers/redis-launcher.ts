import { join } from 'node:path'
import { SetupError } from '../setup-error.ts'
import { writePrivately } from './data-folder.ts'
import type { Launcher } from './managed-server.ts'
import { makePrivateFolder } from './private-files.ts'
import { probeRedis, redisInfo } from './probe-servers.ts'
import { awaitReady, ServerProcess } from './server-process.ts'
import { libraryEnvironment, type ServerBinary } from './server-source.ts'
import type { ServerUsers } from './server-users.ts'

export interface RedisSettings {
  /** How often the append-only file reaches the disk; what is lost with it is folded from the log again. */
  appendFsync?: 'always' | 'everysec' | 'no'
}

interface Folders {
  dataDir: string
  logDir: string
}

/** redis-server or valkey-server with an append-only file, on loopback. */
export function redisLauncher(
  binary: ServerBinary,
  folders: Folders,
  settings: RedisSettings = {},
  users?: ServerUsers,
): Launcher {
  const configFile = join(folders.dataDir, 'redis.conf')
  const dir = join(folders.dataDir, 'redis')
  return {
    name: 'redis-server',
    portCount: 1,
    async launch(ports, onSpawn) {
      const [port] = ports as [number]
      makePrivateFolder(dir)
      writePrivately(configFile, redisConfig(port, dir, settings, users))
      const server = await ServerProcess.spawn({
        program: binary.path,
        args: [configFile],
        env: libraryEnvironment(binary),
        logFile: join(folders.logDir, 'redis-server.log'),
      })
      onSpawn(server)
      // Another server may have the port: it answers with another pid.
      const ask = async () => {
        const answer = await probeRedis({ host: '127.0.0.1', port }, users?.probe)
        return answer?.pid === server.pid ? answer.version : undefined
      }
      const version = await awaitReady('redis-server', server, ask)
      await refuseHalfLoaded(server, { port, dir, users })
      return { version }
    },
  }
}

/**
 * A server that refuses commands of its own append-only file comes up all the same, without what they wrote. It is ended at once:
 * the file still has everything, and nothing is to be written on top of the rest.
 * @throws SetupError DATA_NOT_LOADED
 */
async function refuseHalfLoaded(
  server: ServerProcess,
  { port, dir, users }: { port: number; dir: string; users: ServerUsers | undefined },
): Promise<void> {
  const stats = await redisInfo({ host: '127.0.0.1', port }, 'stats', users?.probe)
  // Counts the errors that replies to the append-only file (or to a master, which there is none of) would have told.
  const refused = Number(stats?.get('unexpected_error_replies') ?? 0)
  if (refused === 0) return
  await server.kill('SIGKILL')
  throw new SetupError(
    'DATA_NOT_LOADED',
    `Redis refused ${refused} commands of its own append-only file, so a part of the data would be missing. From its log:\n${refusalIn(server.logTail())}`,
    `Nothing was changed. Mend what the log names; or move ${dir} away: what tasks need of it is read from NATS again, alerts and their history are not.`,
  )
}

/** They are all alike: one says what is wrong. */
function refusalIn(log: string): string {
  const lines = log.split('\n').filter((line) => line.includes('AOF-loading-client'))
  return (lines.at(-1) ?? log).slice(0, 1000)
}

function redisConfig(port: number, dir: string, settings: RedisSettings, users?: ServerUsers): string {
  return `# Written by startServers; edits are lost.
bind 127.0.0.1
port ${port}
dir ${JSON.stringify(dir)}
appendonly yes
appendfsync ${settings.appendFsync ?? 'everysec'}
# The last command may be torn when the machine has lost its power: what is whole is loaded.
aof-load-truncated yes
# States are not a cache: when memory is short, writes must fail rather than keys vanish.
maxmemory-policy noeviction
save ""
${users ? `${users.redisLines}\n` : ''}`
}

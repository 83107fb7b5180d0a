import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { writePrivately } from './data-folder.ts'
import type { Launcher } from './managed-server.ts'
import { makePrivateFolder } from './private-files.ts'
import { probeNats } from './probe-servers.ts'
import { awaitReady, ServerProcess } from './server-process.ts'
import { isAtLeast, libraryEnvironment, type ServerBinary } from './server-source.ts'
import type { ServerUsers } from './server-users.ts'
import { adoptStreams } from './stream-account.ts'

export interface NatsSettings {
  /**
   * When JetStream flushes to the disk: an interval (`2s`, the default) or `always`, before each acknowledgement.
   * A killed server loses nothing either way, the system still holds what it wrote; with one replica only
   * `always` keeps what was acknowledged through a power cut, at the price of a disk flush a message.
   */
  syncInterval?: string
  maxPayloadBytes?: number
  /** The most that memory streams may hold. */
  maxMemoryBytes?: number
  /** The most that file streams may hold; a bound, not a reservation. */
  maxFileBytes?: number
}

interface Folders {
  dataDir: string
  logDir: string
}

const MIB = 1024 * 1024
const DEFAULTS: Required<NatsSettings> = {
  syncInterval: '2s',
  maxPayloadBytes: MIB,
  maxMemoryBytes: 512 * MIB,
  maxFileBytes: 64 * 1024 * MIB,
}

/** nats-server with JetStream on loopback; the ports are the clients' and the monitor's. */
export function natsLauncher(
  binary: ServerBinary,
  folders: Folders,
  settings: NatsSettings = {},
  users?: Pick<ServerUsers, 'natsLines'>,
): Launcher {
  const configFile = join(folders.dataDir, 'nats.conf')
  return {
    name: 'nats-server',
    portCount: 2,
    async launch(ports, onSpawn) {
      const serverName = `murmur-local-${randomUUID()}`
      makePrivateFolder(join(folders.dataDir, 'nats'))
      if (users) adoptStreams(join(folders.dataDir, 'nats'))
      writePrivately(configFile, natsConfig({ serverName, ports, binary, folders, settings, users }))
      const server = await ServerProcess.spawn({
        program: binary.path,
        args: ['-c', configFile],
        env: libraryEnvironment(binary),
        logFile: join(folders.logDir, 'nats-server.log'),
      })
      onSpawn(server)
      const [port] = ports as [number, number]
      // Another server may have the port: it answers under another name.
      const ask = async () => {
        const answer = await probeNats({ host: '127.0.0.1', port })
        return answer?.name === serverName ? answer.version : undefined
      }
      return { version: await awaitReady('nats-server', server, ask) }
    },
  }
}

function natsConfig(of: {
  serverName: string
  ports: number[]
  binary: ServerBinary
  folders: Folders
  settings: NatsSettings
  users: Pick<ServerUsers, 'natsLines'> | undefined
}): string {
  const [port, monitorPort] = of.ports
  const settings = { ...DEFAULTS, ...of.settings }
  // Before 2.10 the option is unknown and the server would refuse the file; it then flushes every 2 minutes.
  const sync = isAtLeast(of.binary.version, '2.10') ? `sync_interval: ${settings.syncInterval}` : ''
  return `# Written by startServers; edits are lost.
server_name: ${of.serverName}
listen: "127.0.0.1:${port}"
http: "127.0.0.1:${monitorPort}"
max_payload: ${settings.maxPayloadBytes}
jetstream {
  store_dir: ${JSON.stringify(join(of.folders.dataDir, 'nats'))}
  max_memory_store: ${settings.maxMemoryBytes}
  max_file_store: ${settings.maxFileBytes}
  ${sync}
}
${of.users?.natsLines ?? ''}`
}

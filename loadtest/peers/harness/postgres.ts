import { execFile, execFileSync } from 'node:child_process'
import { chmodSync, chownSync, mkdirSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { findOnPath, isExecutable, versionOf } from '../../../deploy/local/servers/find-binary.ts'
import { startManaged } from '../../../deploy/local/servers/managed-server.ts'
import { awaitReady, ServerProcess } from '../../../deploy/local/servers/server-process.ts'
import { PeerMissing } from './peer.ts'

const execute = promisify(execFile)
const DEBIAN = '/usr/lib/postgresql'
const MAX_CONNECTIONS = 200

export interface Postgres {
  readonly port: number
  /** Of a user that may do everything, without a database: `postgresql://…:PORT`. */
  readonly url: string
  readonly pid: number
  readonly version: string
  stop(): Promise<void>
}

/** What every peer on PostgreSQL is run with. */
export const POSTGRES_DURABILITY =
  'PostgreSQL with fsync and synchronous_commit on, as they are by default: each commit is on the disk'

/** @returns its version @throws PeerMissing */
export async function findPostgres(): Promise<string> {
  const bin = programsFolder()
  const version = bin && (await versionOf(join(bin, 'postgres')))
  if (!version) throw new PeerMissing('no PostgreSQL on this machine (Debian: apt-get install postgresql)')
  return `PostgreSQL ${version}`
}

/** A PostgreSQL of its own on loopback, as another user where this process is root, which it refuses to be. */
export async function startPostgres(dir: string): Promise<Postgres> {
  const bin = programsFolder()!
  const user = serverUser()
  const data = join(dir, 'postgres')
  mkdirSync(data, { recursive: true, mode: 0o700 })
  if (user) {
    chownSync(data, user.uid, user.gid)
    chmodSync(dir, 0o711)
  }
  await execute(
    join(bin, 'initdb'),
    ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C.UTF-8'],
    { cwd: data, ...user },
  )
  let server: ServerProcess | undefined
  const managed = await startManaged(
    {
      name: 'postgres',
      portCount: 1,
      async launch([port], onSpawn) {
        server = await ServerProcess.spawn({
          program: join(bin, 'postgres'),
          args: [
            ...['-D', data, '-p', String(port), '-h', '127.0.0.1', '-k', ''],
            ...['-c', `max_connections=${MAX_CONNECTIONS}`],
          ],
          logFile: join(dir, 'postgres.log'),
          ...(user && { user }),
        })
        onSpawn(server)
        const answers = async () =>
          (await isReady(bin, port!)) ? await versionOf(join(bin, 'postgres')) : undefined
        return { version: await awaitReady('postgres', server, answers) }
      },
    },
    () => {},
  )
  const [port] = managed.ports as [number]
  return {
    port,
    url: `postgresql://postgres@127.0.0.1:${port}`,
    pid: server!.pid,
    version: managed.version,
    stop: () => server!.stop(),
  }
}

export async function createDatabase(postgres: Postgres, name: string): Promise<void> {
  await execute(join(programsFolder()!, 'createdb'), [
    '-h',
    '127.0.0.1',
    '-p',
    String(postgres.port),
    '-U',
    'postgres',
    name,
  ])
}

async function isReady(bin: string, port: number): Promise<boolean> {
  return execute(join(bin, 'pg_isready'), ['-q', '-h', '127.0.0.1', '-p', String(port)]).then(
    () => true,
    () => false,
  )
}

/** Debian keeps them in a folder for each version; elsewhere they are on the PATH. */
function programsFolder(): string | undefined {
  const versions = folders(DEBIAN).toSorted((a, b) => Number(b) - Number(a))
  const debian = versions.map((version) => join(DEBIAN, version, 'bin'))
  const onPath = findOnPath(['initdb'])
  return [...debian, ...(onPath ? [dirname(onPath)] : [])].find((bin) => isExecutable(join(bin, 'initdb')))
}

function folders(path: string): string[] {
  try {
    return readdirSync(path)
  } catch {
    return []
  }
}

function serverUser(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined
  const idOf = (flag: string, name: string) =>
    Number(execFileSync('id', [flag, name], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }))
  for (const name of ['postgres', 'nobody']) {
    try {
      return { uid: idOf('-u', name), gid: idOf('-g', name) }
    } catch {
      // There is no such user: the next one.
    }
  }
  return undefined
}

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Redis as Client } from 'ioredis'
import { type ManagedServer, startManaged } from '../../deploy/local/servers/managed-server.ts'
import { ServerProcess } from '../../deploy/local/servers/server-process.ts'
import { libraryEnvironment, type ServerBinary } from '../../deploy/local/servers/server-source.ts'
import { SetupError } from '../../deploy/local/setup-error.ts'
import { until } from './until.ts'

/** One server of several that belong together, as its own process with a folder of its own. */
export class RedisNode {
  readonly name: string
  readonly #server: ManagedServer
  readonly #client: Client

  private constructor(name: string, server: ManagedServer) {
    this.name = name
    this.#server = server
    this.#client = new Client(server.ports[0]!, '127.0.0.1', { lazyConnect: true, commandTimeout: 2000 })
    this.#client.on('error', () => {})
  }

  /** @param about.config the lines of its configuration, by its ports: where it serves, and one more */
  static async start(about: {
    binary: ServerBinary
    dir: string
    name: string
    config: (ports: { port: number; busPort: number; dir: string }) => string
    isSentinel?: boolean
  }): Promise<RedisNode> {
    const { binary, name, isSentinel = false } = about
    const dir = join(about.dir, name)
    mkdirSync(dir, { recursive: true })
    const file = join(dir, 'node.conf')
    let isWritten = false
    const managed = await startManaged(
      {
        name,
        portCount: 2,
        async launch([port, busPort], onSpawn) {
          // A sentinel writes what it has learnt into its file: it is not to be forgotten.
          if (!isSentinel || !isWritten)
            writeFileSync(file, about.config({ port: port!, busPort: busPort!, dir }))
          isWritten = true
          const server = await ServerProcess.spawn({
            program: binary.path,
            args: isSentinel ? [file, '--sentinel'] : [file],
            env: libraryEnvironment(binary),
            logFile: join(dir, 'node.log'),
          })
          onSpawn(server)
          await awaitPong(server, port!)
          return { version: binary.version }
        },
      },
      () => {
        isWritten = false
      },
    )
    return new RedisNode(name, managed)
  }

  get port(): number {
    return this.#server.ports[0]!
  }

  get busPort(): number {
    return this.#server.ports[1]!
  }

  get address(): string {
    return `127.0.0.1:${this.port}`
  }

  get isUp(): boolean {
    return !this.#server.current.hasEnded
  }

  /** Straight to this server, as one who may do everything. */
  get direct(): Client {
    return this.#client
  }

  kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    return this.#server.current.kill(signal)
  }

  /** With the data that it has. */
  restart(): Promise<void> {
    return this.#server.restart()
  }

  async stop(): Promise<void> {
    this.#client.disconnect()
    await this.#server.current.stop()
  }

  /** A field of what it tells about itself. */
  async info(section: string, field: string): Promise<string | undefined> {
    return new RegExp(`^${field}:(.*?)\\r?$`, 'm').exec(await this.#client.info(section))?.[1]
  }
}

async function awaitPong(server: ServerProcess, port: number): Promise<void> {
  const client = new Client(port, '127.0.0.1', { retryStrategy: () => 20, maxRetriesPerRequest: null })
  client.on('error', () => {})
  let answers = false
  client.ping().then(
    () => {
      answers = true
    },
    // Who asks for a password is there.
    (error: Error) => {
      answers = error.message.startsWith('NOAUTH')
    },
  )
  try {
    await until('it answers', () => {
      // As the ports may be taken: then others are tried.
      if (server.hasEnded)
        throw new SetupError('SERVER_FAILED_TO_START', `it ended:\n${server.logTail()}`, 'See its log.')
      return answers
    })
  } finally {
    client.disconnect()
  }
}

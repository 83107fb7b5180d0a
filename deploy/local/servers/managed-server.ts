import { randomInt } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { SetupError } from '../setup-error.ts'
import type { ServerProcess } from './server-process.ts'

/**
 * Ports are taken below the system's ephemeral range. A server on an ephemeral port that is killed may not
 * get it back: a client's outgoing connection can be given the port meanwhile, even one that reconnects to it.
 */
const FIRST_PORT = 14_000
const LAST_PORT = 29_999
const MAX_PORT_ATTEMPTS = 20
const RESTART_TIMEOUT_MS = 10_000
const RETRY_DELAY_MS = 100

const PORT_TAKEN = /address already in use/i

/** How to start one kind of server on given ports, ready to be used when the promise resolves. */
export interface Launcher {
  name: string
  portCount: number
  /** Spawns and waits until it is ready; `onSpawn` gets the process before that. */
  launch(ports: number[], onSpawn: (server: ServerProcess) => void): Promise<{ version: string }>
}

/** A server that can be killed and started again on the same ports and the same data. */
export interface ManagedServer {
  readonly ports: readonly number[]
  readonly version: string
  readonly current: ServerProcess
  /** Ends it if it runs, and starts it again where it was. */
  restart(): Promise<void>
}

/** Starts a server on ports that nobody has, as the server itself found out by binding them. */
export async function startManaged(
  launcher: Launcher,
  onSpawn: (server: ServerProcess) => void,
): Promise<ManagedServer> {
  let current: ServerProcess | undefined
  const remember = (server: ServerProcess) => {
    current = server
    onSpawn(server)
  }
  const portTaken = (error: unknown) =>
    error instanceof SetupError &&
    current !== undefined &&
    current.hasEnded &&
    PORT_TAKEN.test(current.logTail())

  for (let attempt = 0; attempt < MAX_PORT_ATTEMPTS; attempt += 1) {
    const ports = pickPorts(launcher.portCount)
    try {
      const { version } = await launcher.launch(ports, remember)
      return {
        ports,
        version,
        get current() {
          return current!
        },
        restart: async () => {
          await current!.stop()
          await relaunch(launcher, ports, remember, portTaken)
        },
      }
    } catch (error) {
      if (!portTaken(error)) throw error
    }
  }
  throw new SetupError(
    'NO_FREE_PORT',
    `${launcher.name} found no free port in ${MAX_PORT_ATTEMPTS} tries between ${FIRST_PORT} and ${LAST_PORT}.`,
    'End what listens on so many ports there.',
  )
}

/** On the old ports; when another process has one of them, that may pass. */
async function relaunch(
  launcher: Launcher,
  ports: number[],
  remember: (server: ServerProcess) => void,
  portTaken: (error: unknown) => boolean,
): Promise<void> {
  const startedAtMs = performance.now()
  for (;;) {
    try {
      await launcher.launch(ports, remember)
      return
    } catch (error) {
      if (!portTaken(error) || performance.now() - startedAtMs > RESTART_TIMEOUT_MS) throw error
      await sleep(RETRY_DELAY_MS)
    }
  }
}

function pickPorts(count: number): number[] {
  const ports = new Set<number>()
  while (ports.size < count) ports.add(randomInt(FIRST_PORT, LAST_PORT + 1))
  return [...ports]
}

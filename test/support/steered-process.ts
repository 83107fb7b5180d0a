import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import type { Test } from 'tap'
import type { LocalServers } from '../../deploy/local/servers/start-servers.ts'
import { programOf } from './program.ts'
import { serverEnv } from './services.ts'
import { until } from './until.ts'

const MAIN = programOf('test/support/steered-agent.ts')
const READY_TIMEOUT_MS = 60_000

/** A process of steered-agent.ts. */
export interface SteeredProcess {
  child: ChildProcess
  /** What it has told. */
  notes: { kind: string; taskId?: string; attempt?: number; facts?: Record<string, unknown> }[]
  has(kind: string, taskId?: string): boolean
  logged(): string
  /** In order. @returns its exit code */
  stop(): Promise<number | null>
}

/** Resolves when it is ready. It is gone when the test ends. */
export async function startSteered(
  t: Pick<Test, 'teardown'>,
  servers: LocalServers,
  env: Record<string, string> = {},
): Promise<SteeredProcess> {
  const child = fork(MAIN, {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    env: {
      ...process.env,
      ...serverEnv(servers, 'own-agents'),
      MURMUR_LOG_LEVEL: 'warn',
      MURMUR_PARENT_PID: String(process.pid),
      ...env,
    },
  })
  const end = async (signal: NodeJS.Signals) => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const exit = once(child, 'exit')
    child.kill(signal)
    await exit
  }
  t.teardown(() => end('SIGKILL'))
  let logged = ''
  child.stderr?.on('data', (chunk: Buffer) => {
    logged += chunk.toString()
  })
  const notes: SteeredProcess['notes'] = []
  child.on('message', (note: SteeredProcess['notes'][number]) => void notes.push(note))
  const has = (kind: string, taskId?: string) =>
    notes.some((note) => note.kind === kind && (taskId === undefined || note.taskId === taskId))
  await until('it is ready', () => has('ready'), READY_TIMEOUT_MS)
  return {
    child,
    notes,
    has,
    logged: () => logged,
    async stop() {
      await end('SIGTERM')
      return child.exitCode
    },
  }
}

import { type ChildProcess, fork } from 'node:child_process'
import { createWriteStream, mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { finished } from 'node:stream/promises'
import type { Test } from 'tap'
import type { LocalServers } from '../../deploy/local/servers/start-servers.ts'
import { userOfMain } from '../../deploy/local/stack/stack-users.ts'
import type { ReadyMessage } from '../../services/platform/lifecycle/run-main.ts'
import { serverEnv } from './services.ts'

const root = join(import.meta.dirname, '../..')

export interface LoggedService {
  readonly child: ChildProcess
  readonly facts: ReadyMessage['facts']
  /** Every line that it has written on standard error. */
  readonly lines: string[]
  /** Ends it; resolves when its last line is in the file. */
  stop(): Promise<void>
}

/**
 * A service whose standard error is written to a file as a container runtime does it (the format of CRI), under the path that a kubelet
 * gives it: `<folder>/<namespace>_<pod>_<uid>/<container>/0.log`.
 */
export async function startLogged(
  t: Pick<Test, 'teardown'>,
  servers: LocalServers,
  about: { main: string; folder: string; pod: string; env: Record<string, string> },
): Promise<LoggedService> {
  const { main, folder, pod, env } = about
  const path = join(folder, `murmur_${pod}-0_0a1b2c3d-0000-4000-8000-000000000000/${pod}/0.log`)
  mkdirSync(dirname(path), { recursive: true })
  const file = createWriteStream(path)
  const child = fork(join(root, main), {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    env: { ...process.env, ...serverEnv(servers, userOfMain(main)), ...env },
  })
  const lines: string[] = []
  const reader = createInterface({ input: child.stderr! })
  reader.on('line', (line) => {
    lines.push(line)
    // Nanoseconds, the stream, F for a full line.
    file.write(`${new Date().toISOString().replace('Z', '000000Z')} stderr F ${line}\n`)
  })
  const closed = new Promise<void>((resolve) => reader.once('close', resolve))
  const stop = async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM')
    await closed
    file.end()
    await finished(file)
  }
  t.teardown(stop)
  const facts = await new Promise<ReadyMessage['facts']>((resolve, reject) => {
    child.once('message', (message) => resolve((message as ReadyMessage).facts))
    child.once('exit', (code) =>
      reject(new Error(`${main} ended with ${code}: ${lines.slice(-5).join('\n')}`)),
    )
  })
  return { child, facts, lines, stop }
}

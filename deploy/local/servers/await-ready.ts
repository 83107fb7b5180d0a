import { setTimeout as sleep } from 'node:timers/promises'
import { SetupError } from '../setup-error.ts'
import type { ServerProcess } from './server-process.ts'

const POLL_MS = 25
const PATIENCE_MS = 30_000

/**
 * Asks again and again until the server answers, ends, or the time is up.
 * @param ask its version once the right server is ready, and nothing before
 * @returns the version
 * @throws SetupError SERVER_FAILED_TO_START with the end of the server's log
 */
export async function awaitReady(
  name: string,
  server: ServerProcess,
  ask: () => Promise<string | undefined>,
): Promise<string> {
  const startedAtMs = performance.now()
  while (!server.hasEnded && performance.now() - startedAtMs < PATIENCE_MS) {
    const version = await ask()
    if (version !== undefined) return version
    await Promise.race([server.ended, sleep(POLL_MS)])
  }
  const what = server.hasEnded ? 'ended before it was ready' : `was not ready after ${PATIENCE_MS / 1_000} s`
  if (!server.hasEnded) await server.kill('SIGKILL')
  throw new SetupError(
    'SERVER_FAILED_TO_START',
    `${name} ${what}. The end of its log:\n${server.logTail() || '(empty)'}`,
    'Fix what the log names, or remove the data folder to start afresh.',
  )
}

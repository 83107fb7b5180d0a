import { setTimeout as sleep } from 'node:timers/promises'

const POLL_INTERVAL_MS = 20

/**
 * Waits for a condition, looking again and again.
 * @throws Error with what was waited for, after `timeoutMs`
 */
export async function until(
  what: string,
  condition: () => boolean | Promise<boolean>,
  timeoutMs = 10_000,
): Promise<void> {
  const startedMs = performance.now()
  while (!(await condition())) {
    if (performance.now() - startedMs > timeoutMs) throw new Error(`waited ${timeoutMs} ms in vain: ${what}`)
    await sleep(POLL_INTERVAL_MS)
  }
}

import type { Clock } from '#platform/clock/clock.ts'
import type { LocalStack } from '#platform/config/local-stack.ts'
import { MurmurError, messageOf } from '#platform/errors/murmur-error.ts'
import type { Log } from '#platform/telemetry/logger.ts'

const POLL_INTERVAL_MS = 500

/**
 * Connects to a stack of this machine as soon as one runs, however long that takes; says once what it waits for.
 * @throws what `connect` throws, unless it is that nobody answers
 */
export async function awaitLocalStack<T>(
  stack: LocalStack,
  connect: (url: string) => Promise<T>,
  { clock, log }: { clock: Clock; log: Log },
): Promise<T> {
  for (let hasSaid = false; ; hasSaid = true) {
    const url = stack.natsUrl()
    const reason = url === undefined ? 'none runs' : await attempt(url)
    if (typeof reason !== 'string') return reason.connected
    if (!hasSaid)
      log.warn(
        { reason, lookedFor: stack.noteFile },
        'waiting for the stack of this machine: `npm run murmur -- dev` in the checkout starts it; MURMUR_NATS_URL names another NATS',
      )
    await clock.sleep(POLL_INTERVAL_MS)
  }

  async function attempt(url: string): Promise<{ connected: T } | string> {
    try {
      return { connected: await connect(url) }
    } catch (error) {
      // It is on its way up or down; its note is read anew.
      if (error instanceof MurmurError && error.code === 'UNAVAILABLE') return messageOf(error)
      throw error
    }
  }
}

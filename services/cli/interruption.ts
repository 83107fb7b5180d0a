import { CliError } from './cli-error.ts'
import { EXIT } from './exit-codes.ts'

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** The first signal asks the command to end in order; the second ends it at once, its children follow by themselves. */
export function listenForInterruption(): { signal: AbortSignal; end(): void } {
  const controller = new AbortController()
  const onSignal = () => {
    if (controller.signal.aborted) process.exit(EXIT.interrupted)
    controller.abort()
  }
  for (const name of SIGNALS) process.on(name, onSignal)
  return {
    signal: controller.signal,
    end: () => {
      for (const name of SIGNALS) process.off(name, onSignal)
    },
  }
}

/** Resolves when the command is asked to end. */
export function interruptionOf(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
}

/** The work's own outcome, or CliError INTERRUPTED as soon as the command is asked to end. */
export async function unlessInterrupted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const interrupted = interruptionOf(signal).then(() => {
    throw new CliError('INTERRUPTED', 'interrupted')
  })
  return Promise.race([work, interrupted])
}

/** Between two pieces of work. @throws CliError INTERRUPTED */
export function throwIfInterrupted(signal: AbortSignal): void {
  if (signal.aborted) throw new CliError('INTERRUPTED', 'interrupted')
}

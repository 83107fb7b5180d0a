import { CliError } from './cli-error.ts'
import { EXIT } from './exit-codes.ts'

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
/** After a second signal the process ends within this. Milliseconds. */
const FORCED_EXIT_TIMEOUT_MS = 1500

/** How a command learns that it is to end. */
export interface Interruption {
  /** Aborted by the first signal: end in order. */
  readonly signal: AbortSignal
  /** What is still to be done when a second signal ends the command at once. @returns a function that takes it back */
  beforeForcedExit(work: () => Promise<unknown> | undefined): () => void
  end(): void
}

/**
 * The first signal asks the command to end in order; the second ends it at once, but for what was left to be done then (a
 * third does not wait for that either). Its children follow by themselves.
 */
export function listenForInterruption(): Interruption {
  const controller = new AbortController()
  const exitTasks = new Set<() => Promise<unknown> | undefined>()
  let isLeaving = false
  const onSignal = () => {
    if (!controller.signal.aborted) return controller.abort()
    if (isLeaving) process.exit(EXIT.interrupted)
    isLeaving = true
    const leave = () => process.exit(EXIT.interrupted)
    setTimeout(leave, FORCED_EXIT_TIMEOUT_MS)
    void Promise.allSettled([...exitTasks].map(async (work) => work())).then(leave)
  }
  for (const name of SIGNALS) process.on(name, onSignal)
  return {
    signal: controller.signal,
    beforeForcedExit(work) {
      exitTasks.add(work)
      return () => exitTasks.delete(work)
    },
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

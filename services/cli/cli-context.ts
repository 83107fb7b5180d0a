import type { Clock } from '#platform/clock/clock.ts'
import type { ExitCode } from './exit-codes.ts'
import type { OutputStream, Terminal } from './output/terminal.ts'

/** What a command line has around it: that of its process, or what a test gives it. */
export interface CliSurroundings {
  readonly env: NodeJS.ProcessEnv
  /** Where the user stands. */
  readonly folder: string
  /** What `-` reads. */
  readonly input: () => NodeJS.ReadableStream
  readonly out: OutputStream
  readonly err: OutputStream
}

/** What every command is given. */
export interface CliContext {
  readonly terminal: Terminal
  readonly clock: Clock
  readonly env: NodeJS.ProcessEnv
  /** What `-` reads. */
  readonly input: () => NodeJS.ReadableStream
  /** Results as JSON. */
  readonly json: boolean
  /** From --nats. */
  readonly natsUrl: string | undefined
  /** From --edge. */
  readonly edgeUrl: string | undefined
  /** From --tenant: whose tasks and alerts, on NATS. */
  readonly tenant: string | undefined
  /** Data, logs and the note of the local stack. */
  readonly home: string
  /** Relative paths start here. */
  readonly folder: string
  /** Aborted by the first Ctrl-C or SIGTERM. */
  readonly signal: AbortSignal
  /** What is still to be done when a second one ends the command at once. @returns a function that takes it back */
  beforeForcedExit(work: () => Promise<unknown> | undefined): () => void
}

/** Runs the body of a command; without an exit code it counts as done. */
export type Run = (work: (context: CliContext) => Promise<ExitCode | undefined>) => Promise<void>

import type { CliContext } from '../cli-context.ts'
import type { ExitCode } from '../exit-codes.ts'

/** Runs the body of a command; without an exit code it counts as done. */
export type Run = (work: (context: CliContext) => Promise<ExitCode | undefined>) => Promise<void>

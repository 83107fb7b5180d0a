import { CommanderError } from 'commander'
import { MurmurError, messageOf } from '#platform/errors/murmur-error.ts'
import type { ErrorCode } from '#schemas/problem.ts'
import { SetupError } from '../../deploy/local/setup-error.ts'
import { CLI_FAULTS, CliError } from './cli-error.ts'
import { EXIT, type ExitCode, exitCodeOf } from './exit-codes.ts'
import type { Paint } from './output/paint.ts'
import { printable } from './output/terminal-text.ts'

/** Errors of the NATS client, which the object store lets through as they are: the server has gone in the meantime. */
const CONNECTION_LOST = new Set([
  'TimeoutError',
  'NoRespondersError',
  'RequestError',
  'ConnectionError',
  'ClosedConnectionError',
  'DrainingConnectionError',
])

/** Where a command line mends it in a way of its own. */
const FIXES: Partial<Record<ErrorCode, string>> = {
  UNAUTHENTICATED:
    'Set MURMUR_API_KEY, or MURMUR_API_KEY_FILE, to a key or token that is valid now, or log in with `murmur login`; `murmur keys create` makes a key.',
}

/** Any error in the one form in which commands report it. */
export interface Fault {
  exitCode: ExitCode
  code: string
  message: string
  fix: string
  /** Where it was, or what was logged. */
  details: readonly string[]
}

export function faultOf(error: unknown): Fault {
  if (error instanceof CliError) {
    const { exitCode, code, message, fix, details } = error
    return { exitCode, code, message, fix, details }
  }
  if (error instanceof MurmurError) return faultOfProblem(error)
  if (error instanceof SetupError) return faultOfSetup(error)
  if (error instanceof CommanderError) {
    const isEmpty = error.code === 'commander.help'
    const message = isEmpty ? 'a command is missing' : error.message.replace(/^error: /, '')
    return { exitCode: EXIT.usage, code: 'USAGE', message, fix: CLI_FAULTS.USAGE.fix, details: [] }
  }
  if (error instanceof Error && CONNECTION_LOST.has(error.name)) {
    const message = `the connection was lost meanwhile: ${error.message}`
    return faultOfProblem(new MurmurError('UNAVAILABLE', message, { cause: error }))
  }
  return {
    exitCode: EXIT.failed,
    code: 'INTERNAL',
    message: messageOf(error),
    fix: 'This is a fault of murmur itself: please report it with the lines above.',
    details: error instanceof Error && error.stack ? error.stack.split('\n').slice(1, 6) : [],
  }
}

/** The lines for people: details first, so that the last lines are those that help. */
export function renderFault(fault: Fault, paint: Paint): string[] {
  const [first = '', ...more] = fault.message.split('\n')
  const fixes = fault.fix.split('\n')
  return [
    ...[...more, ...fault.details].map((line) => paint.dim(`  ${printable(line.trimEnd())}`)),
    `${paint.red('✗')} ${paint.bold(fault.code)}: ${printable(first)}`,
    ...fixes.map((line, i) => `  ${i === 0 ? '→' : ' '} ${printable(line)}`),
  ]
}

function faultOfProblem(error: MurmurError): Fault {
  const { code, status, message, fix, issues } = error.toProblem()
  const details = (issues ?? []).map((issue) => `${issue.path}: ${issue.message}`)
  return { exitCode: exitCodeOf(code, status), code, message, fix: FIXES[code] ?? fix, details }
}

/** Its message ends with the fix, for places that print messages only. */
function faultOfSetup(error: SetupError): Fault {
  const { code, fix } = error
  const message = error.message.endsWith(fix) ? error.message.slice(0, -fix.length).trimEnd() : error.message
  return { exitCode: EXIT.failed, code, message, fix, details: [] }
}

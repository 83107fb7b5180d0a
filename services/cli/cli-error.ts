import { EXIT, type ExitCode } from './exit-codes.ts'

/** Faults that only a command line can have; the others come from the catalogue in `schemas/problem.ts`. */
export const CLI_FAULTS = {
  USAGE: { exitCode: EXIT.usage, fix: 'See `npx murmur --help`, or `npx murmur COMMAND --help`.' },
  FILE_UNREADABLE: { exitCode: EXIT.usage, fix: 'Name files that exist and that you may read.' },
  FILE_EXISTS: { exitCode: EXIT.conflict, fix: 'Name another file with --out, or add --force.' },
  NO_STACK: {
    exitCode: EXIT.unreachable,
    fix: 'Start one in another terminal: npx murmur dev\nOr name one: --edge URL or --nats URL, or MURMUR_EDGE_URL or MURMUR_NATS_URL.',
  },
  STACK_SILENT: {
    exitCode: EXIT.unreachable,
    fix: '`npx murmur doctor` shows what is wrong; then end that process and start again.',
  },
  TASK_FAILED: { exitCode: EXIT.failed, fix: 'Mend what the error names, then submit again.' },
  TASK_CANCELLED: { exitCode: EXIT.failed, fix: 'Submit again if it was cancelled by mistake.' },
  NOT_CAPTURED: {
    exitCode: EXIT.unreachable,
    fix: 'Try again in a moment; `npx murmur show ID` says what it waits for, `npx murmur cancel ID` ends it without a summary.',
  },
  STILL_RUNNING: {
    exitCode: EXIT.conflict,
    fix: 'Wait for its end (`npx murmur watch ID`) or cancel it first (`npx murmur cancel ID`).',
  },
  NO_LOGS: {
    exitCode: EXIT.notFound,
    fix: 'Logs are kept where the stack was started; MURMUR_HOME names another folder. Elsewhere ask the platform that runs the services.',
  },
  NO_SUMMARY: {
    exitCode: EXIT.failed,
    fix: 'The task ended without a summary: `npx murmur show ID --json` has its output.',
  },
  SOURCE_FAILED: {
    exitCode: EXIT.failed,
    fix: 'What could be read was analysed: the summary says how far. Mend the file or the stream, and run it again.',
  },
  NO_RECORDING: {
    exitCode: EXIT.notFound,
    fix: '`npx murmur recordings` shows which cameras are recorded, since when, and why one may not be.',
  },
  NO_SNAPSHOT: {
    exitCode: EXIT.notFound,
    fix: 'It is added a moment after the alert, unless the frame was gone by then; pictures are kept for as long as their monitor can be read.',
  },
  MODEL_NOT_FETCHED: {
    exitCode: EXIT.unreachable,
    fix: 'Three ways to get a model: pull it with a network that reaches the release page; fetch the file elsewhere and put it into the folder `models` of MURMUR_HOME under its name; or give a file of your own: MURMUR_MODEL=FILE.onnx.',
  },
  ONVIF_FAILED: {
    exitCode: EXIT.unreachable,
    fix: 'Check the address of the camera, and that ONVIF is on in its settings.',
  },
  SCENE_FAILED: { exitCode: EXIT.failed, fix: 'Mend what the error names, then render again.' },
  NOT_ARCHIVED: {
    exitCode: EXIT.notFound,
    fix: 'Only what ended and was written is there: look again after MURMUR_ARCHIVE_SEGMENT_MS, or name another archive with --archive.',
  },
  HISTORY_DIFFERS: {
    exitCode: EXIT.failed,
    fix: 'This version decides otherwise than the one that ran, or files were changed: docs/history.md says how to find out.',
  },
  NO_REPORT: {
    exitCode: EXIT.failed,
    fix: 'The task ended without a report: `npx murmur show ID --json` has its output.',
  },
  BACKUP_UNUSABLE: {
    exitCode: EXIT.usage,
    fix: 'Use another backup: this one is not restored in part.',
  },
  NOTHING_TO_BACK_UP: {
    exitCode: EXIT.notFound,
    fix: 'Name the NATS that Murmuration runs on, and the account of its users.',
  },
  STREAMS_EXIST: {
    exitCode: EXIT.conflict,
    fix: 'Restore to an empty NATS, or add --replace: what is in these streams is lost then.',
  },
  STACK_RUNNING: {
    exitCode: EXIT.conflict,
    fix: 'Stop orchestrators, edges and agents first; start them again when the restore is done.',
  },
  LOGIN_FAILED: {
    exitCode: EXIT.failed,
    fix: 'Run `npx murmur login` again; who runs the issuer knows what it refuses.',
  },
  INTERRUPTED: { exitCode: EXIT.interrupted, fix: 'Run the command again when you are ready.' },
} as const satisfies Record<string, { exitCode: ExitCode; fix: string }>
export type CliFaultCode = keyof typeof CLI_FAULTS

/** What kept a command from doing its work: a stable code, what was wrong, and how to mend it. */
export class CliError extends Error {
  override readonly name = 'CliError'
  readonly code: CliFaultCode
  readonly exitCode: ExitCode
  readonly fix: string
  readonly details: readonly string[]

  constructor(
    code: CliFaultCode,
    message: string,
    options: { fix?: string; details?: readonly string[]; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.exitCode = CLI_FAULTS[code].exitCode
    this.fix = options.fix ?? CLI_FAULTS[code].fix
    this.details = options.details ?? []
  }
}

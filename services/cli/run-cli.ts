import { Command, CommanderError, Option } from 'commander'
import { systemClock } from '#platform/clock/clock.ts'
import { SOFTWARE_VERSION } from '#platform/config/software-version.ts'
import { murmurHome } from '../../deploy/local/project-paths.ts'
import type { CliContext, CliSurroundings, Run } from './cli-context.ts'
import { entriesFor } from './commands/command-table.ts'
import { EXIT, type ExitCode } from './exit-codes.ts'
import { type Interruption, listenForInterruption } from './interruption.ts'
import { Terminal } from './output/terminal.ts'

const DESCRIPTION = 'Murmuration: submit tasks to AI agents, watch them, and run all of it on this machine.'
const EPILOGUE = `
Without --edge or --nats, commands go to MURMUR_EDGE_URL, else to MURMUR_NATS_URL, else to the stack that runs on this machine.
Exit codes: 0 done, 1 failed, 2 wrong usage or input, 3 not found, 4 nobody answers, 5 conflict, 130 interrupted.`

/** Runs one command line to its end. @returns the exit code; whatever went wrong was reported */
export async function runCli(argv: readonly string[], around?: CliSurroundings): Promise<ExitCode> {
  // Looked for by hand: a command line that cannot be parsed is answered in JSON as well.
  const terminal = new Terminal({ json: argv.includes('--json'), ...around })
  const interruption = listenForInterruption()
  // Else the cursor would stay hidden.
  interruption.beforeForcedExit(async () => terminal.clearLive())
  let exitCode: ExitCode = EXIT.ok
  const program = createProgram(terminal)
  try {
    await addCommands(program, argv, async (work) => {
      exitCode = (await work(await contextFor(program, terminal, interruption, around))) ?? EXIT.ok
    })
    await program.parseAsync([...argv], { from: 'user' })
    return exitCode
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return EXIT.ok
    return reportFault(error, terminal, argv.includes('--json'))
  } finally {
    interruption.end()
  }
}

/** The program without its commands. */
export function createProgram(terminal: Terminal): Command {
  return new Command('murmur')
    .description(DESCRIPTION)
    .addOption(new Option('--nats <url>', 'NATS to go to').conflicts('edge'))
    .option('--tenant <tenant>', 'whose tasks and alerts, on NATS (default: default)')
    .option('--edge <url>', 'REST of an edge to go to; MURMUR_API_KEY says who asks')
    .option('--json', 'results as JSON on standard output')
    .version(SOFTWARE_VERSION, '--version', 'print the version')
    .configureHelp({ showGlobalOptions: true })
    .addHelpText('after', EPILOGUE)
    .helpCommand(false)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.print(text.trimEnd()),
      // Faults are reported in one form, in `reportFault`.
      outputError: () => undefined,
    })
}

/** Those that the command line needs. Checks of what it gives them are loaded with them. */
async function addCommands(program: Command, argv: readonly string[], run: Run): Promise<void> {
  const entries = entriesFor(argv, program.options)
  if (entries.length === 0) return
  const { tenantOption } = await import('./commands/arguments.ts')
  program.options.find(({ long }) => long === '--tenant')?.argParser(tenantOption)
  for (const { load } of entries) (await load())(program, run)
}

async function contextFor(
  program: Command,
  terminal: Terminal,
  interruption: Interruption,
  around?: CliSurroundings,
): Promise<CliContext> {
  const { env, folder, input } = around ?? (await ofThisProcess())
  const options = program.opts<{ nats?: string; edge?: string; tenant?: string; json?: boolean }>()
  return {
    terminal,
    clock: systemClock,
    env,
    input,
    json: options.json ?? false,
    natsUrl: options.nats,
    edgeUrl: options.edge,
    tenant: options.tenant,
    home: murmurHome(env),
    folder,
    signal: interruption.signal,
    beforeForcedExit: interruption.beforeForcedExit,
  }
}

async function ofThisProcess(): Promise<Pick<CliSurroundings, 'env' | 'folder' | 'input'>> {
  const { userEnvironment, userFolder } = await import('../../deploy/local/user-environment.ts')
  return { env: userEnvironment(), folder: userFolder(), input: () => process.stdin }
}

async function reportFault(error: unknown, terminal: Terminal, json: boolean): Promise<ExitCode> {
  const { faultOf, renderFault } = await import('./fault.ts')
  const fault = faultOf(error)
  if (json) terminal.printJson({ error: fault })
  else terminal.log(...renderFault(fault, terminal.paint))
  return fault.exitCode
}

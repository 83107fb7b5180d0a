import { Command, CommanderError, Option } from 'commander'
import { systemClock } from '#platform/clock/clock.ts'
import { tenantSchema } from '#schemas/identifiers.ts'
import { murmurHome } from '../../deploy/local/project-paths.ts'
import { userFolder } from '../../deploy/local/user-environment.ts'
import type { CliContext } from './cli-context.ts'
import { addAbsent } from './commands/absent.ts'
import { addAgents } from './commands/agents.ts'
import { addAlerts } from './commands/alerts.ts'
import { checkedBy } from './commands/arguments.ts'
import { addArtifacts } from './commands/artifacts.ts'
import { addCancel } from './commands/cancel.ts'
import { addCompletion } from './commands/completion.ts'
import { addDev } from './commands/dev.ts'
import { addDlq } from './commands/dlq.ts'
import { addDoctor } from './commands/doctor.ts'
import { addInit } from './commands/init.ts'
import { addKeys } from './commands/keys.ts'
import { addList } from './commands/list.ts'
import { addLogs } from './commands/logs.ts'
import { addModels } from './commands/models.ts'
import { addMonitor } from './commands/monitor.ts'
import { addPlan } from './commands/plan.ts'
import { addReport } from './commands/report.ts'
import { addRerun } from './commands/rerun.ts'
import type { Run } from './commands/run.ts'
import { addScene } from './commands/scene.ts'
import { addShow } from './commands/show.ts'
import { addStart } from './commands/start.ts'
import { addStop } from './commands/stop.ts'
import { addSubmit } from './commands/submit.ts'
import { addTop } from './commands/top.ts'
import { addTransfers } from './commands/transfers.ts'
import { addWatch } from './commands/watch.ts'
import { EXIT, type ExitCode } from './exit-codes.ts'
import { faultOf, renderFault } from './fault.ts'
import { type Interruption, listenForInterruption } from './interruption.ts'
import { Terminal } from './output/terminal.ts'

const DESCRIPTION = 'Murmuration: submit tasks to AI agents, watch them, and run all of it on this machine.'
const EPILOGUE = `
Without --edge or --nats, commands go to MURMUR_EDGE_URL, else to MURMUR_NATS_URL, else to the stack that runs on this machine.
Exit codes: 0 done, 1 failed, 2 wrong usage or input, 3 not found, 4 nobody answers, 5 conflict, 130 interrupted.`

/** Runs one command line to its end. @returns the exit code; whatever goes wrong was told */
export async function runCli(argv: readonly string[]): Promise<ExitCode> {
  // Looked for by hand: a command line that cannot be parsed is answered in JSON as well.
  const terminal = new Terminal({ json: argv.includes('--json') })
  const interruption = listenForInterruption()
  // Else the cursor would stay hidden.
  interruption.beforeLeaving(async () => terminal.clearLive())
  let exitCode: ExitCode = EXIT.ok
  const program = buildProgram(async (work) => {
    exitCode = (await work(contextFor(program, terminal, interruption))) ?? EXIT.ok
  }, terminal)
  try {
    await program.parseAsync([...argv], { from: 'user' })
    return exitCode
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return EXIT.ok
    return tell(error, terminal, argv.includes('--json'))
  } finally {
    interruption.end()
  }
}

function buildProgram(run: Run, terminal: Terminal): Command {
  const program = new Command('murmur')
    .description(DESCRIPTION)
    .addOption(new Option('--nats <url>', 'NATS to go to').conflicts('edge'))
    .option(
      '--tenant <tenant>',
      'whose tasks and alerts, on NATS (default: default)',
      checkedBy(tenantSchema),
    )
    .option('--edge <url>', 'REST of an edge to go to; MURMUR_API_KEY says who asks')
    .option('--json', 'results as JSON on standard output')
    .configureHelp({ showGlobalOptions: true })
    .addHelpText('after', EPILOGUE)
    .helpCommand(false)
    .exitOverride()
    // Faults are told in one form, in `tell`.
    .configureOutput({ writeOut: (text) => terminal.print(text.trimEnd()), outputError: () => undefined })
  for (const add of [
    addStart,
    addDev,
    addReport,
    addMonitor,
    addAlerts,
    addModels,
    addScene,
    addSubmit,
    addWatch,
    addList,
    addShow,
    addCancel,
    addRerun,
    addStop,
    addAgents,
    addInit,
    addTop,
    addPlan,
    addTransfers,
    addArtifacts,
    addKeys,
    addDlq,
    addLogs,
  ]) {
    add(program, run)
  }
  addDoctor(program, run)
  addCompletion(program, run)
  addAbsent(program, run)
  return program
}

function contextFor(program: Command, terminal: Terminal, interruption: Interruption): CliContext {
  const options = program.opts<{ nats?: string; edge?: string; tenant?: string; json?: boolean }>()
  return {
    terminal,
    clock: systemClock,
    json: options.json ?? false,
    natsUrl: options.nats,
    edgeUrl: options.edge,
    tenant: options.tenant,
    home: murmurHome(),
    folder: userFolder(),
    signal: interruption.signal,
    beforeLeaving: interruption.beforeLeaving,
  }
}

function tell(error: unknown, terminal: Terminal, json: boolean): ExitCode {
  const fault = faultOf(error)
  if (json) terminal.printJson({ error: fault })
  else terminal.say(...renderFault(fault, terminal.paint))
  return fault.exitCode
}

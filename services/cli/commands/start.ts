import { readdirSync } from 'node:fs'
import { join, relative } from 'node:path'
import type { Command } from 'commander'
import { projectRoot } from '../../../deploy/local/project-paths.ts'
import type { CliContext, Run } from '../cli-context.ts'
import { interruptionOf, throwIfInterrupted } from '../interruption.ts'
import { commandLines } from '../output/table.ts'
import { openStack, type Session } from '../session/session.ts'
import { consoleOfStack } from './open.ts'

const EXAMPLE = join(projectRoot, 'examples/report')
const MONITOR_RULES = join(projectRoot, 'examples/monitor/rules.json')
const MONITOR_SCENE = 'scene:yard'
const EXAMPLE_TITLE = 'A climate briefing'

export function addStart(program: Command, run: Run): void {
  program
    .command('start')
    .description(
      'start everything on this machine, make the example report and watch the example yard (what `npm start` runs)',
    )
    .option('--once', 'stop when both are done; so it does without a terminal as well')
    .action((options: { once?: boolean }) =>
      run(async (context) => {
        await start(context, options.once ?? false)
        return undefined
      }),
    )
}

async function start(context: CliContext, once: boolean): Promise<void> {
  const { makeReport } = await import('../report/make-report.ts')
  const { presentReport } = await import('../report/present-report.ts')
  const session = await openStack(context)
  try {
    sayConsole(context)
    const finished = await makeReport(context, session.client, {
      files: await exampleFiles(),
      title: EXAMPLE_TITLE,
      outDir: undefined,
    })
    presentReport(context, finished)
    await watchExample(context, session)
    if (!context.json) suggest(context, session, finished.task.id)
    const staysUp = session.stack !== undefined && !once && context.terminal.isInteractive
    if (staysUp) {
      sayConsole(context)
      await stayUp(context)
    }
  } finally {
    await session.close()
  }
}

/** Where all of it can be seen. */
function sayConsole({ terminal, home }: CliContext): void {
  const url = consoleOfStack(home)
  if (url !== undefined) terminal.log('', `Console: ${terminal.paint.bold(url)} (murmur open)`)
}

/** The second use case: a rendered yard, its rules, and the alerts that come of it. Without ffmpeg there is none. */
async function watchExample(context: CliContext, session: Session): Promise<void> {
  const { terminal } = context
  throwIfInterrupted(context.signal)
  const agents = await session.client.agents()
  if (!agents.some(({ type }) => type === 'capture')) {
    terminal.log('', 'No agent captures video here: the monitoring example is left out.')
    return
  }
  terminal.log('', `Watching ${MONITOR_SCENE}, a rendered yard, as fast as it can be looked at …`)
  const { watchRulesOf } = await import('../monitor/build-request.ts')
  const { parseSource } = await import('../monitor/parse-source.ts')
  const { presentMonitor } = await import('../monitor/render-summary.ts')
  const { runMonitor } = await import('../monitor/run-monitor.ts')
  const options = { rules: MONITOR_RULES, pace: 'complete' as const }
  const spec = {
    source: parseSource(MONITOR_SCENE, context.folder),
    rules: watchRulesOf(options, context.folder),
    options,
  }
  presentMonitor(context, await runMonitor(context, session.client, spec))
}

/** The sources of the example: not its description, not the program that drew the images. */
async function exampleFiles() {
  const { collectFiles } = await import('../report/local-files.ts')
  const names = readdirSync(EXAMPLE).filter((name) => !/^readme|\.ts$/i.test(name))
  return collectFiles(names, EXAMPLE)
}

async function stayUp({ terminal, signal }: CliContext): Promise<void> {
  throwIfInterrupted(signal)
  terminal.log('', `Everything stays up. ${terminal.paint.bold('Ctrl-C')} stops it.`)
  await interruptionOf(signal)
}

function suggest({ terminal, folder }: CliContext, session: Session, taskId: string): void {
  const plan = relative(folder, join(projectRoot, 'examples/own-plan/plan.json'))
  const first: [string, string][] =
    session.stack === undefined || terminal.isInteractive ? [] : [['dev', 'the same stack, to stay up']]
  terminal.print(
    '',
    terminal.outPaint.dim('Next'),
    ...commandLines(
      [
        ...first,
        ['open', 'the console, in the browser'],
        ['report FILES…', 'a report on files of your own'],
        ['monitor SOURCE', 'video of your own: a file, a camera, a stream'],
        ['alerts', 'what was raised; acknowledge and resolve'],
        [`submit ${plan} --wait`, 'a plan of your own'],
        ['list', 'all tasks'],
        [`show ${taskId}`, 'this one in full'],
        ['agents', 'who works'],
      ],
      terminal.outPaint,
    ),
  )
}

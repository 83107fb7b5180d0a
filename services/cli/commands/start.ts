import { readdirSync } from 'node:fs'
import { join, relative } from 'node:path'
import type { Command } from 'commander'
import { projectRoot } from '../../../deploy/local/project-paths.ts'
import type { CliContext } from '../cli-context.ts'
import { interruptionOf, throwIfInterrupted } from '../interruption.ts'
import { commandLines } from '../output/command-lines.ts'
import { collectFiles } from '../report/local-files.ts'
import { makeReport } from '../report/make-report.ts'
import { presentReport } from '../report/present-report.ts'
import { openStack, type Session } from '../session/session.ts'
import type { Run } from './run.ts'

const EXAMPLE = join(projectRoot, 'examples/report')
const EXAMPLE_TITLE = 'A climate briefing'

export function addStart(program: Command, run: Run): void {
  program
    .command('start')
    .description('start everything on this machine and make the example report (what `npm start` runs)')
    .option('--once', 'stop when the report is made; so it does without a terminal as well')
    .action((options: { once?: boolean }) =>
      run(async (context) => {
        await start(context, options.once ?? false)
        return undefined
      }),
    )
}

async function start(context: CliContext, once: boolean): Promise<void> {
  const session = await openStack(context)
  try {
    const finished = await makeReport(context, session.client, {
      files: exampleFiles(),
      title: EXAMPLE_TITLE,
      outDir: undefined,
    })
    presentReport(context, finished)
    if (!context.json) suggest(context, session, finished.task.id)
    const staysUp = session.stack !== undefined && !once && context.terminal.isInteractive
    if (staysUp) await stayUp(context)
  } finally {
    await session.close()
  }
}

/** The sources of the example: not its description, not the program that drew the images. */
function exampleFiles() {
  const names = readdirSync(EXAMPLE).filter((name) => !/^readme|\.ts$/i.test(name))
  return collectFiles(names, EXAMPLE)
}

async function stayUp({ terminal, signal }: CliContext): Promise<void> {
  throwIfInterrupted(signal)
  terminal.say('', `Everything stays up. ${terminal.paint.bold('Ctrl-C')} stops it.`)
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
        ['report FILES…', 'a report on files of your own'],
        [`submit ${plan} --wait`, 'a plan of your own'],
        ['list', 'all tasks'],
        [`show ${taskId}`, 'this one in full'],
        ['agents', 'who works'],
      ],
      terminal.outPaint,
    ),
  )
}

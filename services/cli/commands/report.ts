import { spawn } from 'node:child_process'
import { type Command, Option } from 'commander'
import { pageOpener } from '../../../deploy/local/user-environment.ts'
import type { CliContext, Run } from '../cli-context.ts'
import { CliError } from '../cli-error.ts'
import { openStack, openTarget, type Session } from '../session/session.ts'

interface ReportOptions {
  title?: string
  out?: string
  open: 'yes' | 'no'
}

const MAX_TITLE_LENGTH = 200

export function addReport(program: Command, run: Run): void {
  program
    .command('report')
    .description('make a report on files: text, Markdown, images, JSON, CSV, PDF, video')
    .argument('<files...>', 'files; of a folder, the files right in it')
    .option('--title <text>', 'title of the report')
    .option('--out <folder>', 'where the report goes (default: reports/<task id>)')
    .addOption(
      new Option('--open <when>', 'show the page in the browser, on a desktop')
        .choices(['yes', 'no'])
        .default('yes'),
    )
    .action((files: string[], options: ReportOptions) =>
      run(async (context) => {
        await report(context, files, options)
        return undefined
      }),
    )
}

async function report(context: CliContext, paths: readonly string[], options: ReportOptions): Promise<void> {
  const { collectFiles } = await import('../report/local-files.ts')
  const { makeReport } = await import('../report/make-report.ts')
  const { presentReport } = await import('../report/present-report.ts')
  const { title = '', out } = options
  if (title.length > MAX_TITLE_LENGTH) {
    throw new CliError(
      'USAGE',
      `the title has ${title.length} characters, at most ${MAX_TITLE_LENGTH} are taken`,
    )
  }
  // Before anything is started for them.
  const files = collectFiles(paths, context.folder)
  const session = await openSession(context)
  try {
    const finished = await makeReport(context, session.client, {
      files,
      title: title || undefined,
      outDir: out,
    })
    presentReport(context, finished)
    if (options.open === 'yes' && !context.json && context.terminal.isInteractive)
      openPage(finished.htmlFile, context.env)
  } finally {
    await session.close()
  }
}

/** What is up, or a stack of this command's own for as long as it takes. */
async function openSession(context: CliContext): Promise<Session> {
  const session = await openTarget(context)
  if (session) return session
  context.terminal.log('No stack runs here: starting one for this report. `npx murmur dev` keeps one up.')
  return openStack(context)
}

/** Shows a page where there is a desktop; that it could not be shown is no fault of the report. */
function openPage(file: string, env: NodeJS.ProcessEnv): void {
  const opener = pageOpener(env)
  if (opener === undefined) return
  const child = spawn(opener, [file], { stdio: 'ignore', detached: true })
  child.on('error', () => child.unref())
  child.unref()
}

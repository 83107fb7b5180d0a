import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import type { CliContext, Run } from '../cli-context.ts'
import { CliError } from '../cli-error.ts'
import { EXIT } from '../exit-codes.ts'
import { printable } from '../output/terminal-text.ts'
import { integerOption } from './arguments.ts'

const SUFFIX = '.log'

/** `murmur logs`: what the services and servers of this machine's stack wrote. */
export function addLogs(program: Command, run: Run): void {
  program
    .command('logs')
    .description('the last lines of the logs of the stack on this machine')
    .argument('[service]', 'only of this one; without it all of them')
    .option('--lines <n>', 'so many of each', integerOption(1, 10_000), 20)
    .action((service: string | undefined, { lines }: { lines: number }) =>
      run(async (context) => {
        const folder = join(context.home, 'logs')
        const shown = readLogs(context, folder, { service, lines })
        if (context.json) context.terminal.printJson({ folder, logs: shown })
        else printLogs(context, folder, shown)
        return EXIT.ok
      }),
    )
}

interface ServiceLog {
  service: string
  lines: string[]
}

/** @throws CliError NO_LOGS */
function readLogs(
  { home }: CliContext,
  folder: string,
  { service, lines }: { service: string | undefined; lines: number },
): ServiceLog[] {
  const names = existsSync(folder)
    ? readdirSync(folder)
        .filter((file) => file.endsWith(SUFFIX))
        .map((file) => file.slice(0, -SUFFIX.length))
    : []
  const wanted = service === undefined ? names : names.filter((name) => name === service)
  if (wanted.length === 0) {
    const what = service === undefined ? 'no service has logged' : `there is no log of "${service}"`
    throw new CliError('NO_LOGS', `${what} under ${home}`, {
      details: names.length > 0 ? [`there are: ${names.toSorted().join(', ')}`] : [],
    })
  }
  return wanted.toSorted().map((name) => ({
    service: name,
    lines: readFileSync(join(folder, `${name}${SUFFIX}`), 'utf8')
      .trimEnd()
      .split('\n')
      .slice(-lines),
  }))
}

function printLogs({ terminal }: CliContext, folder: string, logs: ServiceLog[]): void {
  for (const { service, lines } of logs) {
    terminal.log(terminal.paint.bold(`${service}  ${join(folder, `${service}${SUFFIX}`)}`))
    terminal.print(...lines.map(printable))
  }
}

import type { Command } from 'commander'
import { findRunningStack } from '../../../deploy/local/stack/stack-note.ts'
import type { CliContext, Run } from '../cli-context.ts'
import { CliError } from '../cli-error.ts'
import { loadEdgeTarget } from '../client/edge-target.ts'
import { EXIT } from '../exit-codes.ts'
import { openBrowser, openerFor } from '../web/open-browser.ts'

export function addOpen(program: Command, run: Run): void {
  program
    .command('open')
    .description('open the console in the browser; where there is none, print its address')
    .argument('[path]', 'a page of it, as tasks/ID')
    .option('--print', 'print the address and open nothing')
    .action((path: string | undefined, options: { print?: boolean }) =>
      run((context) => open(context, path ?? '', options.print ?? false)),
    )
}

async function open(context: CliContext, path: string, isOnlyPrinted: boolean) {
  const { terminal, json, env } = context
  const url = `${consoleUrl(context)}/${path.replace(/^\/+/, '')}`
  const opener = isOnlyPrinted || json ? undefined : openerFor(process.platform, env, url)
  const opened = opener ? await openBrowser(opener) : false
  if (json) terminal.printJson({ url })
  else terminal.print(url)
  if (opened) terminal.log('Opened in the browser.')
  return EXIT.ok
}

/** Where the edge is that has it. @throws CliError NO_STACK; MurmurError CONFIG_INVALID */
export function consoleUrl({ edgeUrl, env, home }: Pick<CliContext, 'edgeUrl' | 'env' | 'home'>): string {
  const edge = loadEdgeTarget(edgeUrl, env)
  const url = edge?.url ?? consoleOfStack(home)
  if (url === undefined)
    throw new CliError(
      'NO_STACK',
      `no stack runs here, and no edge is named (looked for ${home}/run/stack.json)`,
    )
  return url
}

/** Of the stack on this machine; undefined where none runs. */
export function consoleOfStack(home: string): string | undefined {
  return findRunningStack(home)?.services.find(({ restUrl }) => restUrl !== undefined)?.restUrl
}

import { relative, resolve } from 'node:path'
import type { Command } from 'commander'
import { projectRoot } from '../../../deploy/local/project-paths.ts'
import type { CliContext, Run } from '../cli-context.ts'
import { EXIT } from '../exit-codes.ts'
import { renderTable } from '../output/table.ts'
import { waitingFor } from '../output/waiting.ts'

export function addInit(program: Command, run: Run): void {
  program
    .command('init')
    .description('make a project for an agent of your own: TypeScript, a test, and the kit inside')
    .argument('<folder>', 'a folder that is empty or not there yet')
    .action((folder: string) =>
      run(async (context) => {
        await init(context, resolve(context.folder, folder))
        return EXIT.ok
      }),
    )
}

async function init(context: CliContext, folder: string): Promise<void> {
  const { terminal, json, home } = context
  const { makeProject } = await import('../init/make-project.ts')
  const files = await waitingFor('building the kit for agents', makeProject(folder, home), context)
  if (json) {
    terminal.printJson({ folder, files })
    return
  }
  const { outPaint: paint } = terminal
  const way = relative(context.folder, folder) || '.'
  const table = (rows: [string, string][]) =>
    renderTable(
      [{ title: 'command' }, { title: 'what' }],
      rows.map(([command, what]) => [
        { text: command, style: 'cyan' },
        { text: what, style: 'dim' },
      ]),
      { paint, header: false },
    )
  terminal.print(
    paint.bold(`${folder}`),
    ...files.map((file) => `  ${file}`),
    '',
    paint.dim('Next'),
    ...table([
      [`cd ${way}`, ''],
      ['npm install', 'zod, TypeScript, and what the kit needs'],
      ['npm test', 'its handler, without a broker'],
      ['npm start', 'against the stack of this machine; waits until one runs'],
    ]),
    '',
    paint.dim(`In the checkout, ${projectRoot}, in two other terminals`),
    ...table([
      ['npm run murmur -- dev', 'the stack'],
      [`npm run murmur -- submit ${resolve(folder, 'plan.json')} --wait`, 'a task for the agent'],
    ]),
  )
}

import type { Command } from 'commander'
import { taskIdSchema } from '#schemas/identifiers.ts'
import { EXIT } from '../exit-codes.ts'
import { printable } from '../output/terminal-text.ts'
import { withClient } from '../session/session.ts'
import { outputOf, presentTask } from '../task-view/present-task.ts'
import { errorText } from '../task-view/render-task.ts'
import { checkedBy } from './arguments.ts'
import type { Run } from './run.ts'

export function addShow(program: Command, run: Run): void {
  program
    .command('show')
    .description('show a task as it stands')
    .argument('<id>', 'id of the task', checkedBy(taskIdSchema))
    .action((id: string) =>
      run((context) =>
        withClient(context, async (client) => {
          const { terminal, json } = context
          const task = await client.get(id)
          if (json) terminal.printJson({ task, output: await outputOf(client, task) })
          else {
            await presentTask(context, client, task)
            if (task.error) terminal.print('', terminal.outPaint.red(printable(errorText(task.error))))
          }
          return EXIT.ok
        }),
      ),
    )
}

import type { Command } from 'commander'
import { taskIdSchema } from '#schemas/identifiers.ts'
import { EXIT } from '../exit-codes.ts'
import { withClient } from '../session/session.ts'
import { checkedBy } from './arguments.ts'
import type { Run } from './run.ts'

export function addCancel(program: Command, run: Run): void {
  program
    .command('cancel')
    .description('cancel a task')
    .argument('<id>', 'id of the task', checkedBy(taskIdSchema))
    .option('--reason <text>', 'kept with the task')
    .action((id: string, options: { reason?: string }) =>
      run(async (context) => {
        const answer = await withClient(context, (client) => client.cancel(id, options.reason))
        if (context.json) context.terminal.printJson(answer)
        else context.terminal.say(`Task ${id} is being cancelled.`)
        return EXIT.ok
      }),
    )
}

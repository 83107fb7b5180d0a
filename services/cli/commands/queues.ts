import type { Command } from 'commander'
import type { Run } from '../cli-context.ts'
import { EXIT } from '../exit-codes.ts'
import { withClient } from '../session/session.ts'
import { renderQueues } from '../system/render-queues.ts'

/** `murmur queues`: what waits for each agent type, for how long, and whose it is. */
export function addQueues(program: Command, run: Run): void {
  program
    .command('queues')
    .description('what waits for each agent type, for how long, and whose it is')
    .action(() =>
      run(async (context) => {
        const { terminal, json } = context
        const loads = await withClient(context, ({ dispatch }) => dispatch.loads())
        if (json) terminal.printJson(loads)
        else terminal.print(...renderQueues(loads, { paint: terminal.outPaint, width: terminal.columns }))
        return EXIT.ok
      }),
    )
}

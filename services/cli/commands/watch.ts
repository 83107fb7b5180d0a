import type { Command } from 'commander'
import { taskIdSchema } from '#schemas/identifiers.ts'
import type { CliContext } from '../cli-context.ts'
import type { MurmurClient } from '../client/murmur-client.ts'
import { EXIT } from '../exit-codes.ts'
import { withClient } from '../session/session.ts'
import { assertCompleted } from '../task-view/assert-completed.ts'
import { followTask } from '../task-view/follow-task.ts'
import { outputOf, presentTask } from '../task-view/present-task.ts'
import { watchTask } from '../task-view/watch-task.ts'
import { checkedBy } from './arguments.ts'
import type { Run } from './run.ts'

export function addWatch(program: Command, run: Run): void {
  program
    .command('watch')
    .description('watch a task to its end; with --json a line for each event')
    .argument('<id>', 'id of the task', checkedBy(taskIdSchema))
    .action((id: string) => run((context) => watch(context, id)))
}

async function watch(context: CliContext, taskId: string) {
  return withClient(context, async (client) => {
    if (context.json) return watchAsJson(context, taskId, client)
    const task = await followTask(context, client, taskId)
    await presentTask(context, client, task)
    assertCompleted(task)
    return EXIT.ok
  })
}

/** A snapshot, then what happens, then the final state: one document a line. */
async function watchAsJson(context: CliContext, taskId: string, client: MurmurClient) {
  const { terminal, signal } = context
  let isFirst = true
  const task = await watchTask(
    taskId,
    (view, event) => {
      if (event) terminal.printJson({ event })
      else if (isFirst) terminal.printJson({ snapshot: view.task })
      isFirst = false
    },
    { client, signal },
  )
  terminal.printJson({ task, output: await outputOf(client, task) })
  return task.status === 'completed' ? EXIT.ok : EXIT.failed
}

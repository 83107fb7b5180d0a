import type { Command } from 'commander'
import { taskIdSchema } from '#schemas/identifiers.ts'
import type { JsonObject, JsonValue } from '#schemas/json.ts'
import { isTerminal, type TaskState } from '#schemas/task.ts'
import type { CliContext } from '../cli-context.ts'
import { CliError } from '../cli-error.ts'
import { EXIT } from '../exit-codes.ts'
import { withClient } from '../session/session.ts'
import { checkedBy } from './arguments.ts'
import type { Run } from './run.ts'

/** `murmur rerun`: the same task once more, as a new one. */
export function addRerun(program: Command, run: Run): void {
  program
    .command('rerun')
    .aliases(['retry', 'replay'])
    .description('submit a task that has ended once more, as a new task')
    .argument('<id>', 'id of the task', checkedBy(taskIdSchema))
    .option('--key <text>', 'idempotency key: doing it again under it gives the same new task')
    .action((id: string, options: { key?: string }) => run((context) => rerun(context, id, options)))
}

async function rerun(context: CliContext, id: string, { key }: { key?: string }) {
  const { terminal, json } = context
  const receipt = await withClient(context, async (client) => {
    const task = await client.get(id)
    if (!isTerminal(task.status))
      throw new CliError(
        'STILL_RUNNING',
        `task ${id} is ${task.status}; what runs is not run again beside itself`,
      )
    return client.submit(submissionOf(task, key))
  })
  if (json) terminal.printJson(receipt)
  else {
    terminal.say(`Task ${terminal.paint.bold(receipt.taskId)} does again what ${id} did.`)
    terminal.print(receipt.taskId)
  }
  return EXIT.ok
}

/** What made this task, as far as it is kept with it: without the delay before its first step. Pure. */
export function submissionOf(task: TaskState, key?: string): JsonObject {
  const { type, input, plan, priority, labels, deadlineAtMs, startAtMs } = task
  return {
    type,
    input,
    priority,
    deadlineMs: Math.max(1, Math.round(deadlineAtMs - startAtMs)),
    ...(type === 'plan' && { plan: plan as unknown as JsonValue }),
    ...(labels && { labels }),
    ...(key !== undefined && { idempotencyKey: key }),
  }
}

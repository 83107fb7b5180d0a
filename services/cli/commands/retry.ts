import { randomUUID } from 'node:crypto'
import type { Command } from 'commander'
import { stepIdSchema, taskIdSchema } from '#schemas/identifiers.ts'
import type { JsonObject } from '#schemas/json.ts'
import { retryTaskRequestSchema } from '#schemas/task-controls.ts'
import type { CliContext, Run } from '../cli-context.ts'
import { CliError } from '../cli-error.ts'
import { EXIT } from '../exit-codes.ts'
import { count } from '../output/quantities.ts'
import { withClient } from '../session/session.ts'
import { checkedBy, readJsonOption } from './arguments.ts'

interface RetryOptions {
  from?: string[]
  input?: string
  requestId?: string
}

/** `murmur retry`: a new task that goes on where one has failed. */
export function addRetry(program: Command, run: Run): void {
  const stepOption = checkedBy(stepIdSchema)
  program
    .command('retry')
    .description('run what failed in a task again, as a new task; finished steps keep their results')
    .argument('<id>', 'id of the task that is over', checkedBy(taskIdSchema))
    .option(
      '--from <step>',
      'run this step and all that follows again; may be given several times',
      (text: string, earlier: string[] = []) => [...earlier, stepOption(text)],
    )
    .option('--input <json>', 'another input for the task: a JSON object, or @FILE')
    .option(
      '--request-id <text>',
      'the same id again gives the same new task; a new id unless given',
      checkedBy(retryTaskRequestSchema.shape.requestId),
    )
    .action((id: string, options: RetryOptions) => run((context) => retry(context, id, options)))
}

async function retry(context: CliContext, taskId: string, options: RetryOptions) {
  const { terminal, json } = context
  const { from: fromSteps, requestId = randomUUID() } = options
  const input = options.input === undefined ? undefined : await readInput(context, options.input)
  const retried = await withClient(context, ({ controls }) =>
    controls.retry({ taskId, requestId, ...(fromSteps && { fromSteps }), ...(input && { input }) }),
  )
  if (json) terminal.printJson(retried)
  else {
    const kept =
      retried.kept.length === 0 ? 'from the beginning' : `with ${count(retried.kept.length, 'result')} kept`
    const again = retried.duplicate ? ', as it was asked before' : ''
    terminal.log(`Task ${terminal.paint.bold(retried.taskId)} runs ${taskId} again, ${kept}${again}.`)
    terminal.print(retried.taskId)
  }
  return EXIT.ok
}

/** @throws CliError USAGE, FILE_UNREADABLE */
async function readInput(context: CliContext, text: string): Promise<JsonObject> {
  const input = await readJsonOption(context, text, '--input')
  if (typeof input === 'object' && input !== null && !Array.isArray(input)) return input
  throw new CliError('USAGE', '--input: it is not a JSON object')
}

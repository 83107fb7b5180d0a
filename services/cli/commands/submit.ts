import type { Command } from 'commander'
import { taskTypeSchema } from '#schemas/identifiers.ts'
import { templateReferenceSchema } from '#schemas/plan-template.ts'
import type { SubmissionReceipt } from '#schemas/submission.ts'
import type { CliContext, Run } from '../cli-context.ts'
import { EXIT } from '../exit-codes.ts'
import { withClient } from '../session/session.ts'
import { composeSubmission, type SubmissionOptions } from '../submission/read-submission.ts'
import { followTask } from '../task-view/follow-task.ts'
import { outputOf, presentTask } from '../task-view/present-task.ts'
import { assertCompleted } from '../task-view/watch-task.ts'
import { checkedBy, durationOption, label, priorityOption, withKeyOptions } from './arguments.ts'

interface SubmitOptions extends SubmissionOptions {
  wait?: boolean
}

const EXAMPLES = `
FILE holds a submission ({"type", "input" or "plan", …}) or a bare plan ({"steps": […]}):
  murmur submit examples/own-plan/plan.json --wait
  murmur submit --type report --input '{"sources": [{"name": "a.md", "text": "Sales rose by 4 %."}]}'
  murmur submit --template count-notes@2 --input '{"text": "one two"}'
  murmur submit sync.json --singleton customer-17 --on-conflict replace
  murmur submit index.json --debounce docs --debounce-delay 10s --debounce-max 5m
  cat plan.json | murmur submit - --key may-1 --label team=north --priority high --deadline 5m`

export function addSubmit(program: Command, run: Run): void {
  const command = program
    .command('submit')
    .description('submit a task')
    .argument('[file]', 'a file of JSON; - is standard input')
    .option('--type <type>', 'type of task, such as report or plan', checkedBy(taskTypeSchema))
    .option(
      '--template <name>',
      'a plan template, NAME or NAME@VERSION, in place of a file',
      checkedBy(templateReferenceSchema),
    )
    .option('--input <json>', 'input of the task, a JSON object')
    .option('--key <text>', 'idempotency key: submitting again under it gives the same task')
    .option('--label <key=value>', 'a label of the task; may be given several times', label)
    .addOption(priorityOption())
    .option('--deadline <time>', 'it has to end within so long, as 90s, 15m or 2h', durationOption)
    .option('--delay <time>', 'its first step waits so long, as 30s or 1h', durationOption)
  withKeyOptions(command)
    .option('--wait', 'watch the task to its end; exit code 1 when it fails')
    .addHelpText('after', EXAMPLES)
    .action((file: string | undefined, options: SubmitOptions) =>
      run((context) => submit(context, file, options)),
    )
}

async function submit(context: CliContext, file: string | undefined, options: SubmitOptions) {
  const submission = await composeSubmission(context, file, options)
  return withClient(context, async (client) => {
    const { terminal, json } = context
    const receipt = await client.submit(submission)
    if (!json) {
      terminal.log(`Task ${terminal.paint.bold(receipt.taskId)} ${whatBecame(receipt)}.`)
    }
    if (!options.wait) {
      if (json) terminal.printJson(receipt)
      else terminal.print(receipt.taskId)
      return EXIT.ok
    }
    const task = await followTask(context, client, receipt.taskId)
    if (json) {
      terminal.printJson({ ...receipt, task, output: await outputOf(client, task) })
      return task.status === 'completed' ? EXIT.ok : EXIT.failed
    }
    await presentTask(context, client, task)
    assertCompleted(task)
    return EXIT.ok
  })
}

/** What a receipt says, behind the id of the task. Pure. */
export function whatBecame({ duplicate, existing, merged, replaced, startsAtMs }: SubmissionReceipt): string {
  const starts = startsAtMs === undefined ? '' : `; starts at ${new Date(startsAtMs).toISOString()}`
  if (merged) return `takes this submission${starts}`
  if (existing) return 'has the key: it is the answer'
  if (duplicate) return 'had been accepted before under this key'
  if (replaced !== undefined) return `accepted: it begins when task ${replaced} is over, which is cancelled`
  return `accepted${starts}`
}

import type { Command } from 'commander'
import { taskIdSchema } from '#schemas/identifiers.ts'
import { signalNameSchema } from '#schemas/step-kinds.ts'
import { pauseTaskRequestSchema, signalTaskRequestSchema } from '#schemas/task-controls.ts'
import type { CliContext, Run } from '../cli-context.ts'
import { EXIT } from '../exit-codes.ts'
import { withClient } from '../session/session.ts'
import { checkedBy, readJsonOption } from './arguments.ts'

interface SignalOptions {
  payload?: string
  id?: string
}

/** `murmur pause`, `resume` and `signal`. */
export function addControls(program: Command, run: Run): void {
  program
    .command('pause')
    .description('pause a task: what runs ends, nothing new begins, its deadline stands still')
    .argument('<id>', 'id of the task', checkedBy(taskIdSchema))
    .option(
      '--reason <text>',
      'for those who look at it later',
      checkedBy(pauseTaskRequestSchema.shape.reason.unwrap()),
    )
    .action((taskId: string, options: { reason?: string }) =>
      run(async (context) => {
        const accepted = await withClient(context, ({ controls }) => controls.pause({ taskId, ...options }))
        say(context, accepted, `Task ${taskId} pauses; \`murmur resume ${taskId}\` lets it go on.`)
        return EXIT.ok
      }),
    )
  program
    .command('resume')
    .description('let a paused task go on')
    .argument('<id>', 'id of the task', checkedBy(taskIdSchema))
    .action((taskId: string) =>
      run(async (context) => {
        const accepted = await withClient(context, ({ controls }) => controls.resume({ taskId }))
        say(context, accepted, `Task ${taskId} goes on.`)
        return EXIT.ok
      }),
    )
  program
    .command('signal')
    .description('send a signal to a task, for a step that waits for it now or later')
    .argument('<id>', 'id of the task', checkedBy(taskIdSchema))
    .argument('<name>', 'what the step waits for', checkedBy(signalNameSchema))
    .option('--payload <json>', 'what it says: JSON, or @FILE')
    .option(
      '--id <text>',
      'the same id again is the same signal; a new one unless given',
      checkedBy(signalTaskRequestSchema.shape.id.unwrap()),
    )
    .action((taskId: string, name: string, options: SignalOptions) =>
      run((context) => signal(context, { taskId, name }, options)),
    )
}

async function signal(
  context: CliContext,
  about: { taskId: string; name: string },
  { payload: text, id }: SignalOptions,
) {
  const payload = text === undefined ? undefined : await readJsonOption(context, text, '--payload')
  const request = { ...about, ...(payload !== undefined && { payload }), ...(id !== undefined && { id }) }
  const accepted = await withClient(context, ({ controls }) => controls.signal(request))
  say(context, accepted, `Signal "${about.name}" (${accepted.id}) is with task ${about.taskId}.`)
  return EXIT.ok
}

function say({ json, terminal }: CliContext, accepted: object, line: string): void {
  if (json) terminal.printJson(accepted)
  else terminal.log(line)
}

import type { Command } from 'commander'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import { taskIdSchema } from '#schemas/identifiers.ts'
import { isTerminal } from '#schemas/task.ts'
import { CliError } from '../cli-error.ts'
import type { MurmurClient } from '../client/murmur-client.ts'
import { EXIT } from '../exit-codes.ts'
import { withClient } from '../session/session.ts'
import { checkedBy } from './arguments.ts'
import type { Run } from './run.ts'

export function addStop(program: Command, run: Run): void {
  program
    .command('stop')
    .description('end a running monitor in order: its summary is made (cancel ends it without one)')
    .argument('<id>', 'id of the monitor', checkedBy(taskIdSchema))
    .action((id: string) =>
      run(async (context) => {
        await withClient(context, (client) => stop(client, id))
        if (context.json) context.terminal.printJson({ taskId: id, accepted: true })
        else {
          context.terminal.say(
            `Monitor ${id} is ending; in a moment \`npx murmur show ${id}\` has its summary.`,
          )
        }
        return EXIT.ok
      }),
    )
}

/** @throws MurmurError TASK_NOT_FOUND, TASK_ALREADY_FINISHED, UNAVAILABLE; CliError USAGE, NOT_CAPTURED */
async function stop(client: MurmurClient, id: string): Promise<void> {
  // A capture still answers for a moment when its monitor is over.
  const { status, type } = await client.get(id)
  if (isTerminal(status)) throw new MurmurError('TASK_ALREADY_FINISHED', `${type} ${id} is ${status} already`)
  try {
    await client.video.stop(id)
  } catch (error) {
    if (!(error instanceof MurmurError && error.code === 'UNAVAILABLE')) throw error
    if (type === 'monitor') throw new CliError('NOT_CAPTURED', `monitor ${id} is not captured just now`)
    throw new CliError('USAGE', `task ${id} is no monitor but a ${type}`, {
      fix: `\`npx murmur cancel ${id}\` ends any task.`,
    })
  }
}

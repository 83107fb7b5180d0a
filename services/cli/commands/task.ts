import type { Command } from 'commander'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import { taskIdSchema } from '#schemas/identifiers.ts'
import type { JsonObject, JsonValue } from '#schemas/json.ts'
import { LIMITS } from '#schemas/limits.ts'
import { isTerminal, type TaskState } from '#schemas/task.ts'
import type { CliContext, Run } from '../cli-context.ts'
import { CliError } from '../cli-error.ts'
import type { MurmurClient } from '../client/murmur-client.ts'
import { EXIT } from '../exit-codes.ts'
import { printable } from '../output/terminal-text.ts'
import { withClient } from '../session/session.ts'
import { checkedBy } from './arguments.ts'

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
    const { followTask } = await import('../task-view/follow-task.ts')
    const { presentTask } = await import('../task-view/present-task.ts')
    const { assertCompleted } = await import('../task-view/watch-task.ts')
    const task = await followTask(context, client, taskId)
    await presentTask(context, client, task)
    assertCompleted(task)
    return EXIT.ok
  })
}

/** A snapshot, then what happens, then the final state: one document a line. */
async function watchAsJson(context: CliContext, taskId: string, client: MurmurClient) {
  const { outputOf } = await import('../task-view/present-task.ts')
  const { watchToEnd } = await import('../task-view/watch-task.ts')
  const { terminal, signal } = context
  let isFirst = true
  const task = await watchToEnd(
    taskId,
    (view, event) => {
      if (event) terminal.printJson({ event })
      else if (isFirst) terminal.printJson({ snapshot: view.task })
      isFirst = false
    },
    { client, signal, onChunks: (chunks) => terminal.printJson({ chunks }) },
  )
  terminal.printJson({ task, output: await outputOf(client, task) })
  return task.status === 'completed' ? EXIT.ok : EXIT.failed
}

export function addShow(program: Command, run: Run): void {
  program
    .command('show')
    .description('show a task as it stands')
    .argument('<id>', 'id of the task', checkedBy(taskIdSchema))
    .action((id: string) =>
      run((context) =>
        withClient(context, async (client) => {
          const { outputOf, presentTask } = await import('../task-view/present-task.ts')
          const { placementLines } = await import('../task-view/placement-text.ts')
          const { terminal, json } = context
          const task = await client.get(id)
          if (json) terminal.printJson({ task, output: await outputOf(client, task) })
          else {
            await presentTask(context, client, task)
            const placed = placementLines(task)
            if (placed.length > 0)
              terminal.print('', terminal.outPaint.dim('Instances'), ...placed.map((line) => `  ${line}`))
            if (task.error)
              terminal.print(
                '',
                terminal.outPaint.red(printable(`${task.error.code}: ${task.error.message}`)),
              )
          }
          return EXIT.ok
        }),
      ),
    )
}

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
        else context.terminal.log(`Task ${id} is being cancelled.`)
        return EXIT.ok
      }),
    )
}

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
          context.terminal.log(
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

/** `murmur rerun`: the same task once more, as a new one. */
export function addRerun(program: Command, run: Run): void {
  program
    .command('rerun')
    .aliases(['replay'])
    .description('submit a task that has ended once more, all of it, as a new task')
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
    terminal.log(`Task ${terminal.paint.bold(receipt.taskId)} does again what ${id} did.`)
    terminal.print(receipt.taskId)
  }
  return EXIT.ok
}

/** What made this task, as far as it is kept with it: without the delay before its first step. Pure. */
export function submissionOf(task: TaskState, key?: string): JsonObject {
  const { type, input, plan, priority, labels, deadlineAtMs, startAtMs } = task
  const allowedMs = Math.round(deadlineAtMs - startAtMs)
  return {
    type,
    input,
    priority,
    // One that has no end of its own gets none again.
    ...(allowedMs <= LIMITS.taskDeadlineMs && { deadlineMs: Math.max(1, allowedMs) }),
    ...(type === 'plan' && { plan: plan as unknown as JsonValue }),
    ...(labels && { labels }),
    ...(key !== undefined && { idempotencyKey: key }),
  }
}

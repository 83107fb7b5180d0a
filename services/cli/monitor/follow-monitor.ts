import type { Clock } from '#platform/clock/clock.ts'
import { MurmurError, messageOf } from '#platform/errors/murmur-error.ts'
import type { TaskState } from '#schemas/task.ts'
import type { CliContext } from '../cli-context.ts'
import { CliError } from '../cli-error.ts'
import type { MurmurClient } from '../client/murmur-client.ts'
import { assertCompleted, type OnChange, watchToEnd } from '../task-view/watch-task.ts'

/** A capture that is handed from one instance to another answers again within this. */
const REQUEST_TIMEOUT_MS = 3000
const POLL_INTERVAL_MS = 250

/**
 * To the end of a monitor. A first Ctrl-C asks its capture to end, and the summary comes as it would at the end of the source;
 * when the second one comes, the task is cancelled.
 * @throws CliError TASK_FAILED, TASK_CANCELLED; INTERRUPTED when it ended before anything was captured
 */
export async function followMonitor(
  context: CliContext,
  client: MurmurClient,
  taskId: string,
  onChange: OnChange,
): Promise<TaskState> {
  const { beforeForcedExit, clock, signal, terminal } = context
  const over = new AbortController()
  const onAbort = () => {
    terminal.log('Stopping; the summary follows. Ctrl-C again cancels it and leaves at once.')
    endInOrder(taskId, { client, clock, signal: over.signal }).catch((error: unknown) => {
      if (!over.signal.aborted) terminal.log(`It could not be stopped: ${messageOf(error)}`)
    })
  }
  const stay = beforeForcedExit(() => client.cancel(taskId, 'left with Ctrl-C'))
  if (signal.aborted) onAbort()
  else signal.addEventListener('abort', onAbort, { once: true })
  try {
    // An interruption ends the monitor, not the watching of it.
    const task = await watchToEnd(taskId, onChange, { client, signal: over.signal })
    if (signal.aborted && task.status === 'cancelled')
      throw new CliError('INTERRUPTED', `monitor ${taskId} was ended before anything was captured`)
    assertCompleted(task)
    return task
  } finally {
    over.abort()
    stay()
    signal.removeEventListener('abort', onAbort)
  }
}

/** Through its capture; when none answers, there is nothing to sum up and the task is cancelled. */
async function endInOrder(
  taskId: string,
  { client, clock, signal }: { client: MurmurClient; clock: Clock; signal: AbortSignal },
): Promise<void> {
  const untilMs = clock.monotonicMs() + REQUEST_TIMEOUT_MS
  while (!signal.aborted) {
    try {
      return await client.video.stop(taskId)
    } catch (error) {
      if (!(error instanceof MurmurError)) throw error
      if (error.code === 'TASK_ALREADY_FINISHED') return
      // Over NATS nobody answers, over an edge the monitor is not in a state for it: nobody captures it yet.
      if (error.code !== 'UNAVAILABLE' && error.code !== 'TASK_STATE_CONFLICT') throw error
    }
    if (clock.monotonicMs() > untilMs) {
      await client.cancel(taskId, 'stopped before anything was captured')
      return
    }
    await clock.sleep(POLL_INTERVAL_MS, signal)
  }
}

import type { TaskState } from '../../../schemas/task.ts'
import { HttpExchanger } from '../client/http-exchange.ts'
import { CallError } from '../client/load-client.ts'
import { problemError } from '../client/rest-client.ts'
import type { Address } from './messages.ts'
import { sleepUntil } from './run-activity.ts'
import type { TaskLedger } from './task-ledger.ts'

/** Asked for at the same time: enough to be quick, too few to be load. */
const AT_ONCE = 16
const AGAIN_MS = 500
const TIMEOUT_MS = 10_000

/**
 * Asks for every task that was accepted until all are over, or the time is. One that nobody knows is lost; one that is not over stays open.
 * @param settleMs the longest that it may take
 */
export async function settleTasks(
  ledger: TaskLedger,
  address: Address,
  { settleMs, signal }: { settleMs: number; signal: AbortSignal },
): Promise<void> {
  const http = new HttpExchanger(address.restUrl, address.key)
  const untilMs = performance.now() + settleMs
  try {
    while (ledger.openIds.length > 0 && !signal.aborted) {
      const left = ledger.openIds
      const worker = async () => {
        for (let id = left.pop(); id !== undefined && !signal.aborted; id = left.pop())
          await settleOne(ledger, http, id)
      }
      await Promise.all(Array.from({ length: AT_ONCE }, worker))
      // Every task is asked for once, however long that takes.
      if (performance.now() > untilMs) return
      if (ledger.openIds.length > 0) await sleepUntil(performance.now() + AGAIN_MS, signal)
    }
  } finally {
    http.close()
  }
}

async function settleOne(ledger: TaskLedger, http: HttpExchanger, taskId: string): Promise<void> {
  try {
    const answer = await http.exchange({ method: 'GET', path: `/v1/tasks/${taskId}`, timeoutMs: TIMEOUT_MS })
    if (answer.status === 200)
      ledger.settle(taskId, (JSON.parse(answer.body.toString()) as { task: TaskState }).task)
    else if (problemError(answer.status, answer.body.toString()).code === 'TASK_NOT_FOUND')
      ledger.markLost(taskId)
  } catch (error) {
    // Not answered now: it is asked for again, and stays open when that is never.
    if (!(error instanceof CallError)) throw error
  }
}

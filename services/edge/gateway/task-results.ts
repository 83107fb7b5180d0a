import { MurmurError } from '#platform/errors/murmur-error.ts'
import { type Loaded, loadStored } from '#platform/json/load-stored.ts'
import { type Artifact, artifactsOf } from '#schemas/artifact.ts'
import type { BlobRef } from '#schemas/blob.ts'
import type { JsonValue } from '#schemas/json.ts'
import { isTerminal, type TaskState } from '#schemas/task.ts'
import type { Gateway } from './gateway.ts'

export interface ResultRequest {
  tenant: string
  taskId: string
  /** Of what lies in the object store. */
  maxBytes: number
  /** A result that has more is given with references, as it stands in the task. Without it, results are whole, or refused. */
  mostAnswerBytes?: number
  /** Told before that much is read. @throws MurmurError when it may not be */
  spend?: (bytes: number) => Promise<void>
}

/** What a result may hold that lies in the object store, all together: it is held in memory. */
export const RESULT_BYTES = 16 * 1024 * 1024

/**
 * The output of a task that completed, and nothing else of it; what lies in the object store is put where it belongs.
 * @throws MurmurError TASK_NOT_FOUND; TASK_NOT_FINISHED; TASK_FAILED, CANCELLED; LIMIT_EXCEEDED above `maxBytes`;
 * BLOB_NOT_FOUND when a part of it is kept no more
 */
export async function taskResult(
  gateway: Pick<Gateway, 'get' | 'readObject'>,
  request: ResultRequest,
): Promise<{ output: JsonValue; rev: number }> {
  const task = await ended(gateway, request)
  if (task.status !== 'completed') throw failureOf(task)
  const { value, left } = await wholeOutput(gateway, task, request)
  const [first] = left
  const { mostAnswerBytes } = request
  if (mostAnswerBytes !== undefined && (first || bytesOf(value) > mostAnswerBytes))
    return { output: task.output ?? null, rev: task.rev }
  if (first)
    throw new MurmurError(
      'LIMIT_EXCEEDED',
      `the result is larger than the ${request.maxBytes} bytes that are put together here; its parts are objects, as "${first.$json.blob}"`,
    )
  return { output: value, rev: task.rev }
}

/**
 * The files that a task made, as far as its output refers to them; none of a task that has no output. Large JSON is looked
 * into, or where it is too large is a file itself.
 * @throws MurmurError TASK_NOT_FOUND, TASK_NOT_FINISHED, BLOB_NOT_FOUND
 */
export async function taskArtifacts(
  gateway: Pick<Gateway, 'get' | 'readObject'>,
  request: ResultRequest,
): Promise<Artifact[]> {
  const task = await ended(gateway, request)
  return artifactsOf((await wholeOutput(gateway, task, request)).value)
}

async function ended(gateway: Pick<Gateway, 'get'>, { tenant, taskId }: ResultRequest): Promise<TaskState> {
  const task = await gateway.get(tenant, taskId)
  if (!isTerminal(task.status))
    throw new MurmurError('TASK_NOT_FINISHED', `task "${taskId}" is ${task.status}: it has no result yet`)
  return task
}

function bytesOf(value: JsonValue): number {
  return Buffer.byteLength(JSON.stringify(value))
}

/** Whatever a task failed with, asking for its result is no fault of the edge, and asking again changes nothing. */
function failureOf({ id, status, error }: TaskState): MurmurError {
  const { code = 'STEP_FAILED', message = 'no reason was given', stepId } = error ?? {}
  const where = stepId === undefined ? '' : ` in step "${stepId}"`
  if (status === 'cancelled')
    return new MurmurError('CANCELLED', `task "${id}" cancelled${where}: ${message}`)
  return new MurmurError('TASK_FAILED', `task "${id}" ${status}${where}: ${code}: ${message}`, { taskId: id })
}

function wholeOutput(
  gateway: Pick<Gateway, 'readObject'>,
  { output = null }: TaskState,
  { tenant, maxBytes, spend }: ResultRequest,
): Promise<Loaded> {
  const load = async (ref: BlobRef, most: number) => {
    await spend?.(ref.size)
    return gateway.readObject(tenant, ref, most)
  }
  return loadStored(output, { load, maxBytes })
}

import { isForNow, MurmurError, toProblem } from '#platform/errors/murmur-error.ts'
import type { BlobStore } from '#platform/nats/blob-store.ts'
import type { StepOutcome } from '#schemas/step-message.ts'
import type { TaskState } from '#schemas/task.ts'
import { asOutput, resultError } from './result-output.ts'

/** What the end of a child task is for the step that waits for it. A large output is put into the object store. */
export async function childOutcome(
  { id, tenant, status, output = null, error }: TaskState,
  blobs: Pick<BlobStore, 'keep'>,
): Promise<StepOutcome> {
  if (status === 'completed')
    return { kind: 'done', output: await asOutput(output, { folder: `tasks/${id}/output`, tenant }, blobs) }
  const why = error?.message ?? status
  if (status === 'cancelled')
    return { kind: 'fail', error: resultError('CANCELLED', `child task ${id} was cancelled: ${why}`) }
  return {
    kind: 'retry',
    error: resultError(error?.code ?? 'STEP_FAILED', `child task ${id} failed: ${why}`),
  }
}

/**
 * What it is for that step when its child task was refused; undefined for what is no refusal: it may be there, or come to be there. Pure.
 */
export function unstartedChildOutcome(error: unknown): StepOutcome | undefined {
  const { code, message, status } = toProblem(error)
  if (isForNow(code) || !(error instanceof MurmurError)) return undefined
  const failure = resultError(code, `its child task could not be started: ${message}`)
  return { kind: status === 429 ? 'retry' : 'fail', error: failure }
}

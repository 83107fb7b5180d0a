import type { Calling } from '#platform/nats/bus.ts'
import { isTerminal, type TaskState } from '#schemas/task.ts'

/** `over`: the capture has ended in order. `lost`: the whole task has ended. */
export type CaptureOutcome = 'going' | 'over' | 'lost'

const REQUEST_TIMEOUT_MS = 2000
const CAPTURE_AGENT = 'capture'

/**
 * What has become of a monitor's capture, as the task says: for a tracker that hears nothing from it, because it began only
 * after the capture had said that it ends. `going` when nobody answers.
 */
export async function askCaptureOutcome(bus: Calling, taskId: string): Promise<CaptureOutcome> {
  try {
    return outcomeOf((await bus.call('getTask', { taskId }, { timeoutMs: REQUEST_TIMEOUT_MS })).task)
  } catch {
    // Orchestrators may be away for a while: asked again later.
    return 'going'
  }
}

function outcomeOf({ status, plan, steps }: TaskState): CaptureOutcome {
  if (isTerminal(status)) return 'lost'
  const captures = plan.steps.filter(({ agent }) => agent === CAPTURE_AGENT)
  const isOver = captures.length > 0 && captures.every(({ id }) => steps[id]?.status === 'completed')
  return isOver ? 'over' : 'going'
}

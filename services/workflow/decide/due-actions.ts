import { isTerminal } from '#schemas/task.ts'
import { runsDue } from './due.ts'
import { runStateOf, stepOf } from './find-run.ts'
import { splitRunId } from './run-id.ts'
import { expire, stepEnded, timeOut } from './step-endings.ts'
import type { TaskDraft } from './transitions.ts'
import { wake } from './waiting-steps.ts'

/** Everything that is due, in the order of the plan; what one of them ends is not due any more. */
export function actOnDue(draft: TaskDraft, untilMs: number): void {
  for (const { runId, due } of runsDue(draft.state, untilMs)) {
    if (isTerminal(draft.state.status)) return
    const current = runStateOf(draft.state, runId)
    if (!current || !due.stillHolds(current)) continue
    if (due.what === 'retry') draft.dispatch(runId)
    else if (due.what === 'queue-time') expire(draft, runId, current.expiresAtMs!)
    else if (due.what === 'run-time') timeOut(draft, runId, untilMs)
    else {
      const step = stepOf(draft.state.plan, splitRunId(runId).stepId)!
      const ending = wake(draft, step, untilMs)
      if (ending) stepEnded(draft, step, ending)
    }
  }
}

import { MurmurError } from '#platform/errors/murmur-error.ts'
import type { Approval } from '#schemas/approval.ts'
import type { JsonObject, JsonValue } from '#schemas/json.ts'
import type { TaskControl } from '#schemas/log-event.ts'
import type { TaskState } from '#schemas/task.ts'
import { checkApprovalAnswer } from '#workflow/decide/approval-answer.ts'
import { assigneesOf, subjectOf } from '#workflow/decide/waiting-steps.ts'

/** A question that waits for somebody. */
export interface InboxEntry {
  taskId: string
  stepId: string
  attempt: number
  title: string
  /** What is to be approved. */
  subject: JsonValue | undefined
  /** Whom it is for by now; empty: anybody. */
  assignees: string[]
  /** Since when. Unix ms */
  sinceMs: number
  approval: Approval
}

export interface TestAnswer {
  /** Who; `test`, unless given. */
  by?: string
  /** What is filled into the form. */
  values?: JsonObject
  /** Changed, where the approval is editable. */
  subject?: JsonValue
  comment?: string
}

/** Questions of a task that wait for somebody, in the order of its plan. Pure. */
export function openApprovals(task: TaskState): InboxEntry[] {
  return task.plan.steps.flatMap((step): InboxEntry[] => {
    const current = task.steps[step.id]!
    if (!step.approval || current.status !== 'awaiting-approval') return []
    const { attempt, waitingSinceMs = task.createdAtMs } = current
    return [
      {
        ...{ taskId: task.id, stepId: step.id, attempt, title: step.approval.title },
        subject: subjectOf(task, step),
        assignees: assigneesOf(step.approval, current),
        sinceMs: waitingSinceMs,
        approval: step.approval,
      },
    ]
  })
}

/**
 * An answer to the question that a step asks, for the log. Pure.
 * @throws MurmurError APPROVAL_NOT_OPEN when nobody asks; INVALID_REQUEST for what does not suit
 */
export function answerControl(
  task: TaskState,
  stepId: string,
  answer: TestAnswer & { decision: 'approved' | 'rejected' },
): TaskControl {
  const open = openApprovals(task)
  const asked = open.find((entry) => entry.stepId === stepId)
  if (!asked) {
    const status = task.steps[stepId]?.status ?? 'not there'
    const others = open.length > 0 ? open.map((entry) => `"${entry.stepId}"`).join(', ') : 'no step'
    throw new MurmurError(
      'APPROVAL_NOT_OPEN',
      `step "${stepId}" of task "${task.id}" is ${status}, and asks nothing; of the task ${others} awaits an approval`,
    )
  }
  const given = { by: 'test', ...answer }
  const issues = checkApprovalAnswer(asked.approval, given)
  if (issues.length > 0)
    throw new MurmurError(
      'INVALID_REQUEST',
      `the answer does not suit the approval: ${issues.map(({ path, message }) => `${path} ${message}`).join('; ')}`,
      { issues },
    )
  return { v: 2, taskId: task.id, action: 'approval', stepId, attempt: asked.attempt, ...given }
}

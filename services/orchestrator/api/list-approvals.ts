import { MurmurError } from '#platform/errors/murmur-error.ts'
import type { TaskState } from '#schemas/task.ts'
import type { ListApprovalsRequest, ListApprovalsResponse, OpenApprovalView } from '#schemas/task-controls.ts'
import { partitionOf } from '#subjects/subjects.ts'
import { resolveTemplate } from '#workflow/decide/references.ts'
import { assigneesOf } from '#workflow/decide/waiting-steps.ts'
import { assertLevel } from '../partition/assert-level.ts'
import type { OpenApproval, PartitionStore } from '../partition/partition-store.ts'
import { fixedPartitions, type LivePartitions } from '../partition-epochs/live-partitions.ts'

export interface ApprovalListing {
  store: Pick<PartitionStore, 'openApprovals' | 'readTasks' | 'position'>
  partitions: number
  /** Undefined: those that the log was made with. */
  live?: Pick<LivePartitions, 'withTasks'> | undefined
}

/** Names looked at by one request, at most: those that are for somebody else count, too. */
const MAX_LOOKED_AT = 2000
const PAGE = 200

/**
 * Questions of a tenant that wait for somebody, in the order of partitions and tasks. A page ends early when many are for others: its cursor
 * goes on.
 * @throws MurmurError INVALID_REQUEST for a cursor that is none; UNAVAILABLE while a partition is made anew
 */
export async function listApprovals(
  { store, partitions, live = fixedPartitions(partitions) }: ApprovalListing,
  tenant: string,
  { assignee, taskId, limit, cursor }: ListApprovalsRequest,
): Promise<ListApprovalsResponse> {
  // Of one task alone: its partition is all that has to be looked through.
  const all = taskId === undefined ? live.withTasks() : [partitionOf(taskId, partitions)]
  const place = cursor === undefined ? undefined : parseCursor(cursor, tenant, all.at(-1)!)
  const approvals: OpenApprovalView[] = []
  let lookedAt = 0
  for (const partition of all) {
    if (place && partition < place.partition) continue
    let after = partition === place?.partition ? place.after : undefined
    await assertLevel(store, partition)
    for (;;) {
      const names = await store.openApprovals(partition, { tenant, after, count: PAGE })
      const wanted = taskId === undefined ? names : names.filter((name) => name.taskId === taskId)
      const tasks = await store.readTasks(partition, [...new Set(wanted.map((name) => name.taskId))])
      const known = new Map(tasks.flatMap((task) => (task ? [[task.id, task] as const] : [])))
      for (const name of names) {
        after = name
        lookedAt++
        const task = known.get(name.taskId)
        const view = task && viewOf(task, name)
        if (view && isFor(view, assignee)) approvals.push(view)
        if (approvals.length === limit || lookedAt === MAX_LOOKED_AT)
          return { approvals, nextCursor: formatCursor(partition, name) }
      }
      if (names.length < PAGE) break
    }
  }
  return { approvals }
}

/** What is to be decided, as it stands now; undefined when it is not open any more. Pure. */
export function viewOf(
  task: TaskState,
  { stepId, attempt }: Pick<OpenApproval, 'stepId' | 'attempt'>,
): OpenApprovalView | undefined {
  const approval = task.plan.steps.find(({ id }) => id === stepId)?.approval
  const current = task.steps[stepId]
  if (!approval || current?.status !== 'awaiting-approval' || current.attempt !== attempt) return undefined
  const { waitingSinceMs = task.createdAtMs, escalations = 0, handedOn } = current
  return {
    taskId: task.id,
    taskType: task.type,
    stepId,
    attempt,
    sinceMs: waitingSinceMs,
    ...(approval.timeoutMs !== undefined && { untilMs: waitingSinceMs + approval.timeoutMs }),
    assignees: assigneesOf(approval, current),
    escalations,
    ...(handedOn && { handedOn }),
    approval,
    ...(approval.subject !== undefined && { subject: resolveTemplate(approval.subject, task) }),
    ...(task.labels && { labels: task.labels }),
  }
}

function isFor({ assignees }: OpenApprovalView, assignee: string | undefined): boolean {
  return assignee === undefined || assignees.length === 0 || assignees.includes(assignee)
}

/** Where a page begins. */
interface Place {
  partition: number
  after: OpenApproval | undefined
}

function formatCursor(partition: number, { taskId, stepId, attempt }: OpenApproval): string {
  return `${partition}:${taskId}:${stepId}:${attempt}`
}

function parseCursor(cursor: string, tenant: string, last: number): Place {
  const [partition, taskId, stepId, attempt, more] = cursor.split(':')
  const numbers = [Number(partition), Number(attempt)]
  if (
    !taskId ||
    !stepId ||
    more !== undefined ||
    !numbers.every(Number.isSafeInteger) ||
    numbers[0]! < 0 ||
    numbers[0]! > last
  )
    throw new MurmurError('INVALID_REQUEST', 'the cursor is none of this list', {
      issues: [{ path: 'cursor', message: 'is none of this list' }],
    })
  return { partition: numbers[0]!, after: { tenant, taskId, stepId, attempt: numbers[1]! } }
}

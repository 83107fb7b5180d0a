import type { StepResult } from '#schemas/step-message.ts'
import type { TaskState } from '#schemas/task.ts'
import type { TaskEvent } from '#schemas/task-event.ts'
import type { LateReason } from '../decide/decision.ts'

/** What a partition tells about itself: metrics and traces are made of it, decisions never are. */
export interface PartitionObserver {
  onBatch(events: number, commitMs: number): void
  onConflict(): void
  onLate(reason: LateReason): void
  onUndecodable(fault: string, seq: number): void
  onDispatch(agent: string, state: TaskState): void
  onBuried(agent: string, state: TaskState): void
  onResult(result: StepResult, state: TaskState): void
  onAnnounced(event: TaskEvent, state: TaskState): void
}

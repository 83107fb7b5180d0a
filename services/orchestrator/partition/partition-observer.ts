import type { LogBreak } from '#platform/nats/log-place.ts'
import type { StepResult } from '#schemas/step-message.ts'
import type { TaskState } from '#schemas/task.ts'
import type { TaskEvent } from '#schemas/task-event.ts'
import type { LateReason } from '#workflow/decide/commands.ts'
import type { LaterState } from './stored-task.ts'
import type { SendSpan } from './task-spans.ts'

/**
 * Why a partition is built anew: nothing is stored of it, what is stored is none, the log has no more what comes behind it, or the log is
 * another one.
 */
export type RebuildReason = 'nothing-stored' | 'unreadable-store' | 'log-purged' | LogBreak

/** What a partition tells about itself: metrics and traces are made of it, decisions never are. */
export interface PartitionObserver {
  /** @param waitedMs how long the oldest of them had been in the log when it was committed */
  onBatch(events: number, commitMs: number, waitedMs?: number): void
  onConflict(): void
  /** Reading the log stood still and was begun again. */
  onReaderRestart(partition: number, why: string): void
  /** A partition is built anew from the log. */
  onRebuild(partition: number, reason: RebuildReason): void
  /** All of its log is folded again. @param tookMs since that began */
  onRebuilt?(partition: number, tookMs: number): void
  /** Tasks that were stored, and that the log does not have. */
  onLost(partition: number, count: number, examples: readonly string[]): void
  onQuarantine(taskId: string, why: string): void
  /** A stored state could not be read; `remade`: the log gave it again. */
  onUnreadable(taskId: string, why: string, remade: boolean): void
  /** A partition is left to a later version. */
  onLater(partition: number, why: LaterState): void
  onLate(reason: LateReason): void
  onUndecodable(fault: string, seq: number): void
  onDispatch(agent: string, state: TaskState): void
  /** An attempt goes to its queue. Undefined where nothing is recorded of it. */
  sending?(state: TaskState, about: { runId: string; attempt: number; agent: string }): SendSpan | undefined
  onBuried(agent: string, state: TaskState): void
  /** @param tookMs from when it was taken up to be folded until that was committed */
  onResult(result: StepResult, state: TaskState, tookMs: number): void
  onAnnounced(event: TaskEvent, state: TaskState): void
  /** States of tasks were written as checkpoints. */
  onCheckpoints?(written: number): void
  /** A round of checkpoints was cut short, or left something out. */
  onIncompleteRound?(partition: number, why: string): void
}

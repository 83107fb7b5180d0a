import type { IntegrityRule } from '#schemas/integrity.ts'
import { isTerminal, type TaskState } from '#schemas/task.ts'
import { canonicalJson } from '../history/state-hash.ts'
import type { PartitionPosition, PartitionStore } from '../partition/partition-store.ts'
import type { AuditedTask } from './audited-tasks.ts'
import type { BrokenRule } from './turn-rules.ts'

export interface Suspicion extends BrokenRule {
  task: AuditedTask
  /** The event that it was seen at; undefined: between events. */
  seq?: number | undefined
}

/** What of a task is to be looked at in the store. */
export interface Question {
  task: AuditedTask
  /** `compare`: it has ended, and stays as it is. `overdue`: what was due has not happened. `confirm`: an event broke a rule. */
  why: 'compare' | 'overdue' | 'confirm'
  suspicion?: Suspicion
}

/** `later`: it can't be said yet. */
export type Answer = { verdict: 'sound' | 'later' | 'unknown' } | { verdict: 'broken'; suspicion: Suspicion }

export interface StoreCheckDeps {
  store: Pick<PartitionStore, 'position' | 'readTasks'>
  /** Whether anybody has a partition just now: one that is left to a later version, or waits for its key, stands still, and that is told elsewhere. */
  isOwned: (partition: number) => Promise<boolean>
  keepFinishedMs: number
  /** The broker's time. Unix milliseconds. */
  nowMs: () => number
  /** Told how long states took to compare. Milliseconds. */
  spend: (tookMs: number) => void
  monotonicMs: () => number
}

/** What is kept for less than this may be gone when it is looked at. Milliseconds. */
const KEPT_MARGIN_MS = 10_000
const SOUND: Answer = { verdict: 'sound' }
const LATER: Answer = { verdict: 'later' }
/** It is not to be told: the store need not have it any more, or has another task under its id. */
const UNKNOWN: Answer = { verdict: 'unknown' }

/** Compares what the log gives with what the store has, which is what everybody is answered. In the order of `questions`. @throws while the store does not answer */
export async function checkStore(deps: StoreCheckDeps, questions: readonly Question[]): Promise<Answer[]> {
  const answers = new Map<Question, Answer>()
  const checkPartition = async (partition: number, all: readonly Question[]) => {
    const unreadable = new Set<string>()
    // The position first: states that are read after it are at least as far.
    const before = await deps.store.position(partition).catch(() => undefined)
    const ids = all.map(({ task }) => task.id)
    const states = await deps.store.readTasks(partition, ids, ({ id }) => unreadable.add(id))
    const isOwned = await deps.isOwned(partition)
    const startedMs = deps.monotonicMs()
    for (const [i, question] of all.entries()) {
      const { id, seq } = question.task
      const isLevel = before?.level === true && before.offset >= seq
      if (!isOwned || !isLevel) answers.set(question, LATER)
      else if (unreadable.has(id)) answers.set(question, UNKNOWN)
      else answers.set(question, answer(deps, question, before, states[i]))
    }
    deps.spend(deps.monotonicMs() - startedMs)
  }
  const byPartition = Map.groupBy(questions, ({ task }) => task.partition)
  await Promise.all([...byPartition].map(([partition, all]) => checkPartition(partition, all)))
  return questions.map((question) => answers.get(question) ?? LATER)
}

/** What everybody goes by. Another version may keep more beside it, so a state as a whole is not compared. */
function outlineOf({ status, error, output, steps }: TaskState): string {
  const ends = Object.entries(steps).map(([id, step]) => [id, step.status, step.attempt, step.output])
  return canonicalJson({
    status,
    code: error?.code,
    output,
    steps: ends.toSorted((a, b) => (a[0]! < b[0]! ? -1 : 1)),
  })
}

function answer(
  { keepFinishedMs, nowMs }: StoreCheckDeps,
  { task, why, suspicion }: Question,
  position: PartitionPosition,
  stored: TaskState | undefined,
): Answer {
  const { state } = task
  const says = (rule: IntegrityRule, message: string): Answer => ({
    verdict: 'broken',
    suspicion: { rule, message, task },
  })
  if (!stored) {
    if (suspicion) return { verdict: 'broken', suspicion }
    if (!isTerminal(state.status))
      return says('store-is-the-fold', 'was accepted, and the store does not have it')
    const keptUntilMs = (state.finishedAtMs ?? 0) + (state.keepFinishedMs ?? keepFinishedMs) - KEPT_MARGIN_MS
    const mayHaveLeft = position.restoredAtMs !== undefined || position.leftUntilMs !== undefined
    if (mayHaveLeft || nowMs() > keptUntilMs) return UNKNOWN
    return says('store-is-the-fold', `was ${state.status}, and the store does not have it`)
  }
  // It had begun before the audit, or begins anew: what is known here is not all of it.
  if (stored.createdAtMs !== state.createdAtMs) return UNKNOWN
  if (suspicion) return { verdict: 'broken', suspicion }
  if (why === 'compare')
    return outlineOf(stored) === outlineOf(state)
      ? SOUND
      : says(
          'store-is-the-fold',
          `was ${state.status} by its log, and is ${stored.status} in the store, which has another state of it`,
        )
  if (stored.seq > state.seq) return LATER
  const since = new Date(task.dueMs ?? 0).toISOString()
  return says('due-happens', `is ${state.status}; something of it has been due since ${since}`)
}

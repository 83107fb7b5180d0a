import { percentile } from '#platform/statistics/percentile.ts'
import type { History } from './checker/history.ts'
import { indexHistory, stateOf } from './checker/indexed-history.ts'
import type { PlannedTask } from './planned-task.ts'
import { nameOfFault, type PlannedFault } from './random-faults.ts'

/** What a fault may cost, 95 of 100 times. Milliseconds. */
export const RECOVERY_LIMITS_MS: Readonly<Record<string, number>> = {
  'agent-kill': 5000,
  'orchestrator-kill': 5000,
  'nats-kill': 8000,
  'redis-kill': 8000,
}

/**
 * How long after the moment at which the last task would have ended without faults it did end, and the same of the task that lost
 * most. Of healthy tasks that nobody cancelled and no step of which stops a process; ideal times count no queueing. Milliseconds.
 */
export function overshootOf(history: History): { lastMs: number; slowestMs: number } | undefined {
  const ends: { idealMs: number; endMs: number }[] = []
  for (const task of indexHistory(history).accepted.values()) {
    const { planned } = task
    const state = stateOf(task)
    if (planned?.kind !== 'healthy' || state?.status !== 'completed') continue
    if (state.finishedAtMs === undefined) continue
    ends.push({ idealMs: history.startedAtMs + planned.idealEndMs, endMs: state.finishedAtMs })
  }
  if (ends.length === 0) return undefined
  const lastMs = Math.max(...ends.map(({ endMs }) => endMs)) - Math.max(...ends.map(({ idealMs }) => idealMs))
  return { lastMs, slowestMs: Math.max(...ends.map(({ idealMs, endMs }) => endMs - idealMs)) }
}

/**
 * Under which name a run's overshoot is counted: that of its one fault, or that there were several. A task that takes processes
 * down, again and again, is one more: what it costs others is not the price of the fault that is measured.
 */
export function kindOfRun(faults: readonly PlannedFault[], tasks: readonly PlannedTask[]): string {
  const [first, second] = faults
  if (tasks.some(({ kind }) => kind === 'poison')) return first ? 'poison and a fault' : 'poison'
  if (!first) return 'none'
  if (second) return 'two at once'
  return first.link ? nameOfFault(first).replace(/^link \w+→/, 'link to ') : first.kind
}

/** The value that `share` of them do not exceed; NaN where there is none. */
export function percentileOf(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted.length === 0 ? Number.NaN : percentile(sorted, share, 'nearest-rank')
}

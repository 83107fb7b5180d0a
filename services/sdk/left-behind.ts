import type { Check } from '#platform/telemetry/health-server.ts'
import type { RunningStep } from './running-steps.ts'

/** How long a handler may go on after its signal before it counts as stuck. */
export const STUCK_AFTER_MS = 10_000
/** With every slot held by a stuck handler for so long, nothing but a new process helps. */
export const HOPELESS_AFTER_MS = 60_000

/** Handlers that have been told to end and go on. */
export interface LeftBehind {
  /** Those whose step is settled: the work goes on for nothing. */
  lingering: number
  /** Those that have not heeded their signal for ten seconds. */
  stuck: RunningStep[]
  /** Every slot has been held by one for a minute. */
  hopeless: boolean
}

/** Looks at the steps in hand. `nowMs`: monotonic. Pure. */
export function findLeftBehind(steps: Iterable<RunningStep>, capacity: number, nowMs: number): LeftBehind {
  const stuck: RunningStep[] = []
  let lingering = 0
  let hopeless = 0
  for (const step of steps) {
    if (step.settled) lingering++
    if (!step.begun || step.abortedAtMs === undefined) continue
    const sinceMs = nowMs - step.abortedAtMs
    if (sinceMs >= STUCK_AFTER_MS) stuck.push(step)
    if (sinceMs >= STUCK_AFTER_MS + HOPELESS_AFTER_MS) hopeless++
  }
  return { lingering, stuck, hopeless: hopeless >= capacity }
}

/** For /readyz: names the handlers that hold slots and do not end. */
export function checkLeftBehind({ stuck }: LeftBehind): Check {
  if (stuck.length === 0) return { ok: true, detail: 'all handlers end when they are told to' }
  const names = stuck
    .slice(0, 5)
    .map(({ step }) => `step "${step.stepId}" of task ${step.taskId}`)
    .join(', ')
  return {
    ok: false,
    detail: `${stuck.length} handlers ignore their signal and hold their slots: ${names}`,
  }
}

import type { Scenario } from '../scenarios.ts'
import type { Kill } from '../summarize.ts'

/** What is killed on a local stack, when, as a share of the run, and which probes see what comes of it. */
const FAULTS = [
  { what: 'report-agents', at: 0.35, witness: 'report' },
  { what: 'orchestrator', at: 0.65, witness: 'task' },
] as const
/** How it was before has to be known. */
const PROBES_BEFORE_MS = 10_000
const PROBES_AFTER_MS = 30_000

export interface FaultPlan {
  readonly kills: readonly Kill[]
  readonly probes: { readonly fromMs: number; readonly toMs: number }
}

/** When what is killed in a run, and when probes are sent. Pure. */
export function faultPlan({ durationMs }: Pick<Scenario, 'durationMs'>): FaultPlan {
  const kills = FAULTS.map(({ what, at, witness }) => ({ what, witness, atMs: Math.round(at * durationMs) }))
  return {
    kills,
    probes: {
      fromMs: Math.max(0, kills[0]!.atMs - PROBES_BEFORE_MS),
      toMs: Math.min(durationMs, kills.at(-1)!.atMs + PROBES_AFTER_MS),
    },
  }
}

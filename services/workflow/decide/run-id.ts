/**
 * Ids of runs. A step of one run has its own id; an item, an iteration, a fallback or a compensation has it with a dot and a name behind:
 * `resize.17`, `poll.3`, `charge.fallback`, `charge.compensate`. A step id has no dot, so there is one way to read them.
 */

/** The name of the run of an item or an iteration is its number. */
export type RunPart = string

export function runIdOf(stepId: string, part?: RunPart | number): string {
  return part === undefined ? stepId : `${stepId}.${part}`
}

/** The step that a run belongs to, and which of its runs it is; no part: its only one. */
export function splitRunId(runId: string): { stepId: string; part?: RunPart } {
  const dot = runId.indexOf('.')
  return dot < 0 ? { stepId: runId } : { stepId: runId.slice(0, dot), part: runId.slice(dot + 1) }
}

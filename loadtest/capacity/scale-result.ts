import { TABLES_RESULT, type TablesResult } from '../load/evaluation/tables-schema.ts'
import type { Origin } from '../load/result-schema.ts'

/** The same load, with so many active tasks beside it, or on so many orchestrators. */
export interface ScaleTurn {
  readonly count: number
  readonly perSecond: number
  /** Of all orchestrators, for a task. */
  readonly cpuUs: number
  /** Of one orchestrator. */
  readonly rssMb: number
}

/** Ratios are to the first row. Pure. */
export function scaleResult(
  { active, orchestrators }: { active: readonly ScaleTurn[]; orchestrators: readonly ScaleTurn[] },
  origin: Origin,
): TablesResult {
  const table = (first: string, turns: readonly ScaleTurn[]) => ({
    columns: [first, 'tasks/s', 'to the first row', 'orchestrators, µs a task', 'memory of one, MB'],
    rows: turns.map(({ count, perSecond, cpuUs, rssMb }) => [
      count.toLocaleString('en'),
      Math.round(perSecond).toLocaleString('en'),
      (perSecond / turns[0]!.perSecond).toFixed(2),
      Math.round(cpuUs).toLocaleString('en'),
      Math.round(rssMb).toLocaleString('en'),
    ]),
  })
  return {
    schema: TABLES_RESULT,
    title: 'Scale',
    about:
      'Tasks of three steps whose agents do nothing, as many as can be done, on one machine: beside active tasks that wait, and on one and two orchestrators in turn. Middles of several turns.',
    origin,
    tables: [
      { title: 'Active tasks beside the load', ...table('active tasks', active) },
      { title: 'Orchestrators that share the partitions', ...table('orchestrators', orchestrators) },
    ],
    notes: [],
  }
}

import type { LoadResult } from './result-schema.ts'

/** A figure of now beside that of an earlier run. */
export interface Comparison {
  readonly what: string
  readonly before: number
  readonly now: number
  /** Now ÷ before; absent where there was nothing before. */
  readonly ratio?: number
  readonly unit: 'ms' | '/s' | ''
  /** Further apart than runs of the same code are: a tenth and a millisecond. */
  readonly change: 'better' | 'worse' | 'same'
}

const SAME_SHARE = 0.1
const SAME_MS = 1
const MIN_FOR_P95 = 100
const MIN_FOR_P99 = 500

/** What is compared and what is not, and why figures may differ for another reason than the code. Pure. */
export function compareRuns(now: LoadResult, before: LoadResult): { rows: Comparison[]; warnings: string[] } {
  const rows: Comparison[] = []
  const add = (
    what: string,
    pair: readonly [number | undefined, number | undefined],
    unit: Comparison['unit'],
  ) => {
    const [was, is] = pair
    if (was === undefined || is === undefined) return
    const isMoreBetter = unit === '/s'
    const apart = Math.abs(is - was)
    const isSame = apart <= SAME_SHARE * Math.max(was, is) || (unit === 'ms' && apart <= SAME_MS)
    rows.push({
      what,
      before: was,
      now: is,
      unit,
      ...(was !== 0 && { ratio: is / was }),
      change: isSame ? 'same' : is > was === isMoreBetter ? 'better' : 'worse',
    })
  }
  for (const { name, unit, measured } of now.levels) {
    if (unit === 'ms' || unit === '/s')
      add(name, [before.levels.find((level) => level.name === name)?.measured, measured], unit)
  }
  const all = (run: LoadResult) =>
    run.kinds.filter(({ transport, latency }) => transport === 'all' && latency.count > 0)
  for (const { kind, group, latency } of all(now)) {
    const was = all(before).find((one) => one.kind === kind && one.group === group)?.latency
    const fewest = Math.min(was?.count ?? 0, latency.count)
    add(`${kind}, p50`, [was?.p50Ms, latency.p50Ms], 'ms')
    // Of few, the last percentiles are the largest of all: nothing follows from them.
    if (fewest >= MIN_FOR_P95) add(`${kind}, p95`, [was?.p95Ms, latency.p95Ms], 'ms')
    if (fewest >= MIN_FOR_P99) add(`${kind}, p99`, [was?.p99Ms, latency.p99Ms], 'ms')
  }
  add('knee, tasks', [before.knee?.tasksPerSecond, now.knee?.tasksPerSecond], '/s')
  return { rows, warnings: warningsOf(now, before) }
}

function warningsOf(now: LoadResult, before: LoadResult): string[] {
  const differs = (what: string, [is, was]: readonly [unknown, unknown]) =>
    is === was ? [] : [`${what}: ${was} before, ${is} now`]
  const machineOf = ({ cpu, cores, memoryGiB }: LoadResult['origin']['machine']) =>
    `${cores} × ${cpu}, ${memoryGiB} GiB`
  return [
    ...differs('another scenario', [now.scenario.name, before.scenario.name]),
    ...differs('another number of users', [now.scenario.users, before.scenario.users]),
    ...differs('another rate', [now.scenario.ratePerSecond, before.scenario.ratePerSecond]),
    ...differs('another length (s)', [now.scenario.durationMs / 1000, before.scenario.durationMs / 1000]),
    ...differs('other transports', [now.transports.join(', '), before.transports.join(', ')]),
    ...differs('another machine', [machineOf(now.origin.machine), machineOf(before.origin.machine)]),
    ...(now.void.length > 0 ? ['this run is void'] : []),
    ...(before.void.length > 0 ? ['the earlier run is void'] : []),
  ]
}

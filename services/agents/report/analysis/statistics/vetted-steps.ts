import type { ChangePoint } from './change-points.ts'
import { type PersistentEstimate, testWithPersistentErrors } from './persistent-errors.ts'

/** A series that forgets slower than this wanders to new levels by itself: its steps are not told. */
const MAX_PERSISTENCE = 0.7
const ALPHA = 0.05

/** Steps that hold beside all others when errors have memory, and the smallest p of the steps that were tried. */
export interface VettedSteps {
  steps: ChangePoint[]
  pValue: number
}

/**
 * Tests each step by regression on all of them (and a line) with persistent errors, for all places where it could have been found.
 *
 * @param x time of each value; it matters only about a line
 * @param y in order of time; `at` of the steps are its indexes
 */
export function vettedSteps(
  { x, y }: { x: Float64Array; y: Float64Array },
  steps: readonly ChangePoint[],
  { aboutLine = false, of = 'level' }: { aboutLine?: boolean; of?: 'level' | 'spread' },
): VettedSteps {
  const one = new Float64Array(y.length).fill(1)
  // In time, not by row: over a gap a line goes on, and that is no step.
  const middle = x.reduce((sum, at) => sum + at, 0) / x.length
  const line = x.map((at) => at - middle)
  const columns = steps.map(({ at }) => y.map((_, i) => (i >= at ? 1 : 0)))
  const tested = steps.map((step, k) => {
    const others = columns.filter((_, j) => j !== k)
    const test = testWithPersistentErrors([one, ...(aboutLine ? [line] : []), ...others, columns[k]!], y, {
      searched: columns.length,
      of,
    })
    return { ...step, pValue: pValueOf(test) }
  })
  return {
    steps: tested.filter(({ pValue }) => pValue < ALPHA),
    pValue: Math.min(1, ...tested.map(({ pValue }) => pValue)),
  }
}

function pValueOf(test: PersistentEstimate | null): number {
  return !test || test.persistence > MAX_PERSISTENCE ? 1 : test.pValue
}

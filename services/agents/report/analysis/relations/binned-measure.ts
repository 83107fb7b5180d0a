import type { KeptGroups } from './kept-groups.ts'

/** A gap between groups that is wider than this many gaps beside it parts two kinds of things, not two classes of one amount. */
const REAL_GAP = 4
/** Gaps looked at on either side. */
const NEIGHBOURS = 10

/**
 * Whether the groups are classes of the measure itself, such as `age_group` of `age`: each takes an interval of the values, and
 * between the intervals there is no gap to speak of. That such a measure differs by such a group is true of any data.
 *
 * @param values by unit
 * @param taking units that take part, ascending by value
 */
export function isBinned(values: Float64Array, taking: Uint32Array, { groups, names }: KeptGroups): boolean {
  const edges: number[] = []
  for (let i = 1; i < taking.length; i++) {
    if (groups[taking[i]!] === groups[taking[i - 1]!]) continue
    edges.push(i)
    if (edges.length >= names.length) return false
  }
  return edges.every(
    (edge) => values[taking[edge]!]! > values[taking[edge - 1]!]! && !hasGap(values, taking, edge),
  )
}

function hasGap(values: Float64Array, taking: Uint32Array, edge: number): boolean {
  const at = (i: number) => values[taking[Math.max(0, Math.min(taking.length - 1, i))]!]!
  const gap = at(edge) - at(edge - 1)
  const beside = at(edge - 1) - at(edge - 1 - NEIGHBOURS) + at(edge + NEIGHBOURS) - at(edge)
  // Of whole numbers many are equal: then the usual step is the smallest difference, not the mean of mostly zeros.
  const step = smallestStep(values, taking, edge)
  return gap > REAL_GAP * Math.max(beside / (2 * NEIGHBOURS), Number.isFinite(step) ? step : 0)
}

/** Among the steps to the next other values on either side, however often each value comes. */
function smallestStep(values: Float64Array, taking: Uint32Array, edge: number): number {
  return Math.min(
    stepsFrom(values, taking, { from: edge - 1, by: -1 }),
    stepsFrom(values, taking, { from: edge, by: 1 }),
  )
}

/** The smallest of the first steps between different values; of equal values alone none is known. */
function stepsFrom(
  values: Float64Array,
  taking: Uint32Array,
  { from, by }: { from: number; by: 1 | -1 },
): number {
  let smallest = Number.POSITIVE_INFINITY
  let steps = 0
  for (let i = from + by; i >= 0 && i < taking.length && steps < NEIGHBOURS; i += by) {
    const step = Math.abs(values[taking[i]!]! - values[taking[i - by]!]!)
    if (step === 0) continue
    smallest = Math.min(smallest, step)
    steps++
  }
  return smallest
}

import type { TableStructure } from '#schemas/analysis.ts'
import type { Granularity, RowAxis } from './row-axis.ts'
import { timeLabel } from './time-label.ts'

type Period = NonNullable<TableStructure['period']>

export interface TimePeriod extends Period {
  /** Different moments. */
  moments: number
  /** The longest stretches without a row, longest first, at most three, for people. */
  longest: string[]
}

const DAY_MS = 86_400_000
/** Date ends there. */
const MAX_DATE_MS = 8.64e15
const MONTHS: Partial<Record<Granularity, number>> = { month: 1, quarter: 3, year: 12 }
/** Share of the distances between neighbours that must be the usual one: else there is no grid to have gaps in. */
const MIN_REGULAR_SHARE = 0.6
const MIN_MOMENTS = 5
const SHOWN = 3
/** Dates on no Saturday or Sunday are working days, whose weekends are no gaps; that many tell it. */
const MIN_WORKDAYS = 15

/**
 * From when to when, and how many steps have no row. A step is the usual distance between moments (in months for months and longer,
 * in working days where no row is on a weekend). Null without a time. Pure.
 */
export function timePeriod(axis: RowAxis | null): TimePeriod | null {
  if (axis?.kind !== 'time' || !axis.granularity) return null
  const moments = Float64Array.from(new Set(axis.at.filter((ms) => Math.abs(ms) <= MAX_DATE_MS))).sort()
  if (moments.length === 0) return null
  const period = { fromMs: moments[0]!, toMs: moments[moments.length - 1]!, moments: moments.length }
  const holes = gapsBetween(moments, axis.granularity)
  const gaps = Math.min(
    Number.MAX_SAFE_INTEGER,
    holes.reduce((sum, hole) => sum + hole.steps, 0),
  )
  const longest = holes
    .toSorted((a, b) => b.steps - a.steps || a.from - b.from)
    .slice(0, SHOWN)
    .map(({ from, to }) => `${timeLabel(from, axis.granularity!)} and ${timeLabel(to, axis.granularity!)}`)
  return { ...period, gaps, longest }
}

interface Gap {
  /** The moments around it, Unix ms. */
  from: number
  to: number
  steps: number
}

function gapsBetween(moments: Float64Array, granularity: Granularity): Gap[] {
  if (moments.length < MIN_MOMENTS) return []
  const positions = positionsOf(moments, granularity)
  const distances = positions.subarray(1).map((position, i) => position - positions[i]!)
  const step = usualDistance(distances)
  if (step === null) return []
  return [...distances].flatMap((distance, i) => {
    const steps = Math.round(distance / step) - 1
    return steps > 0 ? [{ from: moments[i]!, to: moments[i + 1]!, steps }] : []
  })
}

/** Where each moment stands: in months, working days, or milliseconds. */
function positionsOf(moments: Float64Array, granularity: Granularity): Float64Array {
  if (MONTHS[granularity] !== undefined) {
    return moments.map((ms) => new Date(ms).getUTCFullYear() * 12 + new Date(ms).getUTCMonth())
  }
  if (granularity === 'day' && moments.length >= MIN_WORKDAYS) {
    const days = moments.map((ms) => Math.floor(ms / DAY_MS))
    // 1 January 1970 was a Thursday: Monday is day 4.
    if (days.every((day) => (((day - 4) % 7) + 7) % 7 < 5)) {
      return days.map((day) => Math.floor((day - 4) / 7) * 5 + ((((day - 4) % 7) + 7) % 7))
    }
  }
  return moments
}

/** The most frequent distance, when most are this; null where there is none. */
function usualDistance(distances: Float64Array): number | null {
  const counts = new Map<number, number>()
  for (const distance of distances) counts.set(distance, (counts.get(distance) ?? 0) + 1)
  const [usual] = [...counts].sort(([a, m], [b, n]) => n - m || a - b)
  return usual && usual[0] > 0 && usual[1] >= MIN_REGULAR_SHARE * distances.length ? usual[0] : null
}

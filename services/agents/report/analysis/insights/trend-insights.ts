import type { Trend } from '#schemas/analysis.ts'
import type { TableFindings } from '../findings/table-findings.ts'
import type { TrendFinding } from '../findings/trend-findings.ts'
import { medianAbsoluteDeviation } from '../statistics/median.ts'
import { clamp01, columnProvenance, type InsightDraft, tableTitle, testedStrength } from './insight-draft.ts'
import { numberText, percentText, pValueText } from './number-text.ts'

const ALPHA = 0.01
const DAYS_A_YEAR = 365.25
/** Half-widths of its interval between a slope and zero, from which it is as sure as it gets. */
const SURE_SLOPE = 6
/** A start near zero makes any change many times itself: beyond this nobody is helped by the percentage. */
const MAX_TIMES = 10
/** Rows without a time may stand in any order: their trends and steps count for less. */
const ROW_ORDER_DISCOUNT = 0.6

/** A column that moves in steps is told as its steps; a slope on top of the same change would say it twice. */
export function trendInsights(found: TableFindings): InsightDraft[] {
  return [...found.trends.values()].flatMap((finding) => {
    const inSteps = finding.shape === 'steps' && finding.trend.changePoints.length > 0
    const steps = changePointInsights(found, finding)
    return inSteps ? steps : [...trendInsight(found, finding), ...steps]
  })
}

function trendInsight(found: TableFindings, { trend, points }: TrendFinding): InsightDraft[] {
  if (trend.direction === 'none' || trend.pValue > ALPHA) return []
  const { slope, intercept, relativeChange } = trend
  const first = points.x[0]!
  const last = points.x[points.x.length - 1]!
  const span = trend.slopeUnit === 'day' ? (last - first) / 86_400_000 : last - first
  const share =
    relativeChange === null || Math.abs(relativeChange) > MAX_TIMES
      ? ''
      : `, ${relativeChange > 0 ? 'up' : 'down'} ${percentText(Math.abs(relativeChange))}`
  const verb = trend.direction === 'rising' ? 'rises' : 'falls'
  const from = numberText(intercept)
  const to = numberText(intercept + slope * span)
  const discount = trend.slopeUnit === 'day' ? 1 : ROW_ORDER_DISCOUNT
  return [
    {
      kind: 'trend',
      statement:
        `${trend.column} in ${tableTitle(found.table)} ${verb} from about ${from} to ${to}${share}, ` +
        `${paceText(trend, span)} over ${numberText(trend.n)} values (${pValueText(trend.pValue)}).`,
      strength: discount * strengthOf(trend),
      evidence: evidenceOf(trend),
      provenance: [
        columnProvenance(found.table, trend.column, { method: 'Theil–Sen slope, Mann–Kendall test' }),
      ],
    },
  ]
}

/**
 * Either the test is sure that there is a trend, or the slope is known so well that its 95 % interval keeps far from zero.
 * Few points can't reach a tiny p, however clear the line; the interval, widened for serial correlation, still tells.
 */
function strengthOf({ tau, pValue, slope, slopeInterval }: Trend): number {
  const halfWidth = (slopeInterval.high - slopeInterval.low) / 2
  const precision = halfWidth > 0 ? clamp01(Math.abs(slope) / halfWidth / SURE_SLOPE) : 0
  return Math.max(testedStrength(tau, pValue), Math.abs(tau) * precision)
}

/** A change a day says little about decades. */
function paceText({ slope, slopeUnit }: Trend, span: number): string {
  if (slopeUnit === 'day' && span > 2 * DAYS_A_YEAR)
    return `${numberText(Math.abs(slope) * DAYS_A_YEAR)} a year`
  return `${numberText(Math.abs(slope))} a ${slopeUnit}`
}

function evidenceOf(trend: Trend): InsightDraft['evidence'] {
  return {
    slope: trend.slope,
    slopeUnit: trend.slopeUnit,
    slopeLow: trend.slopeInterval.low,
    slopeHigh: trend.slopeInterval.high,
    tau: trend.tau,
    pValue: trend.pValue,
    n: trend.n,
    ...(trend.relativeChange !== null && { relativeChange: trend.relativeChange }),
  }
}

function changePointInsights(
  found: TableFindings,
  { trend, points, expected }: TrendFinding,
): InsightDraft[] {
  const residuals = points.y.map((value, i) => value - expected[i]!)
  const noise = 1.4826 * medianAbsoluteDeviation(residuals, 0)
  return trend.changePoints.map(({ row, label, before, after, pValue }) => {
    const jump = noise > 0 ? Math.abs(after - before) / noise : 10
    const discount = trend.slopeUnit === 'day' ? 1 : ROW_ORDER_DISCOUNT
    const where = label === undefined ? `row ${row}` : `${label} (row ${row})`
    const share = before > 0 && after > 0 ? `, ${percentText(Math.abs(after / before - 1))}` : ''
    return {
      kind: 'change-point',
      statement:
        `${trend.column} in ${tableTitle(found.table)} ${after > before ? 'jumps' : 'drops'} from about ` +
        `${numberText(before)} to ${numberText(after)} at ${where}${share} (${pValueText(pValue)}).`,
      strength: discount * clamp01(0.4 + 0.55 * (1 - Math.exp(-jump / 3))),
      evidence: { row, before, after, pValue, jumpInNoise: jump },
      provenance: [
        columnProvenance(found.table, trend.column, {
          method: 'CUSUM segmentation, permutation test',
          rows: [row],
        }),
      ],
    }
  })
}

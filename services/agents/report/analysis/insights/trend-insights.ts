import { MAD_TO_SD, medianAbsoluteDeviation } from '#platform/statistics/median.ts'
import type { Trend } from '#schemas/analysis.ts'
import type { TableFindings } from '../findings/table-findings.ts'
import type { TrendFinding } from '../findings/trend-findings.ts'
import type { ErrorBudget } from '../inference/error-budget.ts'
import { findingStrength } from '../inference/finding-strength.ts'
import { columnProvenance, type InsightDraft, tableTitle } from './insight-draft.ts'
import { numberText, percentText, pValueText } from './number-text.ts'

const DAY_MS = 86_400_000
const DAYS_A_YEAR = 365.25
/** A start near zero makes any change many times itself: beyond this nobody is helped by the percentage. */
const MAX_TIMES = 10
const MODERATE = 0.5

/** A column that moves in steps is told as its steps, a slope on top of the same change would say it twice; unless the steps are doubtful and the slope is not. */
export function trendInsights(found: TableFindings, budget: ErrorBudget): InsightDraft[] {
  const ofColumns = [...found.trends.values()].flatMap((finding) => {
    const levels = finding.trend.changePoints.filter(({ of }) => of !== 'spread')
    const inSteps = finding.shape === 'steps' && levels.length > 0
    const steps = changePointInsights(found, finding, budget)
    const trend = trendInsight(found, finding, budget)
    const isSure = ({ strength, evidence }: InsightDraft) =>
      strength >= MODERATE && levels.some(({ row }) => row === evidence.row)
    const isDoubtful = !steps.some(isSure) && trend.some(({ strength }) => strength >= MODERATE)
    return inSteps && !isDoubtful ? steps : [...trend, ...steps]
  })
  const together = found.jointTrends.flatMap((finding) => trendInsight(found, finding, budget))
  return [...ofColumns, ...together, ...panelInsights(found, budget)]
}

function trendInsight(
  found: TableFindings,
  { trend, points }: TrendFinding,
  { rateOf }: ErrorBudget,
): InsightDraft[] {
  const qValue = rateOf(trend.pValue)
  const strength = findingStrength(trend.tau, qValue)
  if (trend.direction === 'none' || strength === 0) return []
  const { observed, relativeChange } = trend
  const span = (points.x.at(-1)! - points.x[0]!) / (trend.slopeUnit === 'day' ? DAY_MS : 1)
  const share =
    relativeChange === null || Math.abs(relativeChange) > MAX_TIMES
      ? ''
      : `, ${relativeChange > 0 ? 'up' : 'down'} ${percentText(Math.abs(relativeChange))}`
  const verb = trend.direction === 'rising' ? 'rises' : 'falls'
  // The ends of a curve may lie the other way than the whole: then only the pace is told.
  const agrees =
    observed &&
    Math.sign(observed.last - observed.first) === Math.sign(trend.slope) &&
    // Of means within entities a level that none has is not told.
    !(trend.joint?.how === 'mean' && Math.min(observed.first, observed.last) < 0)
  const ends = agrees
    ? ` from about ${numberText(observed.first)} to ${numberText(observed.last)}${mediansText(trend)}${share},`
    : ' by'
  return [
    {
      kind: 'trend',
      statement:
        `${trend.column}${jointText(trend)} in ${tableTitle(found.table)} ${verb}${ends} ` +
        `${paceText(trend, span)} over ${numberText(trend.n)} values (${pValueText(trend.pValue)}).`,
      strength,
      qValue,
      evidence: evidenceOf(trend),
      provenance: [columnProvenance(found.table, trend.column, { method: METHOD })],
    },
  ]
}

function mediansText({ observed }: Trend): string {
  const values = observed?.values ?? 1
  return values > 1 ? ` (medians of the first and last ${numberText(values)} values)` : ''
}

/** What of a panel the numbers are. */
function jointText({ joint }: Trend): string {
  if (!joint) return ''
  return joint.how === 'sum'
    ? `, summed over ${joint.entities} entities,`
    : `, averaged over ${joint.entities} entities,`
}

const METHOD = 'Theil–Sen slope, Mann–Kendall test, generalised least squares with autoregressive errors'

const AFTER_THE_WHOLE = 0.97

/** One sentence a column on what its entities do: opposite trends must not hide each other in a sum. */
function panelInsights(found: TableFindings, { rateOf }: ErrorBudget): InsightDraft[] {
  const byColumn = Map.groupBy(found.entityTrends, ({ trend }) => trend.column)
  return [...byColumn].flatMap(([column, findings]) => {
    const moving = findings
      .map(({ trend }) => trend)
      .filter(({ direction }) => direction !== 'none')
      .sort((a, b) => a.pValue - b.pValue)
    const told = (['rising', 'falling'] as const).flatMap(
      (direction) => moving.find((trend) => trend.direction === direction) ?? [],
    )
    const qValue = Math.max(0, ...told.map(({ pValue }) => rateOf(pValue)))
    const strength = findingStrength(Math.min(1, ...told.map(({ tau }) => Math.abs(tau))), qValue)
    if (told.length === 0 || strength === 0) return []
    // Where all go one way, what they do together says it first.
    const together = found.jointTrends.find(({ trend }) => trend.column === column)?.trend.direction
    const weight = told.length === 1 && told[0]!.direction === together ? AFTER_THE_WHOLE : 1
    const courses = told.map(
      (trend) =>
        `${trend.entity} ${trend.direction === 'rising' ? 'rose' : 'fell'} by ${paceText(trend, spanOf(findings, trend))}`,
    )
    return [
      {
        kind: 'trend' as const,
        statement:
          `${column} in ${tableTitle(found.table)}: ${courses.join(', while ')}; ` +
          `${moving.length} of ${findings.length} move.`,
        strength: strength * weight,
        qValue,
        evidence: { entities: findings.length, moving: moving.length, pValue: told[0]!.pValue },
        provenance: [columnProvenance(found.table, column, { method: METHOD })],
      },
    ]
  })
}

/** Length of an entity's course, in the unit of its slope. */
function spanOf(findings: readonly TrendFinding[], trend: Trend): number {
  const x = findings.find((finding) => finding.trend === trend)?.points.x ?? [0]
  return (x.at(-1)! - x[0]!) / (trend.slopeUnit === 'day' ? DAY_MS : 1)
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
    ...(trend.joint && { joint: trend.joint.how }),
    ...(trend.relativeChange !== null && { relativeChange: trend.relativeChange }),
  }
}

function changePointInsights(
  found: TableFindings,
  { trend, points, expected, isRelative }: TrendFinding,
  { rateOf }: ErrorBudget,
): InsightDraft[] {
  const scaled = isRelative ? Math.log : (value: number) => value
  const residuals = points.y.map((value, i) => scaled(value) - expected[i]!)
  const noise = MAD_TO_SD * medianAbsoluteDeviation(residuals, 0)
  // Steps are tested together: the surest of each sort was registered.
  const registered = (of: 'level' | 'spread') =>
    Math.min(...trend.changePoints.filter((change) => (change.of ?? 'level') === of).map((c) => c.pValue))
  return trend.changePoints.flatMap(
    ({ row, label, of = 'level', isRelative: isShare, before, after, pValue }) => {
      const jump = noise > 0 ? Math.abs(scaled(after) - scaled(before)) / noise : MAX_JUMP
      const size = of === 'spread' ? Math.abs(Math.log2(after / before)) : jump
      const qValue = Math.min(1, rateOf(registered(of)) * (pValue / registered(of) || 1))
      const sure = findingStrength(1 - Math.exp(-size / 2), qValue)
      const isDoubtful =
        of === 'spread' ||
        shortestSide(row, { trend, points }) < MIN_SURE_VALUES ||
        (points.y.length < MIN_SURE_LENGTH && memoryOf(residuals) > MAX_SURE_MEMORY)
      const strength = isDoubtful ? Math.min(MAX_DOUBTFUL_STRENGTH, sure) : sure
      if (strength === 0) return []
      const where = label === undefined ? `row ${row}` : `${label} (row ${row})`
      const verb =
        of === 'spread'
          ? `varies ${after > before ? 'more' : 'less'}`
          : `${after > before ? 'jumps' : 'drops'}`
      const what = of === 'spread' ? 'spread ' : ''
      const sizeText = isShare ? percentText : numberText
      const share =
        of === 'level' && before > 0 && after > 0 ? `, ${percentText(Math.abs(after / before - 1))}` : ''
      return {
        kind: 'change-point' as const,
        statement:
          `${trend.column} in ${tableTitle(found.table)} ${verb}, ${what}from about ` +
          `${sizeText(before)} to ${sizeText(after)}, at ${where}${share} (${pValueText(pValue)}).`,
        strength,
        qValue,
        evidence: { row, before, after, pValue, jumpInNoise: jump },
        provenance: [
          columnProvenance(found.table, trend.column, {
            method: 'CUSUM segmentation, generalised least squares with autoregressive errors',
            rows: [row],
          }),
        ],
      }
    },
  )
}

/** Values between a step and the next one, or the end, on its shorter side. */
function shortestSide(row: number, { trend, points }: Pick<TrendFinding, 'trend' | 'points'>): number {
  const places = trend.changePoints
    .filter(({ of }) => of !== 'spread')
    .map((change) => points.rows.findIndex((at) => at + 1 >= change.row))
  const at = points.rows.findIndex((each) => each + 1 >= row)
  const edges = [0, ...places.filter((place) => place !== at), points.rows.length]
  return Math.min(...edges.map((edge) => Math.abs(edge - at)))
}

/** Fewer values do not tell their own spread: a wild week looks like a level. */
const MIN_SURE_VALUES = 12
/** A short series that forgets slowly wanders to new levels by itself, and is too short to show that it does. */
const MIN_SURE_LENGTH = 60
const MAX_SURE_MEMORY = 0.25

/** Correlation of neighbours. */
function memoryOf(residuals: readonly number[] | Float64Array): number {
  const values = Array.from(residuals)
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0)
  const products = values.slice(1).reduce((sum, value, i) => sum + (value - mean) * (values[i]! - mean), 0)
  return squares > 0 ? products / squares : 0
}

/** Volatility that comes and goes, as that of prices does, looks like a change of spread, and in few values like a step: never strong. */
const MAX_DOUBTFUL_STRENGTH = 0.79
/** Of a step without noise. */
const MAX_JUMP = 10

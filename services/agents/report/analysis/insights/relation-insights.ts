import type { CorrelationFinding, GroupDifference } from '../findings/relation-findings.ts'
import type { TableFindings } from '../findings/table-findings.ts'
import { columnProvenance, type InsightDraft, tableTitle, testedStrength } from './insight-draft.ts'
import { numberText, percentText, pValueText } from './number-text.ts'

const ALPHA = 0.01
const MIN_RHO = 0.3
/** A medium effect (Cohen). */
const MIN_ETA_SQUARED = 0.06
const SAME_INFORMATION = 0.99999
const MAX_A_TABLE = 5

/**
 * The strongest correlations that hold without the trends as well. Of columns that all go together only as many pairs
 * are told as connect them: the others follow.
 */
export function correlationInsights(found: TableFindings): InsightDraft[] {
  const clusterOf = new Map<string, string>()
  const root = (column: string): string => {
    const parent = clusterOf.get(column)
    return parent === undefined ? column : root(parent)
  }
  return found.correlations
    .filter(isNotable)
    .sort((a, b) => Math.abs(b.correlation.spearman) - Math.abs(a.correlation.spearman))
    .filter(({ correlation: { a, b } }) => {
      if (root(a) === root(b)) return false
      clusterOf.set(root(a), root(b))
      return true
    })
    .slice(0, MAX_A_TABLE)
    .map((finding) => correlationInsight(found, finding))
}

function isNotable({ correlation, withoutTrend }: CorrelationFinding): boolean {
  const { spearman, pValue } = correlation
  if (Math.abs(spearman) < MIN_RHO || pValue > ALPHA) return false
  return withoutTrend === null || withoutTrend * Math.sign(spearman) >= MIN_RHO || isSame(correlation)
}

function isSame({ pearson }: { pearson: number }): boolean {
  return Math.abs(pearson) >= SAME_INFORMATION
}

function correlationInsight(
  found: TableFindings,
  { correlation, withoutTrend }: CorrelationFinding,
): InsightDraft {
  const { a, b, n, pearson, spearman, pValue } = correlation
  const place = tableTitle(found.table)
  const together = spearman > 0 ? `is high where ${b} is high` : `is low where ${b} is high`
  const statement = isSame(correlation)
    ? `${a} and ${b} in ${place} carry the same information: each is a linear function of the other (r = ${pearson.toFixed(3)}, ${numberText(n)} rows).`
    : `${a} ${together} in ${place}: rank correlation ${spearman.toFixed(2)} over ${numberText(n)} rows (${pValueText(pValue)}).`
  return {
    kind: 'correlation',
    statement,
    strength: testedStrength(spearman, pValue) * (isSame(correlation) ? 0.6 : 1),
    evidence: {
      spearman,
      pearson,
      pValue,
      n,
      ...(withoutTrend !== null && { spearmanWithoutTrend: withoutTrend }),
    },
    provenance: [a, b].map((column) =>
      columnProvenance(found.table, column, { method: 'Spearman rank correlation' }),
    ),
  }
}

/** For every measure the category that separates it best. */
export function differenceInsights(found: TableFindings): InsightDraft[] {
  const best = new Map<string, GroupDifference>()
  for (const difference of found.differences) {
    if (difference.pValue > ALPHA || difference.etaSquared < MIN_ETA_SQUARED) continue
    const known = best.get(difference.measure)
    if (!known || difference.etaSquared > known.etaSquared) best.set(difference.measure, difference)
  }
  return [...best.values()]
    .sort((a, b) => b.etaSquared - a.etaSquared)
    .slice(0, MAX_A_TABLE)
    .map((difference) => differenceInsight(found, difference))
}

function differenceInsight(found: TableFindings, difference: GroupDifference): InsightDraft {
  const { category, measure, groups, h, pValue, etaSquared } = difference
  const high = groups[0]!
  const low = groups[groups.length - 1]!
  return {
    kind: 'difference',
    statement:
      `${measure} in ${tableTitle(found.table)} differs by ${category}: the median is ${numberText(high.median)} for ` +
      `${high.name} and ${numberText(low.median)} for ${low.name}; ${category} explains ${percentText(etaSquared)} of the ranks' variance (${pValueText(pValue)}).`,
    strength: testedStrength(Math.sqrt(etaSquared), pValue),
    evidence: {
      etaSquared,
      h,
      pValue,
      groups: groups.length,
      highest: high.name,
      highestMedian: high.median,
      lowest: low.name,
      lowestMedian: low.median,
    },
    provenance: [measure, category].map((column) =>
      columnProvenance(found.table, column, { method: 'Kruskal–Wallis test' }),
    ),
  }
}

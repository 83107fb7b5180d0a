import type { ColumnFinding, NumericSummary } from '#schemas/analysis.ts'
import type { TableFindings } from '../findings/table-findings.ts'
import { columnProvenance, type InsightDraft, tableTitle } from './insight-draft.ts'
import { countText, listText, numberText, percentText } from './number-text.ts'

const MIN_MISSING_SHARE = 0.05
const DOMINANT_SHARE = 0.6
const MIN_COUNT = 10

/** Shapes of measures that do not move with time: of one that does, the shape is that of its trend. */
export function distributionInsights(found: TableFindings): InsightDraft[] {
  const measures = new Set(
    found.table.numeric.filter(({ role }) => role === 'measure').map(({ name }) => name),
  )
  return found.columns.flatMap(({ column, numeric }) => {
    const shape = found.trends.get(column)?.shape
    if (!numeric || !measures.has(column) || (shape !== undefined && shape !== 'constant')) return []
    const sentence = sentenceOf(numeric, `${column} in ${tableTitle(found.table)}`)
    if (!sentence) return []
    return [
      {
        kind: 'distribution' as const,
        ...sentence,
        evidence: {
          mean: numeric.mean,
          median: numeric.median,
          q1: numeric.q1,
          q3: numeric.q3,
          n: numeric.count,
        },
        provenance: [columnProvenance(found.table, column, { method: 'quantile skewness and tail ratio' })],
      },
    ]
  })
}

function sentenceOf(
  summary: NumericSummary,
  subject: string,
): { statement: string; strength: number } | null {
  const { mean, median, q1, q3, min, max } = summary
  // Three prices are no tail: nothing lies beyond the middle half.
  const isWithin = {
    'right-skewed': max <= q3,
    'left-skewed': min >= q1,
    'heavy-tailed': min >= q1 && max <= q3,
  }
  if (isWithin[summary.distribution as keyof typeof isWithin]) return null
  switch (summary.distribution) {
    case 'bimodal':
      return {
        statement: `${subject} has two groups of values with a gap between them: a quarter lies below ${numberText(q1)}, a quarter above ${numberText(q3)}, few in the middle.`,
        strength: 0.45,
      }
    case 'right-skewed':
      return {
        statement: `${subject} is skewed to the right: a few large values lift the mean to ${numberText(mean)}, while the median is ${numberText(median)}.`,
        strength: 0.25,
      }
    case 'left-skewed':
      return {
        statement: `${subject} is skewed to the left: a few small values pull the mean to ${numberText(mean)}, while the median is ${numberText(median)}.`,
        strength: 0.25,
      }
    case 'heavy-tailed':
      return {
        statement: `${subject} has heavy tails: half of the values lie between ${numberText(q1)} and ${numberText(q3)}, but extremes reach ${numberText(summary.min)} and ${numberText(summary.max)}.`,
        strength: 0.25,
      }
    default:
      return null
  }
}

/** Categories in which one value prevails. */
export function categoryInsights(found: TableFindings): InsightDraft[] {
  return found.columns.flatMap(({ column, category }) => {
    const top = category?.top[0]
    if (!category || !top || category.distinct < 2 || category.count < MIN_COUNT) return []
    if (top.share < DOMINANT_SHARE) return []
    return [
      {
        kind: 'category' as const,
        statement: `${percentText(top.share)} of the ${numberText(category.count)} values of ${column} in ${tableTitle(found.table)} are ${top.value}; ${countText(category.distinct - 1, 'other value occurs', 'other values occur')}.`,
        strength: 0.1 + 0.3 * top.share,
        evidence: { value: top.value, share: top.share, count: top.count, distinct: category.distinct },
        provenance: [columnProvenance(found.table, column, { method: 'frequency count' })],
      },
    ]
  })
}

/** What is missing, unreadable or always the same: one insight of each sort a table. */
export function tableQualityInsights(found: TableFindings): InsightDraft[] {
  return [...missingInsight(found), ...malformedInsight(found), ...constantInsight(found)]
}

type QualityText = Pick<InsightDraft, 'statement' | 'strength' | 'evidence'>

function qualityInsight(
  { table }: TableFindings,
  columns: readonly string[],
  text: QualityText,
): InsightDraft {
  return {
    kind: 'quality',
    ...text,
    provenance: columns.map((column) => columnProvenance(table, column, { method: 'count' })),
  }
}

function missingInsight(found: TableFindings): InsightDraft[] {
  const missing = found.columns
    .map((column) => ({ name: column.column, share: missingShare(column) }))
    .filter(({ share }) => share >= MIN_MISSING_SHARE)
    .sort((a, b) => b.share - a.share)
  if (missing.length === 0) return []
  const list = listText(missing.map(({ name, share }) => `${name} (${percentText(share)})`))
  const evidence = missing.slice(0, 10).map(({ name, share }) => [`missing share of ${name}`, share])
  const text = {
    statement: `Values are missing in ${countText(missing.length, 'column')} of ${tableTitle(found.table)}: ${list}.`,
    strength: 0.2 + 0.6 * missing[0]!.share,
    evidence: Object.fromEntries(evidence),
  }
  return [
    qualityInsight(
      found,
      missing.map(({ name }) => name),
      text,
    ),
  ]
}

function malformedInsight(found: TableFindings): InsightDraft[] {
  const malformed = found.table.source.columns.filter(({ malformedCount }) => malformedCount > 0)
  if (malformed.length === 0) return []
  const names = malformed.map(({ name }) => name)
  const count = malformed.reduce((sum, column) => sum + column.malformedCount, 0)
  const example = malformed.flatMap((column) => column.malformed)[0]
  const shown = example ? `, such as "${example.value.slice(0, 40)}" in row ${example.row}` : ''
  const text = {
    statement: `${countText(count, 'value')} of ${listText(names)} in ${tableTitle(found.table)} could not be read${shown}.`,
    strength: 0.4,
    evidence: { malformed: count },
  }
  return [qualityInsight(found, names, text)]
}

function constantInsight(found: TableFindings): InsightDraft[] {
  const names = found.columns.filter(isConstant).map(({ column }) => column)
  if (names.length === 0) return []
  const text = {
    statement: `${listText(names)} in ${tableTitle(found.table)} ${names.length === 1 ? 'has' : 'have'} the same value in every row.`,
    strength: 0.15,
    evidence: { columns: names.length },
  }
  return [qualityInsight(found, names, text)]
}

function isConstant({ numeric, category }: ColumnFinding): boolean {
  if (numeric) return numeric.count >= MIN_COUNT && numeric.min === numeric.max
  return category !== undefined && category.count >= MIN_COUNT && category.distinct === 1
}

function missingShare({ numeric, category }: ColumnFinding): number {
  const summary = numeric ?? category
  return summary && summary.count + summary.missing > 0
    ? summary.missing / (summary.count + summary.missing)
    : 0
}

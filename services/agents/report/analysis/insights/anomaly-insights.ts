import type { Anomaly } from '#schemas/analysis.ts'
import type { TableFindings } from '../findings/table-findings.ts'
import type { ErrorBudget } from '../inference/error-budget.ts'
import { findingStrength } from '../inference/finding-strength.ts'
import { clamp01, columnProvenance, type InsightDraft, tableTitle } from './insight-draft.ts'
import { countText, listText, numberText } from './number-text.ts'

/** One insight a column; columns that stand out in exactly the same rows share one: it is the same event. */
export function anomalyInsights(found: TableFindings, { rateOf }: ErrorBudget): InsightDraft[] {
  const byColumn = Map.groupBy(found.anomalies, ({ column }) => column)
  const byRows = Map.groupBy(byColumn.values(), (anomalies) =>
    anomalies
      .map(({ row }) => row)
      .sort((a, b) => a - b)
      .join(),
  )
  return [...byRows.values()].flatMap((columns) => {
    const pValues = columns.map(([first]) => found.anomalyPValues.get(first!.column) ?? 1)
    const draft = insightOf(found, columns, rateOf(Math.min(...pValues)))
    return draft.strength > 0 ? [draft] : []
  })
}

function insightOf(found: TableFindings, columns: Anomaly[][], qValue: number): InsightDraft {
  const all = columns.flat()
  const farthest = all.reduce((a, b) => (distanceOf(b) > distanceOf(a) ? b : a))
  const rows = [...new Set(all.map(({ row }) => row))]
  return {
    kind: 'anomaly',
    statement: rows.length === 1 ? oneRow(found, all) : severalRows(found, columns),
    strength: findingStrength(clamp01(1 - 0.6 / distanceOf(farthest) ** 0.7), qValue),
    qValue,
    evidence: {
      row: farthest.row,
      value: farthest.value,
      expectedLow: farthest.expected.low,
      expectedHigh: farthest.expected.high,
      zScore: farthest.zScore,
      ...(farthest.robustZ !== null && { robustZ: farthest.robustZ }),
      anomalies: all.length,
    },
    provenance: columns.map((anomalies) =>
      columnProvenance(found.table, anomalies[0]!.column, {
        method: anomalies[0]!.methods.join(', '),
        rows: anomalies.map(({ row }) => row),
      }),
    ),
  }
}

function oneRow(found: TableFindings, anomalies: Anomaly[]): string {
  const { row, label } = anomalies[0]!
  const values = anomalies.map(
    ({ column, value, expected }) =>
      `${column} is ${numberText(value)}, where ${numberText(expected.low)} to ${numberText(expected.high)} would be ordinary`,
  )
  const where = label === undefined ? `Row ${row}` : `${label} (row ${row})`
  return `${where} of ${tableTitle(found.table)} stands out: ${listText(values, 3)}.`
}

function severalRows(found: TableFindings, columns: Anomaly[][]): string {
  const first = columns[0]!
  const examples = first.map(({ row, label, value }) => `${numberText(value)} at ${label ?? `row ${row}`}`)
  const names = listText(columns.map((anomalies) => anomalies[0]!.column))
  return `${names} in ${tableTitle(found.table)} ${columns.length === 1 ? 'has' : 'have'} ${countText(first.length, 'value')} far from the ordinary: ${listText(examples, 3)}.`
}

/** Distance from the middle of what is ordinary, in half widths of it: above 1. */
function distanceOf({ value, expected: { low, high } }: Anomaly): number {
  const half = (high - low) / 2
  return half > 0 ? Math.max(1, Math.abs(value - (low + half)) / half) : 1
}

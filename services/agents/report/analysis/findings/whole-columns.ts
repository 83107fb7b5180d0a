import type { CategorySummary, NumericSummary } from '#schemas/analysis.ts'
import type { Table, WholeColumn } from '#schemas/document.ts'
import { type PreparedTable, prepareTable } from '../../structure/prepared-table.ts'

const TOP_VALUES = 10

/** What all rows say of a column, where its table holds a sample only. */
export function wholeColumn(
  { source }: Pick<PreparedTable, 'source'>,
  index: number,
): WholeColumn | undefined {
  return source.whole?.columns[index]
}

/** The figures of a sample with those of all rows in their place; shape and deviation from the median stay the sample's. Pure. */
export function wholeSummary(summary: NumericSummary, { missing, numeric }: WholeColumn): NumericSummary {
  if (!numeric) return summary
  const { lowest: _, highest: __, ...figures } = numeric
  // The order of the rows is not the sample's.
  return { ...summary, ...figures, missing, autocorrelation: null }
}

/** The same of a column of groups; evenness stays the sample's. Pure. */
export function wholeCategory(
  summary: CategorySummary,
  { missing, distinct = 0, top = [] }: WholeColumn,
  rows: number,
): CategorySummary {
  const count = rows - missing
  if (top.length === 0 || count === 0) return summary
  return {
    ...summary,
    count,
    missing,
    // Few different values are all among the most frequent ones; of many the number is an estimate.
    distinct:
      summary.distinct <= top.length && top.reduce((sum, value) => sum + value.count, 0) === count
        ? top.length
        : Math.max(distinct, summary.distinct),
    top: top
      .slice(0, TOP_VALUES)
      .map(({ value, count: times }) => ({ value, count: times, share: times / count })),
  }
}

/**
 * The table that courses in time are read from: of a table too large to be held its means by period, which are of all rows; else the
 * table itself.
 */
export function courseTable(table: PreparedTable): PreparedTable {
  const periods = table.source.whole?.periods
  if (!periods) return table
  const joined: Table = { name: table.name, rows: periods.rows, columns: periods.columns, notes: [] }
  return prepareTable(table.document, joined)
}

import type { Table } from '#schemas/document.ts'
import { numericSummary } from '../../../../../services/agents/report/analysis/statistics/numeric-summary.ts'

const MOMENTS = ['mean', 'min', 'max', 'stdDev', 'skewness', 'kurtosis'] as const

/** Where the figures of all rows of a table differ from those of the same table held in memory; empty when nowhere. */
export function differences(small: Table, large: Table): string[] {
  const { whole } = large
  if (!whole) return ['no figures of all rows']
  const found: string[] = []
  if (small.rows !== whole.rows) found.push(`rows: ${small.rows}, ${whole.rows}`)
  const names = (table: Table) => table.columns.map(({ name }) => name).join('|')
  if (names(small) !== names(large)) return [...found, `names: ${names(small)}, ${names(large)}`]
  for (const [index, column] of small.columns.entries()) {
    const other = large.columns[index]!
    const figures = whole.columns[index]!
    const told = (what: string, a: unknown, b: unknown) => {
      if (JSON.stringify(a) !== JSON.stringify(b))
        found.push(`${column.name}: ${what} ${JSON.stringify(a)}, ${JSON.stringify(b)}`)
    }
    told('kind', column.kind, other.kind)
    if (column.kind !== other.kind) continue
    const missing = column.values.filter((value) => value === null).length
    told('missing', missing, figures.missing)
    told('malformed', column.malformedCount, other.malformedCount)
    told('first malformed', column.malformed, other.malformed)
    const sorted = (marks: Table['columns'][number]['missingMarks']) =>
      marks?.toSorted((a, b) => b.count - a.count || (a.mark < b.mark ? -1 : 1))
    told('marks', sorted(column.missingMarks), sorted(other.missingMarks))
    told('unit', column.unit, other.unit)
    told('granularity', column.granularity, other.granularity)
    const numbers = column.values.filter((value) => typeof value === 'number')
    if (numbers.length === 0 || (column.kind !== 'number' && column.kind !== 'temporal')) continue
    const summary = numericSummary(Float64Array.from(numbers), missing)
    for (const moment of MOMENTS) {
      const [a, b] = [summary[moment], figures.numeric?.[moment]]
      if (!isNear(a, b)) found.push(`${column.name}: ${moment} ${a}, ${b}`)
    }
  }
  return found
}

/** Within 1e-9 of each other, of the larger one where they are above 1. */
function isNear(a: number | null | undefined, b: number | null | undefined): boolean {
  if (typeof a !== 'number' || typeof b !== 'number') return (a ?? null) === (b ?? null)
  return a === b || Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(a))
}

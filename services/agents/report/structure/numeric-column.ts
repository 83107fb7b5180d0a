import { type Ranking, rank } from '#platform/statistics/rank.ts'
import type { ColumnFinding, ColumnRole } from '#schemas/analysis.ts'
import type { Column } from '#schemas/document.ts'

/** A column of numbers, with its missing values taken out. */
export interface NumericColumn {
  name: string
  kind: Column['kind']
  /** Only a `measure` is looked at for trends, anomalies, shapes and correlations. */
  role: ColumnRole
  unit?: string
  granularity?: Column['granularity']
  /** Also of a measure: a total is worth telling, but nothing that its parts explain. See `definedTogether`. */
  derivedFrom?: ColumnFinding['derivedFrom']
  /** Present values in row order. */
  values: Float64Array
  /** 0-based row of each present value. */
  rows: Uint32Array
  missing: number
  /** Of `values`; sorted at the first call, then kept. */
  ranking(): Ranking
}

/** Numbers only: strings in a numeric column count as missing. */
export function numericColumn(column: Column, role: ColumnRole): NumericColumn {
  const { name, kind, values, unit, granularity } = column
  const present = new Float64Array(values.length)
  const rows = new Uint32Array(values.length)
  let count = 0
  for (let row = 0; row < values.length; row++) {
    const value = values[row]
    if (typeof value !== 'number' || !Number.isFinite(value)) continue
    present[count] = value
    rows[count++] = row
  }
  const compact = present.slice(0, count)
  let ranking: Ranking | undefined
  return {
    name,
    kind,
    role,
    ...(unit !== undefined && { unit }),
    ...(granularity !== undefined && { granularity }),
    values: compact,
    rows: rows.slice(0, count),
    missing: values.length - count,
    ranking() {
      ranking ??= rank(compact)
      return ranking
    },
  }
}

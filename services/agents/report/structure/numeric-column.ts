import type { Ranking } from '#platform/statistics/rank.ts'
import type { ColumnFinding, ColumnRole } from '#schemas/analysis.ts'
import type { Column } from '#schemas/document.ts'
import { presentNumbers } from './present-numbers.ts'

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
  /** Of `values`; computed at the first call, then kept. */
  ranking(): Ranking
  /** `values` in ascending order. */
  sorted(): Float64Array
}

/** Numbers only: strings in a numeric column count as missing. */
export function numericColumn(column: Column, role: ColumnRole): NumericColumn {
  const { name, kind, unit, granularity } = column
  const numbers = presentNumbers(column.values)
  return {
    name,
    kind,
    role,
    ...(unit !== undefined && { unit }),
    ...(granularity !== undefined && { granularity }),
    ...numbers,
    missing: column.values.length - numbers.values.length,
  }
}

import type { ColumnRole } from '#schemas/analysis.ts'
import type { Column } from '#schemas/document.ts'

export type Granularity = NonNullable<Column['granularity']>

/** What orders the rows of a table. */
export interface RowAxis {
  /** `sequence`: a column that counts steps, or rows that are one by the name of the table, without a time. */
  kind: 'time' | 'sequence'
  /** The columns that tell it: one date; year and month; step. */
  columns: string[]
  /** Of a time: how exactly it is told; monthly firsts are months, whatever they are written as. */
  granularity?: Granularity
  /** Of each row: Unix milliseconds, or the number of the step; NaN where missing. */
  at: Float64Array
}

/** A column and what it is. */
export interface RoledColumn {
  column: Column
  role: ColumnRole
  /** Different values. */
  distinct: number
}

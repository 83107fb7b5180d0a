import type { Column } from '#schemas/document.ts'

export type Granularity = NonNullable<Column['granularity']>

/** What orders the rows of a table. */
export interface RowAxis {
  /** `sequence`: a column that counts steps, without a time. */
  kind: 'time' | 'sequence'
  /** The columns that tell it: one date; year and month; step. */
  columns: string[]
  /** Of a time: how exactly it is told. */
  granularity?: Granularity
  /** Of each row: Unix milliseconds, or the number of the step; NaN where missing. */
  at: Float64Array
}

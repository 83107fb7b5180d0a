import type { Table } from '#schemas/document.ts'

/** A table that says the same in another shape. */
export interface ReshapedTable {
  kind: 'wide-years' | 'long' | 'cross-section'
  table: Table
  /** What was done, for people. */
  note: string
  /** 1-based row of the given table that a 0-based row stems from. */
  sourceRow(row: number): number
}

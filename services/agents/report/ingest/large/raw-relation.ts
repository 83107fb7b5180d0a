import type { DecimalSign } from '../data/number-cell.ts'

/** The rows of a large file as SQL sees them: every cell a text, columns `c0`, `c1` …, rows in the order of the file. */
export interface RawRelation {
  /** A query; a row whose cells are all NULL is no row of the table. */
  sql: string
  columns: readonly RawRelationColumn[]
  /** How numbers are written where no column tells. */
  decimal: DecimalSign
  notes: readonly string[]
  losses: readonly string[]
  /** Names of columns of the query that hold cells beyond the last column of the table. */
  beyond: readonly string[]
  /** Over the columns of the query: false for a line that is no row of the table. */
  isRow: string
  /** Lines that could not be split are listed in `reject_errors`. */
  isDelimited: boolean
  /** Columns are missing, so that rows that look alike may differ, and what is beyond was told. */
  isPartial?: boolean
  /** Draws this share of the lines without SQL; undefined where rows are no lines. */
  draw?(share: number): Promise<DrawnLines | undefined>
}

/** Some lines of a file, each a row. */
export interface DrawnLines {
  /** A query like that of the relation. */
  sql: string
  /** Of each line: the 1-based row. */
  numbers: readonly number[]
}

export interface RawRelationColumn {
  name: string
  /** Stated apart from the cells. */
  unit?: string
}

/** The name of a column by its index, 0-based. Pure. */
export function rawName(index: number): string {
  return `c${index}`
}

import type { Column, Table } from '#schemas/document.ts'
import type { ColumnRead } from './column-reader.ts'
import { duplicateRows } from './duplicate-rows.ts'
import { decimalSignOfColumn, inferColumn, type RawCell } from './infer-column.ts'
import type { DecimalSign } from './number-cell.ts'

export interface RawColumn {
  name: string
  cells: RawCell[]
  /** Stated apart from the cells, as in a row of units. */
  unit?: string
}

/**
 * A table of columns as they were read: kinds are inferred, with the way of writing numbers agreed between columns. Pure.
 *
 * @param source.decimal what to believe where no column tells
 */
export function buildTable(source: RawTable): Table {
  return buildTableWithReaders(source).table
}

/** What a table is made of. */
export interface RawTable {
  name: string
  rows: number
  columns: readonly RawColumn[]
  notes: readonly string[]
  losses?: readonly string[]
  decimal?: DecimalSign
  /** Columns are missing, so that rows that look alike may differ. */
  isPartial?: boolean
}

/**
 * The same, with what reads further cells of each column as these were read: for files of which only a sample is held in memory.
 * Pure.
 *
 * @returns `readers` in the order of the columns
 */
export function buildTableWithReaders(source: RawTable): { table: Table; readers: readonly ColumnRead[] } {
  const signs = source.columns.map(({ cells }) => decimalSignOfColumn(cells))
  const balance = signs.reduce((sum, sign) => sum + (sign === '.' ? 1 : sign === ',' ? -1 : 0), 0)
  const agreed: DecimalSign = balance === 0 ? (source.decimal ?? '.') : balance > 0 ? '.' : ','
  const inferred = source.columns.map(({ name, cells }) => inferColumn(name, cells, agreed))
  // Values that always rise come from cells that all differ, and so do the rows.
  const copies =
    source.isPartial || inferred.some(({ column }) => rises(column.values))
      ? 0
      : duplicateRows(source.columns, source.rows)
  const losses = [...(source.losses ?? []), ...inferred.flatMap((each) => each.losses)]
  const table: Table = {
    name: source.name,
    rows: source.rows,
    columns: inferred.map(({ column }, i) => {
      const unit = source.columns[i]!.unit ?? column.unit
      return unit === undefined ? column : { ...column, unit }
    }),
    notes: [
      ...source.notes,
      ...(copies > 0
        ? [
            `${copies} of ${source.rows} rows ${copies === 1 ? 'repeats' : 'repeat'} an earlier row in every cell.`,
          ]
        : []),
      ...inferred.flatMap(({ notes }) => notes),
    ],
    ...(losses.length > 0 && { losses }),
  }
  return { table, readers: inferred.map(({ read }) => read) }
}

function rises(values: Column['values']): boolean {
  for (let row = 0; row < values.length; row++) {
    const value = values[row]
    if (typeof value !== 'number' || (row > 0 && value <= (values[row - 1] as number))) return false
  }
  return values.length > 0
}

/** Names for columns: blanks become `column 3`, repeated ones get a number. Pure. */
export function columnNames(given: readonly string[]): string[] {
  const used = new Set<string>()
  return given.map((raw, i) => {
    const base = raw.replace(/\s+/g, ' ').trim().slice(0, 200) || `column ${i + 1}`
    let name = base
    for (let n = 2; used.has(name); n++) name = `${base} (${n})`
    used.add(name)
    return name
  })
}

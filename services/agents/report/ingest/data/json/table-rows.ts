import type { Table } from '#schemas/document.ts'
import { INGEST_LIMITS } from '../../limits.ts'
import { buildTable, columnNames } from '../build-table.ts'
import type { RawCell } from '../infer-column.ts'

/** Collects rows whose columns turn up one by one. */
export interface TableRows {
  /** The 1-based number the next row will have. */
  nextRow(): number
  add(cells: Iterable<readonly [column: string, cell: RawCell]>): void
  table(name: string): Table
}

/** Makes an empty collection; what goes beyond the limits is counted and left out. */
export function createTableRows(): TableRows {
  const columns = new Map<string, RawCell[]>()
  const ignored = new Set<string>()
  let rows = 0
  let offered = 0

  function columnOf(name: string): RawCell[] | undefined {
    const known = columns.get(name)
    if (known) return known
    if (columns.size >= INGEST_LIMITS.tableColumns) {
      // As a set, but bounded: a map with a million keys has a column for each.
      if (ignored.size < 10_000) ignored.add(name)
      return undefined
    }
    const made: RawCell[] = []
    columns.set(name, made)
    return made
  }

  return {
    nextRow: () => offered + 1,
    add(cells) {
      offered++
      if (rows >= INGEST_LIMITS.tableRows || rows * columns.size >= INGEST_LIMITS.tableCells) return
      for (const [name, cell] of cells) {
        const column = columnOf(name)
        if (!column) continue
        while (column.length < rows) column.push(null)
        column[rows] = cell
      }
      rows++
    },
    table(name) {
      const notes: string[] = []
      if (offered > rows) notes.push(`Only the first ${rows} of ${offered} rows were read.`)
      if (ignored.size > 0) {
        notes.push(`Only the first ${columns.size} columns were read; ${ignored.size} or more were left out.`)
      }
      const names = columnNames([...columns.keys()])
      const raw = [...columns.values()].map((cells, i) => {
        while (cells.length < rows) cells.push(null)
        return { name: names[i]!, cells }
      })
      return buildTable({ name, rows, columns: raw, notes })
    },
  }
}

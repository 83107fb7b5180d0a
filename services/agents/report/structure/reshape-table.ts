import type { Table } from '#schemas/document.ts'
import { reshapeLong } from './reshape-long.ts'
import { reshapeWide } from './reshape-wide.ts'
import type { ReshapedTable } from './reshaped-table.ts'

/**
 * One column a year becomes one row a year; one row a measure becomes one column a measure; a table that is both becomes both. Null for
 * tables of any other shape. Pure.
 */
export function reshapeTable(table: Table): ReshapedTable | null {
  const wide = reshapeWide(table)
  const long = reshapeLong(wide?.table ?? table)
  if (!wide || !long) return wide ?? long
  return {
    kind: 'wide-years',
    table: long.table,
    note: `${wide.note} ${long.note}`,
    sourceRow: (row) => wide.sourceRow(long.sourceRow(row) - 1),
  }
}

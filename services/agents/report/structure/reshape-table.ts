import type { Table } from '#schemas/document.ts'
import { reshapeCounts } from './reshape-counts.ts'
import { reshapeLong } from './reshape-long.ts'
import { reshapeMonths } from './reshape-months.ts'
import { reshapeWide } from './reshape-wide.ts'
import type { ReshapedTable } from './reshaped-table.ts'

/**
 * One column a year or month becomes one row; one row of a count becomes one row a case; one row a measure becomes one column a measure; a table that is both becomes both. Null for
 * tables of any other shape. Pure.
 */
export function reshapeTable(table: Table): ReshapedTable | null {
  const wide = reshapeMonths(table) ?? reshapeWide(table)
  const long = reshapeLong(wide?.table ?? table)
  if (!wide || !long) return wide ?? long ?? reshapeCounts(table)
  return {
    kind: 'wide-years',
    table: long.table,
    note: `${wide.note} ${long.note}`,
    sourceRow: (row) => wide.sourceRow(long.sourceRow(row) - 1),
  }
}

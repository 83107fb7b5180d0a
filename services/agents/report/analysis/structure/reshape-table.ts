import type { Table } from '#schemas/document.ts'
import { reshapeLong } from './reshape-long.ts'
import { reshapeWide } from './reshape-wide.ts'
import type { ReshapedTable } from './reshaped-table.ts'

/** One column a year becomes one row a year; one row a measure becomes one column a measure; null for tables of any other shape. Pure. */
export function reshapeTable(table: Table): ReshapedTable | null {
  return reshapeWide(table) ?? reshapeLong(table)
}

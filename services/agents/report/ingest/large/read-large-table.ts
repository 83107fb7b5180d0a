import type { Table } from '#schemas/document.ts'
import { buildTableWithReaders } from '../data/build-table.ts'
import { leftoverCells } from './leftover-cells.ts'
import { periodTable } from './period-table.ts'
import type { QueryEngine } from './query-engine.ts'
import type { RawRelation } from './raw-relation.ts'
import { sampleRows } from './sample-rows.ts'
import { typedColumns } from './typed-columns.ts'
import { type TypedFile, valueName, writeTypedFile } from './typed-file.ts'
import { wholeFigures } from './whole-figures.ts'
import { wholeRules } from './whole-rules.ts'

export interface LargeTableOptions {
  name: string
  /** Where files may be written. */
  folder: string
  /** About how many rows there are. */
  estimatedRows: number
  /** Told before each stage. */
  onStage(stage: LargeStage): void
}

export type LargeStage = 'sample' | 'types' | 'rows' | 'figures' | 'courses'

/**
 * A table that is too large to be held: a sample of its rows as any table, and what all rows say of each column, of the course in time
 * and of the rules that they should keep.
 *
 * @throws MurmurError BROKEN_FILE, LIMIT_EXCEEDED, UNAVAILABLE
 */
export async function readLargeTable(
  engine: QueryEngine,
  relation: RawRelation,
  { name, folder, estimatedRows, onStage }: LargeTableOptions,
): Promise<Table> {
  onStage('sample')
  const sample = await sampleRows(engine, relation, { estimatedRows })
  const { table, readers } = buildTableWithReaders({
    name,
    rows: sample.rows.length,
    columns: relation.columns.map((column, i) => ({ ...column, cells: sample.cells[i]! })),
    notes: [],
    decimal: relation.decimal,
  })
  onStage('types')
  const read = table.columns.map((column, i) => ({ column, read: readers[i]! }))
  const columns = await typedColumns(engine, read)
  onStage('rows')
  const file = await writeTypedFile(engine, relation, { columns, path: `${folder}/rows.parquet` })
  await engine.run('DROP TABLE sample')
  onStage('figures')
  const figures = await wholeFigures(engine, file)
  const copies = await copiesOf(engine, file)
  const rules = await wholeRules(engine, file, table.columns)
  for (const [index, { column, read: reader }] of read.entries()) {
    const { missingMarks: _, ...rest } = column
    table.columns[index] = { ...rest, ...(await leftoverCells(engine, file, { index, read: reader })) }
  }
  onStage('courses')
  const periods = await periodTable(engine, file, table)
  return {
    ...table,
    whole: { rows: file.rows, sampled: sample.rows, columns: figures, copies, ...(periods && { periods }), rules },
  }
}

/** Rows that repeat an earlier one in every value. */
async function copiesOf(engine: QueryEngine, file: TypedFile): Promise<number> {
  const values = file.columns.map((_, i) => valueName(i)).join(', ')
  const [[copies] = []] = await engine.rows(`SELECT count(*) - count(DISTINCT hash(${values})) FROM ${file.sql}`)
  return Number(copies)
}

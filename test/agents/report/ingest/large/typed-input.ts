import type { Table } from '#schemas/document.ts'
import { buildTableWithReaders } from '../../../../../services/agents/report/ingest/data/build-table.ts'
import type { ColumnRead } from '../../../../../services/agents/report/ingest/data/column-reader.ts'
import {
  openQueryEngine,
  type QueryEngine,
  quoted,
} from '../../../../../services/agents/report/ingest/large/query-engine.ts'
import { type RawRelation, rawName } from '../../../../../services/agents/report/ingest/large/raw-relation.ts'
import { sampleRows } from '../../../../../services/agents/report/ingest/large/sample-rows.ts'
import {
  type TypedColumn,
  typedColumns,
} from '../../../../../services/agents/report/ingest/large/typed-columns.ts'
import {
  type TypedFile,
  writeTypedFile,
} from '../../../../../services/agents/report/ingest/large/typed-file.ts'
import { freshFolder } from './read-large.ts'

/** Cells by the name of their column, all equally many. */
export type Cells = Readonly<Record<string, readonly (string | null)[]>>

export interface TypedInput {
  table: Table
  readers: readonly ColumnRead[]
  columns: readonly TypedColumn[]
  file: TypedFile
}

/** An engine over a folder of its own, and what types cells in it. */
export async function openTypedInput(): Promise<{
  engine: QueryEngine
  /** @param more rows beyond the sample */
  typed(cells: Cells, more?: Cells): Promise<TypedInput>
}> {
  const folder = freshFolder()
  const engine = await openQueryEngine({ folder, signal: new AbortController().signal })
  let files = 0
  return {
    engine,
    async typed(cells, more = {}) {
      const sample = await sampleRows(engine, relationOf(cells), { estimatedRows: 1 })
      const { table, readers } = buildTableWithReaders({
        name: 'a',
        rows: sample.rows.length,
        columns: Object.keys(cells).map((name, i) => ({ name, cells: sample.cells[i]! })),
        notes: [],
      })
      const read = table.columns.map((column, i) => ({ column, read: readers[i]! }))
      const columns = await typedColumns(engine, read)
      const all = Object.fromEntries(
        Object.entries(cells).map(([name, texts]) => [name, [...texts, ...(more[name] ?? [])]]),
      )
      const path = `${folder}/${files++}.parquet`
      const file = await writeTypedFile(engine, relationOf(all), { columns, path })
      return { table, readers, columns, file }
    },
  }
}

function relationOf(cells: Cells): RawRelation {
  const lists = Object.values(cells).map(
    (texts) => `[${texts.map((text) => (text === null ? 'NULL' : quoted(text))).join(', ')}]`,
  )
  return {
    sql: `SELECT ${lists.map((list, i) => `unnest(${list}) AS ${rawName(i)}`).join(', ')}`,
    columns: Object.keys(cells).map((name) => ({ name })),
    decimal: '.',
    notes: [],
    losses: [],
    beyond: [],
    isRow: 'true',
    isDelimited: false,
  }
}

import { DuckDBInstance, version } from '@duckdb/node-api'
import { answer } from './own-usage.ts'

/** A contender: DuckDB's own summary of a CSV file, with its settings as they come. `node summarize-file.ts FILE` */
const path = process.argv[2]!.replaceAll("'", "''")
const startedMs = performance.now()
const instance = await DuckDBInstance.create(':memory:')
const connection = await instance.connect()
const summary = await connection.runAndReadAll(`SUMMARIZE SELECT * FROM read_csv('${path}')`)
const [first] = summary.getRowObjects()
answer({
  rowsRead: Number(first?.count ?? 0),
  seconds: { summarize: (performance.now() - startedMs) / 1000 },
  versions: { node: process.versions.node, duckdb: version() },
})
connection.closeSync()
instance.closeSync()

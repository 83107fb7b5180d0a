import type { Column } from '#schemas/document.ts'
import { type ColumnRead, shownCell } from '../data/column-reader.ts'
import { isAnyMark } from '../data/missing-marks.ts'
import { INGEST_LIMITS } from '../limits.ts'
import type { AnswerCell, QueryEngine } from './query-engine.ts'
import { leftoverName, type TypedFile } from './typed-file.ts'

/** Different texts of a column that are told apart as marks and malformed ones; the rest counts as malformed. */
const MAX_TEXTS = 10_000

/** What stands in cells of a column without a value, in all rows. */
export type LeftoverCells = Pick<Column, 'malformed' | 'malformedCount' | 'missingMarks'>

export const NOTHING_LEFT: LeftoverCells = { malformed: [], malformedCount: 0 }

/** Of each column: cells that hold something and have no value. */
export async function leftoverCounts(engine: QueryEngine, file: TypedFile): Promise<number[]> {
  const counts: AnswerCell[] = []
  for (const part of file.parts) {
    const [found = []] = await engine.rows(
      `SELECT ${part.map((i) => `count(nullif(${leftoverName(i)}, ''))`).join(', ')} FROM ${file.from([], part)}`,
    )
    counts.push(...found)
  }
  return counts.map(Number)
}

/** Tells marks of missing values from malformed ones, over all rows of a typed file. */
export async function leftoverCells(
  engine: QueryEngine,
  file: TypedFile,
  { index, read }: { index: number; read: ColumnRead },
): Promise<LeftoverCells> {
  const text = leftoverName(index)
  const rows = await engine.rows(
    `SELECT ${text}, count(*) AS n, min(row_number, ${INGEST_LIMITS.malformedShown}) FROM ${file.from([], [index])} WHERE ${text} IS NOT NULL AND ${text} <> ''
     GROUP BY 1 ORDER BY n DESC, min(row_number) LIMIT ${MAX_TEXTS}`,
  )
  const marks: { mark: string; count: number }[] = []
  const malformed: { row: number; value: string }[] = []
  let malformedCount = 0
  let seen = 0
  for (const [value, count, first] of rows) {
    seen += Number(count)
    if (read(String(value)) !== 'malformed') {
      if (file.columns[index]!.kind === 'temporal' && !isAnyMark(String(value))) continue
      marks.push({ mark: String(value), count: Number(count) })
      continue
    }
    malformedCount += Number(count)
    for (const row of first as number[]) malformed.push({ row, value: shownCell(String(value)) })
  }
  if (rows.length === MAX_TEXTS) {
    const [[all] = []] = await engine.rows(`SELECT count(nullif(${text}, '')) FROM ${file.from([], [index])}`)
    malformedCount += Number(all) - seen
  }
  malformed.sort((a, b) => a.row - b.row)
  return {
    malformed: malformed.slice(0, INGEST_LIMITS.malformedShown),
    malformedCount,
    ...(marks.length > 0 && { missingMarks: marks }),
  }
}

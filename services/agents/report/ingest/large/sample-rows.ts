import { INGEST_LIMITS } from '../limits.ts'
import type { QueryEngine } from './query-engine.ts'
import { type DrawnLines, type RawRelation, rawName } from './raw-relation.ts'

/** Rows drawn from a relation, in its order; they stay as the table `sample` in the engine. */
export interface SampledRows {
  /** 1-based rows of the relation, ascending. */
  rows: number[]
  /** By column: texts, null where nothing stands. */
  cells: (string | null)[][]
}

const PARTS = 1_000_000
/** An estimate of the rows that was that much too low is put right. */
const MAX_EXCESS = 1.2

/** How many rows a sample of a table of this width has. Pure. */
export function sampleSize(columns: number): number {
  const { sampleRows, sampleCells } = INGEST_LIMITS
  return Math.max(1_000, Math.min(sampleRows, Math.floor(sampleCells / columns)))
}

/**
 * Draws each row with the same chance, by a hash of its number, so that the same file always gives the same sample. In one pass,
 * from an estimate of the number of rows; where that was too low, it is thinned.
 *
 * @param estimatedRows at least about as many as there are, or the sample is smaller
 */
export async function sampleRows(
  engine: QueryEngine,
  relation: RawRelation,
  { estimatedRows }: { estimatedRows: number },
): Promise<SampledRows> {
  const wanted = sampleSize(relation.columns.length)
  const names = relation.columns.map((_, i) => rawName(i))
  const filled = [...names, ...relation.beyond].join(', ')
  const share = Math.min(1, wanted / Math.max(1, estimatedRows))
  const drawn = (await relation.draw?.(share)) ?? undefined
  if (!drawn || !(await tableOfLines(engine, relation, { drawn, filled }))) {
    await engine.run(
      `CREATE OR REPLACE TABLE sample AS SELECT * FROM
         (SELECT row_number() OVER () AS r, * FROM (${relation.sql}) WHERE coalesce(${filled}) IS NOT NULL)
       WHERE ${relation.isRow} AND hash(r) % ${PARTS} < ${Math.ceil(share * PARTS)}`,
    )
  }
  const [[count] = []] = await engine.rows('SELECT count(*) FROM sample')
  if (Number(count) > MAX_EXCESS * wanted)
    await engine.run(
      `DELETE FROM sample WHERE hash(r + 1) % ${PARTS} >= ${Math.floor((PARTS * wanted) / Number(count))}`,
    )
  const answer = await engine.rows(`SELECT r, ${names.join(', ')} FROM sample ORDER BY r`)
  return {
    rows: answer.map(([row]) => Number(row)),
    cells: names.map((_, i) => answer.map((row) => (row[i + 1] === null ? null : String(row[i + 1])))),
  }
}

/** The rows of lines that were drawn before; false where not each line is a row. */
async function tableOfLines(
  engine: QueryEngine,
  relation: RawRelation,
  { drawn, filled }: { drawn: DrawnLines; filled: string },
): Promise<boolean> {
  await engine.run(
    `CREATE OR REPLACE TABLE sample AS SELECT row_number() OVER () AS r, * FROM (${drawn.sql}) WHERE coalesce(${filled}) IS NOT NULL`,
  )
  const [[count] = []] = await engine.rows('SELECT count(*) FROM sample')
  if (Number(count) !== drawn.numbers.length) return false
  await engine.run(`DELETE FROM sample WHERE NOT (${relation.isRow})`)
  await engine.run(`UPDATE sample SET r = [${drawn.numbers.join(', ')}][r]`)
  return true
}

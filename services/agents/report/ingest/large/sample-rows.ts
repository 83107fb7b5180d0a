import { INGEST_LIMITS } from '../limits.ts'
import type { AnswerCell, QueryEngine } from './query-engine.ts'
import { type DrawnLines, type RawRelation, rawName } from './raw-relation.ts'

/** Rows drawn from a relation, in its order; they stay as the table `sample` in the engine. */
export interface SampledRows {
  /** 1-based rows of the relation, ascending. */
  rows: number[]
  /** By column: texts, null where nothing stands. */
  cells: (string | null)[][]
  /** What was cut or left out of the sample. */
  losses: string[]
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
 * @param maxCharacters UTF-16 units of the whole sample, about
 */
export async function sampleRows(
  engine: QueryEngine,
  relation: RawRelation,
  {
    estimatedRows,
    maxCharacters = INGEST_LIMITS.sampleCharacters,
  }: { estimatedRows: number; maxCharacters?: number },
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
  const [[drawnRows] = []] = await engine.rows('SELECT count(*) FROM sample')
  if (Number(drawnRows) > MAX_EXCESS * wanted)
    await engine.run(
      `DELETE FROM sample WHERE hash(r + 1) % ${PARTS} >= ${Math.floor((PARTS * wanted) / Number(drawnRows))}`,
    )
  const bound = await boundCharacters(engine, names, maxCharacters)
  const { rows, cells, cut } = await cellsOf(engine, names, bound.cellCharacters)
  return { rows, cells, losses: [...cutLoss(cut, bound.cellCharacters), ...bound.losses] }
}

/** How long a text may be so that all of the sample are not too long together; where even short ones are, rows are dropped evenly. */
async function boundCharacters(
  engine: QueryEngine,
  names: readonly string[],
  maxCharacters: number,
): Promise<{ cellCharacters: number; losses: string[] }> {
  const { cellCharacters, sampleTextCharacters } = INGEST_LIMITS
  const total = async (most: number): Promise<number> => {
    const [[sum] = []] = await engine.rows(
      `SELECT sum(${names.map((name) => `coalesce(least(length(${name}), ${most}), 0)`).join(' + ')}) FROM sample`,
    )
    return Number(sum)
  }
  if ((await total(cellCharacters)) <= maxCharacters) return { cellCharacters, losses: [] }
  const shorter = await total(sampleTextCharacters)
  if (shorter <= maxCharacters) return { cellCharacters: sampleTextCharacters, losses: [] }
  const [[before] = []] = await engine.rows('SELECT count(*) FROM sample')
  await engine.run(
    `DELETE FROM sample WHERE hash(r + 2) % ${PARTS} >= ${Math.floor((PARTS * maxCharacters) / shorter)}`,
  )
  const [[after] = []] = await engine.rows('SELECT count(*) FROM sample')
  const loss = `The texts are so long that the sample holds ${count(Number(after))} rows instead of ${count(Number(before))}.`
  return { cellCharacters: sampleTextCharacters, losses: [loss] }
}

/** The sample by column, texts cut, with how many were. */
async function cellsOf(
  engine: QueryEngine,
  names: readonly string[],
  most: number,
): Promise<Pick<SampledRows, 'rows' | 'cells'> & { cut: number }> {
  // SQL counts code points, so that nothing shorter than what is kept comes from it.
  const texts = names.map((name) => `left(${name}, ${most + 1})`)
  const answer = await engine.rows(`SELECT r, ${texts.join(', ')} FROM sample ORDER BY r`)
  let cut = 0
  const textOf = (cell: AnswerCell | undefined): string | null => {
    if (cell === null || cell === undefined) return null
    const text = String(cell)
    if (text.length <= most) return text
    cut++
    return text.slice(0, most).toWellFormed()
  }
  return {
    rows: answer.map(([row]) => Number(row)),
    cells: names.map((_, i) => answer.map((row) => textOf(row[i + 1]))),
    cut,
  }
}

function cutLoss(cut: number, characters: number): string[] {
  if (cut === 0) return []
  return [
    `In the sample ${count(cut)} ${cut === 1 ? 'cell was' : 'cells were'} cut after ${count(characters)} characters.`,
  ]
}

function count(value: number): string {
  return value.toLocaleString('en-US')
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
  const [[rows] = []] = await engine.rows('SELECT count(*) FROM sample')
  if (Number(rows) !== drawn.numbers.length) return false
  await engine.run(`DELETE FROM sample WHERE NOT (${relation.isRow})`)
  await engine.run(`UPDATE sample SET r = [${drawn.numbers.join(', ')}][r]`)
  return true
}

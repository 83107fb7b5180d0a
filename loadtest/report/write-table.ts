import { closeSync, createReadStream, openSync, writeSync } from 'node:fs'
import { seededRandom } from '../../services/agents/report/analysis/statistics/change-points.ts'
import { recipesOf } from './column-recipes.ts'

const CHUNK_CHARACTERS = 4 * 1024 * 1024

/** Lines of a CSV file with a header: the same for the same shape and seed. Pure. */
export function* tableLines(shape: { rows: number; columns: number; seed: number }): Generator<string> {
  const recipes = recipesOf(shape.columns)
  const random = seededRandom(shape.seed)
  yield `${recipes.map(({ name }) => name).join(',')}\n`
  for (let row = 0; row < shape.rows; row++) {
    let line = recipes[0]!.cell(row, random)
    for (let i = 1; i < recipes.length; i++) line += `,${recipes[i]!.cell(row, random)}`
    yield `${line}\n`
  }
}

/** Writes the table to a file, in chunks. @returns its bytes */
export function writeTable(path: string, shape: { rows: number; columns: number; seed: number }): number {
  const file = openSync(path, 'w')
  let bytes = 0
  let chunk = ''
  try {
    for (const line of tableLines(shape)) {
      chunk += line
      if (chunk.length < CHUNK_CHARACTERS) continue
      bytes += writeSync(file, chunk)
      chunk = ''
    }
    return bytes + writeSync(file, chunk)
  } finally {
    closeSync(file)
  }
}

/** Lines below the first one: the rows of a file without line ends in its cells. */
export async function countRows(path: string): Promise<number> {
  const LINE_END = 10
  let lines = 0
  let last = LINE_END
  for await (const chunk of createReadStream(path, { highWaterMark: CHUNK_CHARACTERS })) {
    const bytes = chunk as Buffer
    for (let at = bytes.indexOf(LINE_END); at >= 0; at = bytes.indexOf(LINE_END, at + 1)) lines++
    last = bytes.at(-1) ?? last
  }
  return Math.max(0, lines + (last === LINE_END ? 0 : 1) - 1)
}

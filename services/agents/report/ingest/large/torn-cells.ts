import { MurmurError } from '#platform/errors/murmur-error.ts'
import { ADVICE, asideOf, MAX_TORN } from '../data/csv/torn-numbers.ts'
import type { CsvRelation } from './csv-relation.ts'
import type { QueryEngine } from './query-engine.ts'
import { rawName } from './raw-relation.ts'

/**
 * A relation whose rows with too many cells have none that may stand in a wrong column, where the beginning of the file has numbers with
 * commas that are not in quotes: those cells are NULL, or the columns are set aside where that would be more than 10 % of the rows. Rows are
 * counted in a pass of its own; other relations are given back as they are.
 *
 * @throws MurmurError BROKEN_FILE when no column is left
 */
export async function withoutTornCells(engine: QueryEngine, relation: CsvRelation): Promise<CsvRelation> {
  const { head, columns, beyond } = relation
  const [surplus] = beyond
  const from = head.tornFrom
  if (from === undefined || surplus === undefined) return relation
  const filled = [...columns.map((_, i) => rawName(i)), ...beyond].join(', ')
  const [[all, long] = []] = await engine.rows(
    `SELECT count(*), count(${surplus}) FROM (${relation.sql}) WHERE coalesce(${filled}) IS NOT NULL AND ${relation.isRow}`,
  )
  const indexes = columns.map((_, i) => i)
  const affected = indexes.slice(from)
  const names = columns.map(({ name }) => name)
  const why = `${count(all)} rows ${Number(long) === 1 ? 'has' : 'have'} more cells than the ${columns.length} columns that are named: numbers with commas that are not in quotes are torn apart, and are not put together in a file of this size`
  const told = (outcome: string) => `${count(long)} of ${why}: ${outcome}. ${ADVICE}`
  if (Number(long) <= MAX_TORN * Number(all)) {
    const emptied = affected.map(
      (i) => `CASE WHEN ${surplus} IS NULL THEN ${rawName(i)} END AS ${rawName(i)}`,
    )
    const wrapped = (sql: string) => `SELECT * REPLACE (${emptied.join(', ')}) FROM (${sql})`
    const lost = `the columns from "${names[from]}" on were left empty there`
    return {
      ...relation,
      sql: wrapped(relation.sql),
      sqlOf: (path, skip) => wrapped(relation.sqlOf(path, skip)),
      losses: [...relation.losses, told(lost)],
      isPartial: true,
    }
  }
  const loss = told(asideOf(affected, names))
  if (from === 0) throw new MurmurError('BROKEN_FILE', loss)
  return {
    ...relation,
    columns: columns.slice(0, from),
    // A row that has nothing else is a row all the same.
    beyond: [...affected.map(rawName), ...beyond],
    losses: [...relation.losses, loss],
    isPartial: true,
  }
}

function count(value: unknown): string {
  return Number(value).toLocaleString('en-US')
}

import { isNearTotal, isTotalLabel } from '../data/csv/total-rows.ts'
import type { QueryEngine } from './query-engine.ts'
import { type TypedFile, valueName } from './typed-file.ts'

/** A label stands in one of the first columns. */
const LABEL_COLUMNS = 4
/** More of them are a category of the data. */
const MAX_TOTALS = 200
/** Broader than the labels are: what it finds is looked at again. */
const MAYBE_TOTAL =
  '(?i)^[^0-9]{0,10}(total|sum|gesamt|zwischensumme|insgesamt|totaal|somme|suma|overall|all|average|mean|mittelwert|durchschnitt|moyenne|media|合計|итого)'

/**
 * Takes rows out that are called a total, a sum or a mean and whose numbers are those of all other rows: they would count every value
 * twice. Subtotals of parts stay.
 */
export async function withoutWholeTotals(
  engine: QueryEngine,
  file: TypedFile,
): Promise<{ file: TypedFile; totals: string[] }> {
  const indexes = file.columns.map((_, i) => i)
  const words = indexes.filter((i) => !file.columns[i]!.isNumeric).slice(0, LABEL_COLUMNS)
  const numbers = indexes.filter((i) => file.columns[i]!.kind === 'number')
  if (words.length === 0 || numbers.length === 0) return { file, totals: [] }
  const found = await engine.rows(
    `SELECT row_number, [${words.map(valueName).join(', ')}], [${numbers.map(valueName).join(', ')}] FROM ${file.sql}
     WHERE ${words.map((i) => `regexp_matches(${valueName(i)}, '${MAYBE_TOTAL}')`).join(' OR ')} LIMIT ${MAX_TOTALS + 1}`,
  )
  if (found.length > MAX_TOTALS) return { file, totals: [] }
  const labelled = found.flatMap(([row, labels, values]) => {
    const label = (labels as (string | null)[]).find((text) => text !== null && isTotalLabel(text))
    return label === undefined || label === null
      ? []
      : [{ row: Number(row), label, values: values as (number | null)[] }]
  })
  if (labelled.length === 0) return { file, totals: [] }
  const others = `row_number NOT IN (${labelled.map(({ row }) => row).join(', ')})`
  const [sums = []] = await engine.rows(
    `SELECT ${numbers.flatMap((i) => [`sum(${valueName(i)})`, `avg(${valueName(i)})`]).join(', ')} FROM ${file.sql} WHERE ${others}`,
  )
  const totals = labelled.filter(({ values }) => {
    const stated = values.flatMap((value, at) =>
      value === null
        ? []
        : [sums[2 * at], sums[2 * at + 1]].some((sum) => typeof sum === 'number' && isNearTotal(value, sum)),
    )
    return stated.length > 0 && 2 * stated.filter(Boolean).length >= stated.length
  })
  if (totals.length === 0) return { file, totals: [] }
  const rows = totals.map(({ row }) => row).join(', ')
  return {
    file: {
      ...file,
      rows: file.rows - totals.length,
      sql: `(SELECT * FROM ${file.sql} WHERE row_number NOT IN (${rows}))`,
    },
    totals: totals.map(({ label }) => label),
  }
}

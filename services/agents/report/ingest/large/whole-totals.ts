import { isNearTotal, isTotalLabel } from '../data/csv/total-rows.ts'
import type { AnswerCell, QueryEngine } from './query-engine.ts'
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
  const named = await engine.rows(
    `SELECT row_number, [${words.map(valueName).join(', ')}] FROM ${file.from(words)}
     WHERE ${words.map((i) => `regexp_matches(${valueName(i)}, '${MAYBE_TOTAL}')`).join(' OR ')} LIMIT ${MAX_TOTALS + 1}`,
  )
  if (named.length > MAX_TOTALS) return { file, totals: [] }
  const labels = named.flatMap(([row, labels]) => {
    const label = (labels as (string | null)[]).find((text) => text !== null && isTotalLabel(text))
    return label === undefined || label === null ? [] : [{ row: Number(row), label }]
  })
  if (labels.length === 0) return { file, totals: [] }
  const { values, sums } = await numbersOf(engine, file, {
    rows: labels.map(({ row }) => row),
    numbers,
  })
  const labelled = labels.map((label) => ({ ...label, values: values.get(label.row) ?? [] }))
  const totals = labelled.filter(({ values }) => {
    const stated = values.flatMap((value, at) =>
      value === null
        ? []
        : [sums[2 * at], sums[2 * at + 1]].some((sum) => typeof sum === 'number' && isNearTotal(value, sum)),
    )
    return stated.length > 0 && 2 * stated.filter(Boolean).length >= stated.length
  })
  if (totals.length === 0) return { file, totals: [] }
  return {
    file: file.without(totals.map(({ row }) => row)),
    totals: totals.map(({ label }) => label),
  }
}

/** The numbers of some rows, and of each column of numbers the sum and the mean of all other rows. */
async function numbersOf(
  engine: QueryEngine,
  file: TypedFile,
  { rows, numbers }: { rows: readonly number[]; numbers: readonly number[] },
): Promise<{ values: Map<number, (number | null)[]>; sums: AnswerCell[] }> {
  const values = new Map<number, (number | null)[]>(rows.map((row) => [row, []]))
  const sums: AnswerCell[] = []
  for (const part of file.parts) {
    const own = part.filter((i) => numbers.includes(i))
    if (own.length === 0) continue
    const from = file.from(own)
    const stated = await engine.rows(
      `SELECT row_number, [${own.map(valueName).join(', ')}] FROM ${from} WHERE row_number IN (${rows.join(', ')})`,
    )
    for (const [row, cells] of stated) values.get(Number(row))?.push(...(cells as (number | null)[]))
    const [others = []] = await engine.rows(
      `SELECT ${own.flatMap((i) => [`sum(${valueName(i)})`, `avg(${valueName(i)})`]).join(', ')} FROM ${from} WHERE row_number NOT IN (${rows.join(', ')})`,
    )
    sums.push(...others)
  }
  return { values, sums }
}

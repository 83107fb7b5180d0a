import { percentile } from '#platform/statistics/percentile.ts'
import { parseNumber } from '../number-cell.ts'

/** Key figures of a whole column. */
const FIGURE =
  /^(?:min(?:imum)?|max(?:imum)?|median|std\.?(?: ?dev\.?)?|sd|stdev|stabw|standard deviation|standardabweichung|count|anzahl|n)$/i
const TOTAL =
  /^(?:grand |sub)?-?(?:total|totals|sum|gesamt|gesamtsumme|zwischensumme|summe|insgesamt|totaal|total général|somme|suma|totale|overall|all|average|mean|mittelwert|durchschnitt|moyenne|media|合計|итого)(?![\p{L}\d])/iu
/** `North total`, `Abteilung B gesamt`: what the part is called stands before. */
const PART_TOTAL = /[\p{L}\d][ :–-]+(?:sub-?)?(?:total|totals|gesamt|summe|insgesamt)\s*:?$/iu
/** A label that comes again so often, and is right in less than half of its rows, is a value of the data: `N` for north beside `S`. */
const MIN_SAME_LABEL = 3
/** A label stands in one of the first columns. */
const LABEL_COLUMNS = 4
/** More of them are a category of the data, as `total` beside `male` and `female`. */
const MAX_TOTALS = { rows: 200, share: 0.25 } as const
/** A stated total may be rounded. */
const TOLERANCE = 0.005
const MIN_ROWS = 3
const MIN_PARTS = 2

/** Whether a cell calls its row a total, a sum or a mean. Pure. */
export function isTotalLabel(cell: string): boolean {
  const text = cell.trim()
  return TOTAL.test(text) || PART_TOTAL.test(text)
}

/** The rows of a table without those that sum up others. */
export interface WithoutTotals {
  body: string[][]
  /** What the rows that were taken out are called. */
  totals: string[]
}

/**
 * Takes out rows that are called a total, a sum or a mean *and* whose numbers are those of the rows above (all, or since the last such
 * row) or below: they would count every value twice. Pure.
 */
export function withoutTotals(rows: readonly string[][]): WithoutTotals {
  const labels = new Map<number, string>()
  for (const [at, row] of rows.entries()) {
    const label = row.slice(0, LABEL_COLUMNS).find((cell) => isTotalLabel(cell) || FIGURE.test(cell.trim()))
    if (label !== undefined) labels.set(at, label.trim())
    if (labels.size > MAX_TOTALS.rows) return { body: rows.slice(), totals: [] }
  }
  const isMany = labels.size > MAX_TOTALS.share * rows.length
  if (labels.size === 0 || isMany || rows.length - labels.size < MIN_ROWS)
    return { body: rows.slice(), totals: [] }
  const all = createSums({ keepsValues: [...labels.values()].some((label) => FIGURE.test(label)) })
  for (const [at, row] of rows.entries()) if (!labels.has(at)) all.add(row)
  const above = createSums()
  let part = createSums()
  const found = new Set<number>()
  for (const [at, row] of rows.entries()) {
    if (!labels.has(at)) {
      above.add(row)
      part.add(row)
    } else {
      if (FIGURE.test(labels.get(at)!)) {
        if (all.hasFigures(row)) found.add(at)
        continue
      }
      if (part.fits(row) || above.fits(row) || all.fits(row)) found.add(at)
      part = createSums()
    }
  }
  for (const at of valuesAmong(labels, found)) found.delete(at)
  return {
    body: rows.filter((_, at) => !found.has(at)),
    totals: [...found].map((at) => labels.get(at)!),
  }
}

/** Rows whose label is a value of the data, which some of its rows keep by chance. */
function valuesAmong(labels: ReadonlyMap<number, string>, found: ReadonlySet<number>): number[] {
  const rowsOf = Map.groupBy(labels.keys(), (at) => labels.get(at)!.toLowerCase())
  return [...rowsOf.values()].flatMap((rows) =>
    rows.length >= MIN_SAME_LABEL && rows.filter((at) => found.has(at)).length * 2 < rows.length ? rows : [],
  )
}

interface Sums {
  add(row: readonly string[]): void
  /** At least half of the numbers of a row are the sums, or the means, of the rows added. */
  fits(row: readonly string[]): boolean
  /** All numbers of a row are one key figure of the columns: least, largest, middle, spread or count. */
  hasFigures(row: readonly string[]): boolean
}

function createSums({ keepsValues = false } = {}): Sums {
  const sums: { sum: number; count: number; values: number[] }[] = []
  return {
    add(row) {
      for (const [column, cell] of row.entries()) {
        const value = numberOf(cell)
        if (value === undefined) continue
        sums[column] ??= { sum: 0, count: 0, values: [] }
        sums[column].sum += value
        sums[column].count++
        if (keepsValues) sums[column].values.push(value)
      }
    },
    hasFigures(row) {
      const stated = row.flatMap((cell, column) => {
        const value = numberOf(cell)
        const values = sums[column]?.values ?? []
        return value === undefined || values.length < MIN_ROWS ? [] : [{ value, figures: keyFigures(values) }]
      })
      return [0, 1, 2, 3, 4].some(
        (which) =>
          stated.length > 0 && stated.every(({ value, figures }) => isNearTotal(value, figures[which]!)),
      )
    },
    fits(row) {
      const stated = row.flatMap((cell, column) => {
        const value = numberOf(cell)
        return value === undefined ? [] : [{ value, of: sums[column] }]
      })
      const fitting = stated.filter(
        ({ value, of }) =>
          of &&
          of.count >= MIN_PARTS &&
          (isNearTotal(value, of.sum) || isNearTotal(value, of.sum / of.count)),
      )
      return stated.length > 0 && fitting.length * 2 >= stated.length
    },
  }
}

function numberOf(cell: string): number | undefined {
  const text = cell.trim()
  return text === '' ? undefined : (parseNumber(text, '.') ?? parseNumber(text, ','))
}

/** Whether a stated total is this sum or mean: it may be rounded. Pure. */
export function isNearTotal(a: number, b: number): boolean {
  return Math.abs(a - b) <= TOLERANCE * Math.max(Math.abs(b), 1e-9)
}

/** Least, largest, middle, standard deviation of a sample, count. */
function keyFigures(values: readonly number[]): number[] {
  const sorted = values.toSorted((a, b) => a - b)
  return [sorted[0]!, sorted.at(-1)!, percentile(sorted, 0.5), sampleDeviation(values), values.length]
}

function sampleDeviation(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1))
}

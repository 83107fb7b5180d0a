import { parseNumber } from '../number-cell.ts'

const TOTAL =
  /^(?:grand |sub)?-?(?:total|totals|sum|gesamt|gesamtsumme|summe|insgesamt|totaal|total général|somme|suma|totale|overall|average|mean|mittelwert|durchschnitt|moyenne|media|合計|итого)\b/iu
const MAX_END_ROWS = 5
/** A stated total may be rounded. */
const TOLERANCE = 0.005
const MIN_ROWS = 3

/** The rows of a table without what stands at its end and is no row of it. */
export interface TableEnd {
  body: string[][]
  /** Lines of words below: sources, remarks. */
  footers: number
  /** What a row of totals is called; it is left out. */
  totals: string[]
}

/** Takes remarks below a table off, and rows that sum or average those above: they would count every value twice. Pure. */
export function trimEnd(rows: readonly string[][], width: number): TableEnd {
  let end = rows.length
  let footers = 0
  while (width >= 3 && end > MIN_ROWS && footers < MAX_END_ROWS && isRemark(rows[end - 1]!)) {
    end--
    footers++
  }
  const totals: string[] = []
  for (let at = end - 1; at >= MIN_ROWS && totals.length < 3; at--) {
    const label = totalLabel(rows[at]!, rows.slice(0, at))
    if (label === undefined) break
    totals.unshift(label)
    end = at
  }
  return { body: rows.slice(0, end), footers, totals }
}

function isRemark(row: readonly string[]): boolean {
  const [first = '', ...others] = row
  return (
    first.trim().length > 0 &&
    parseNumber(first.trim(), '.') === undefined &&
    others.every((cell) => cell.trim() === '')
  )
}

function totalLabel(row: readonly string[], above: readonly string[][]): string | undefined {
  const label = row.find((cell) => TOTAL.test(cell.trim()))
  if (label === undefined) return undefined
  let stated = 0
  let fitting = 0
  for (const [column, cell] of row.entries()) {
    const value = numberOf(cell)
    if (value === undefined) continue
    stated++
    const values = above.flatMap((other) => numberOf(other[column] ?? '') ?? [])
    const sum = values.reduce((total, other) => total + other, 0)
    if (values.length >= 2 && (isNear(value, sum) || isNear(value, sum / values.length))) fitting++
  }
  return stated > 0 && fitting * 2 >= stated ? label.trim() : undefined
}

function numberOf(cell: string): number | undefined {
  const text = cell.trim()
  return parseNumber(text, '.') ?? parseNumber(text, ',')
}

function isNear(a: number, b: number): boolean {
  return Math.abs(a - b) <= TOLERANCE * Math.max(Math.abs(b), 1e-9)
}

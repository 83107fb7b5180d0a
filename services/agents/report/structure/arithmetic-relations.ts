import type { ColumnRelation, RelationKind } from './column-relation.ts'
import { nameTokens } from './name-tokens.ts'
import { checkRows, isRule, MIN_CHECKED, MIN_KEPT_SHARE } from './row-check.ts'
import { probeRows, type RowValues } from './row-values.ts'

/** Triples grow with the third power. */
export const MAX_ARITHMETIC_COLUMNS = 60
/** Rows that a triple must pass before all probes are asked. */
const QUICK_PROBES = 24
const QUICK_FAILURES = 4
/** Where one part is 0 (of a product 1), any rule of two holds: at least this share of rows must say more. */
const MIN_TELLING_SHARE = 0.2
/** Rounding must be small beside what the values differ by. */
const MAX_TOLERANCE_SHARE = 0.05
const RELATIVE_PRECISION = 1e-9
/** Of quotients, which are often kept with seven digits, or in single precision, however many places others of the column have. */
const QUOTIENT_PRECISION = 1e-6

const DIFFERENCE_WORDS =
  /^(profit|margin|net|diff|difference|change|delta|balance|remaining|remainder|rest|surplus|deficit|gain|loss|left|available|outstanding|unpaid|ebit|ebitda|income)$/
const RATIO_WORDS =
  /^(per|rate|ratio|pct|percent|percentage|prozent|share|avg|average|mean|density|margin|proportion|yield|conversion|ctr|cpc|roi)$/

/** What is reckoned from a price or a rate, whatever that is called. */
const AMOUNT_WORDS =
  /^(total|revenue|amount|sales|cost|costs|sum|turnover|value|umsatz|summe|gesamt|subtotal)$/

type Triple = readonly [a: RowValues, b: RowValues, c: RowValues]

/** One way in which a third value follows from two. */
interface Form {
  how: RelationKind
  sign: string
  of(a: number, b: number): number
  /** What rounding of a and b may move the result by there. */
  propagated(a: number, b: number, of: readonly [RowValues, RowValues]): number
  /** Whether a row can tell this rule from a copy of one part. */
  tells(a: number, b: number): boolean
}

const SUM: Form = {
  how: 'sum',
  sign: '+',
  of: (a, b) => a + b,
  propagated: (_x, _y, [a, b]) => a.rounding + b.rounding,
  tells: (a, b) => a !== 0 && b !== 0,
}
const PRODUCT: Form = {
  how: 'product',
  sign: '×',
  of: (a, b) => a * b,
  propagated: (x, y, [a, b]) => Math.abs(y) * a.rounding + Math.abs(x) * b.rounding,
  tells: (a, b) => a !== 0 && b !== 0 && Math.abs(a) !== 1 && Math.abs(b) !== 1,
}
const ratio = (factor: 1 | 100): Form => ({
  how: factor === 1 ? 'ratio' : 'percentage',
  sign: '/',
  of: (a, b) => (factor * a) / b,
  propagated: (x, y, [a, b]) => (factor * (a.rounding + Math.abs(x / y) * b.rounding)) / Math.abs(y),
  tells: (a, b) => a !== 0 && b !== 0 && Math.abs(b) !== 1,
})
const RATIO = ratio(1)
const PERCENTAGE = ratio(100)

/** A result written with fewer places than its parts was rounded to them, whole numbers too; quotients always were. */
function roundingOf(c: RowValues, parts: readonly RowValues[], form: Form): number {
  if (c.rounding > 0) return c.rounding
  const isRounded = form === PERCENTAGE || parts.some(({ rounding }) => rounding > 0)
  return isRounded && Number.isInteger(c.at.find(Number.isFinite)) ? 0.5 : 0
}

/**
 * Columns that are the sum, difference, product, ratio or percentage of two others in at least nine tenths of the rows. Sought among
 * the first 60 columns in up to 400 rows, then checked in all. One rule a triple. Pure.
 */
export function arithmeticRelations(all: readonly RowValues[]): ColumnRelation[] {
  const columns = all.filter(({ spread }) => spread > 0).slice(0, MAX_ARITHMETIC_COLUMNS)
  const probes = columns.length > 0 ? probeRows(columns[0]!.at.length) : new Uint32Array()
  const found: ColumnRelation[] = []
  const known = new Set<string>()
  for (const form of [SUM, PRODUCT, RATIO, PERCENTAGE]) {
    const commutes = form === SUM || form === PRODUCT
    for (const [i, a] of columns.entries()) {
      for (const [j, b] of columns.entries()) {
        if (i === j || (commutes && j < i)) continue
        for (const c of quickMatches([a, b], form, { columns, probes })) {
          const triple: Triple = [a, b, c]
          const key = triple
            .map(({ index }) => index)
            .sort((x, y) => x - y)
            .join()
          if (known.has(key) || !fits(triple, form, probes)) continue
          known.add(key)
          const relation = relationOf(triple, form)
          if (relation) found.push(relation)
        }
      }
    }
  }
  return found
}

/** Third columns that follow from two in nearly all of a few rows: spares the others the full check. */
function quickMatches(
  [a, b]: readonly [RowValues, RowValues],
  form: Form,
  { columns, probes }: { columns: readonly RowValues[]; probes: Uint32Array },
): RowValues[] {
  const count = Math.min(QUICK_PROBES, probes.length)
  const rows = new Uint32Array(count)
  const expected = new Float64Array(count)
  const slack = new Float64Array(count)
  for (let i = 0; i < count; i++) {
    const row = probes[Math.floor((i * probes.length) / count)]!
    const [x, y] = [a.at[row]!, b.at[row]!]
    rows[i] = row
    expected[i] = form.of(x, y)
    slack[i] =
      1.01 * form.propagated(x, y, [a, b]) +
      RELATIVE_PRECISION * Math.max(Math.abs(x), Math.abs(y), Math.abs(expected[i]!))
  }
  return columns.filter((c) => {
    if (c === a || c === b) return false
    const rounding = 1.01 * roundingOf(c, [a, b], form)
    for (let i = 0, failures = 0; i < count; i++) {
      if (Math.abs(c.at[rows[i]!]! - expected[i]!) > slack[i]! + rounding && ++failures > QUICK_FAILURES)
        return false
    }
    return true
  })
}

/** Whether a triple follows the form in the probes, and the probes tell it from something simpler. */
function fits(triple: Triple, form: Form, probes: Uint32Array): boolean {
  const [a, b, c] = triple
  const rounding = roundingOf(c, [a, b], form)
  let [checked, telling, kept, told, tolerances] = [0, 0, 0, 0, 0]
  for (const row of probes) {
    const holds = holdsIn(triple, form, { row, rounding })
    if (holds === undefined) continue
    const [x, y] = [a.at[row]!, b.at[row]!]
    const tells = form.tells(x, y)
    checked++
    if (tells) telling++
    if (holds) kept++
    if (holds && tells) told++
    tolerances += rounding + Math.min(form.propagated(x, y, [a, b]), Number.MAX_VALUE / probes.length)
  }
  if (telling < MIN_CHECKED || telling < MIN_TELLING_SHARE * checked) return false
  if (kept < MIN_KEPT_SHARE * checked || told < MIN_KEPT_SHARE * telling) return false
  return tolerances / checked <= MAX_TOLERANCE_SHARE * c.spread
}

function holdsIn(
  [a, b, c]: Triple,
  form: Form,
  { row, rounding }: { row: number; rounding: number },
): boolean | undefined {
  const [x, y, z] = [a.at[row]!, b.at[row]!, c.at[row]!]
  const expected = form.of(x, y)
  if (Number.isNaN(z) || !Number.isFinite(expected)) return undefined
  const size = form === SUM ? Math.max(Math.abs(x), Math.abs(y), Math.abs(z)) : Math.abs(z)
  const precision = form === RATIO || form === PERCENTAGE ? QUOTIENT_PRECISION : RELATIVE_PRECISION
  return Math.abs(z - expected) <= 1.01 * (rounding + form.propagated(x, y, [a, b])) + precision * size
}

function relationOf(triple: Triple, form: Form): ColumnRelation | null {
  const rounding = roundingOf(triple[2], triple.slice(0, 2), form)
  const check = checkRows(triple[0].at.length, (row) => holdsIn(triple, form, { row, rounding }))
  return isRule(check) ? { ...check, ...worded(triple, form) } : null
}

/** Which of the three is told as the result: the sum or product, unless the name of a part says that it is what is left, or a rate. */
function worded(triple: Triple, form: Form): Pick<ColumnRelation, 'target' | 'sources' | 'how' | 'rule'> {
  const [a, b, c] = triple.map(({ name }) => name) as [string, string, string]
  const words = form === SUM ? DIFFERENCE_WORDS : form === PRODUCT ? RATIO_WORDS : undefined
  const says = (name: string) => words !== undefined && nameTokens(name).some((token) => words.test(token))
  const isAmount = form === PRODUCT && nameTokens(c).some((token) => AMOUNT_WORDS.test(token))
  const part = isAmount || says(c) ? undefined : says(b) ? b : says(a) ? a : undefined
  if (part !== undefined) {
    const other = part === a ? b : a
    return form === SUM
      ? { target: part, sources: [c, other], how: 'difference', rule: `${c} − ${other} = ${part}` }
      : { target: part, sources: [c, other], how: 'ratio', rule: `${c} / ${other} = ${part}` }
  }
  const left = form === PERCENTAGE ? `100 × ${a}` : a
  return { target: c, sources: [a, b], how: form.how, rule: `${left} ${form.sign} ${b} = ${c}` }
}

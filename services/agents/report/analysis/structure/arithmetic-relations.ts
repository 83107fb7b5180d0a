import type { ColumnRelation, RelationKind } from './column-relation.ts'
import { nameTokens } from './name-tokens.ts'
import { checkRows, isRule, MIN_CHECKED } from './row-check.ts'
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

const DIFFERENCE_WORDS =
  /^(profit|margin|net|diff|difference|change|delta|balance|remaining|remainder|rest|surplus|deficit|gain|loss|left|ebit|ebitda|income)$/
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
  /** What rounding of a, b and c may add up to there. */
  tolerance(values: readonly [a: number, b: number, c: number], of: Triple): number
  /** Whether a row can tell this rule from a copy of one part. */
  tells(a: number, b: number): boolean
}

const SUM: Form = {
  how: 'sum',
  sign: '+',
  of: (a, b) => a + b,
  tolerance: (_, [a, b, c]) => a.rounding + b.rounding + coarse(c, [a, b]),
  tells: (a, b) => a !== 0 && b !== 0,
}
const PRODUCT: Form = {
  how: 'product',
  sign: '×',
  of: (a, b) => a * b,
  tolerance: ([x, y], [a, b, c]) => Math.abs(y) * a.rounding + Math.abs(x) * b.rounding + coarse(c, [a, b]),
  tells: (a, b) => a !== 0 && b !== 0 && Math.abs(a) !== 1 && Math.abs(b) !== 1,
}
const ratio = (factor: 1 | 100): Form => ({
  how: factor === 1 ? 'ratio' : 'percentage',
  sign: '/',
  of: (a, b) => (factor * a) / b,
  tolerance: ([, y, z], [a, b, c]) =>
    (factor * a.rounding + Math.abs(z) * b.rounding) / Math.abs(y) + (c.rounding || 0),
  tells: (a, b) => a !== 0 && b !== 0 && Math.abs(b) !== 1,
})
const RATIO = ratio(1)
const PERCENTAGE = ratio(100)

/** A result written with fewer places than its parts was rounded to them, whole numbers too. */
function coarse(c: RowValues, parts: readonly RowValues[]): number {
  return c.rounding === 0 && parts.some(({ rounding }) => rounding > 0) ? 0.5 : c.rounding
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
        for (const [k, c] of columns.entries()) {
          if (k === i || k === j) continue
          const key = [i, j, k].sort((x, y) => x - y).join()
          if (known.has(key) || !fits([a, b, c], form, probes)) continue
          known.add(key)
          const relation = relationOf([a, b, c], form)
          if (relation) found.push(relation)
        }
      }
    }
  }
  return found
}

/** Whether a triple follows the form in the probes, and the probes tell it from something simpler. */
function fits(triple: Triple, form: Form, probes: Uint32Array): boolean {
  const quick = Math.min(QUICK_PROBES, probes.length)
  const stride = probes.length / quick
  let failures = 0
  for (let i = 0; i < quick; i++) {
    if (holdsIn(triple, form, probes[Math.floor(i * stride)]!) === false && ++failures > QUICK_FAILURES)
      return false
  }
  const [a, b, c] = triple
  let [checked, telling, kept, told] = [0, 0, 0, 0]
  let tolerances = 0
  for (const row of probes) {
    const holds = holdsIn(triple, form, row)
    if (holds === undefined) continue
    const [x, y, z] = [a.at[row]!, b.at[row]!, c.at[row]!]
    const tells = form.tells(x, y)
    checked++
    if (tells) telling++
    if (holds) kept++
    if (holds && tells) told++
    tolerances += Math.min(form.tolerance([x, y, z], triple), Number.MAX_VALUE / probes.length)
  }
  if (telling < MIN_CHECKED || telling < MIN_TELLING_SHARE * checked) return false
  if (kept < 0.9 * checked || told < 0.9 * telling) return false
  return tolerances / checked <= MAX_TOLERANCE_SHARE * c.spread
}

function holdsIn(triple: Triple, form: Form, row: number): boolean | undefined {
  const [a, b, c] = triple
  const [x, y, z] = [a.at[row]!, b.at[row]!, c.at[row]!]
  const expected = form.of(x, y)
  if (Number.isNaN(z) || !Number.isFinite(expected)) return undefined
  const precision = RELATIVE_PRECISION * Math.max(Math.abs(x), Math.abs(y), Math.abs(z))
  return (
    Math.abs(z - expected) <=
    1.01 * form.tolerance([x, y, z], triple) + (form === SUM ? precision : RELATIVE_PRECISION * Math.abs(z))
  )
}

function relationOf(triple: Triple, form: Form): ColumnRelation | null {
  const check = checkRows(triple[0].at.length, (row) => holdsIn(triple, form, row))
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

import type { ColumnRelation } from './column-relation.ts'
import { checkRows, MIN_CHECKED } from './row-check.ts'
import { probeRows, type RowValues } from './row-values.ts'

/** Triples grow with the third power, and each is fitted. */
const MAX_COLUMNS = 24
/** Rows that a triple is fitted to. */
const MAX_FITTED = 60
/** Powers are halves: squares, cubes, roots. */
const POWER_STEP = 0.5
const MAX_POWER = 3
/** Fitted powers lie so near to halves where there is a rule. */
const MAX_POWER_ERROR = 0.1
/** Nothing is made of the rows that do not follow. */
const MIN_KEPT = 0.995
const MAX_TOLERANCE_SHARE = 0.1
const RELATIVE_PRECISION = 1e-6

/**
 * Columns of amounts that are a power of two others times a constant, such as the body mass index: weight / height². Products and plain
 * ratios are `arithmeticRelations`' business. Pure.
 */
export function powerRelations(all: readonly RowValues[]): ColumnRelation[] {
  const columns = all.filter(({ spread, at }) => spread > 0 && isPositive(at)).slice(0, MAX_COLUMNS)
  if (columns.length < 3) return []
  const probes = probeRows(columns[0]!.at.length)
  const stride = Math.max(1, Math.floor(probes.length / MAX_FITTED))
  const rows = probes.filter((_, i) => i % stride === 0)
  const logs = new Map(
    columns.map((column) => [column, Float64Array.from(rows, (row) => Math.log(column.at[row]!))]),
  )
  const known = new Set<string>()
  // Each of the three follows from the other two: what is reckoned stands behind what was measured.
  return columns.toReversed().flatMap((target) => {
    const others = columns.filter((column) => column !== target)
    for (const [i, a] of others.entries()) {
      for (const b of others.slice(i + 1)) {
        const powers = powersOf(logs.get(target)!, logs.get(a)!, logs.get(b)!)
        const found = powers && relationOf(target, [a, b], powers)
        const key = [target, a, b]
          .map(({ index }) => index)
          .sort((x, y) => x - y)
          .join()
        if (!found || known.has(key)) continue
        known.add(key)
        return [found]
      }
    }
    return []
  })
}

function isPositive(at: Float64Array): boolean {
  return at.every((value) => Number.isNaN(value) || value > 0)
}

interface Powers {
  a: number
  b: number
  /** Logarithm of the constant. */
  constant: number
}

/** Least squares of log c on log a and log b, where the powers come out as halves and not both as plain ones. */
function powersOf(c: Float64Array, a: Float64Array, b: Float64Array): Powers | undefined {
  const rows = [...c.keys()].filter((i) => Number.isFinite(c[i]! + a[i]! + b[i]!))
  if (rows.length < MIN_CHECKED) return undefined
  const mean = (of: Float64Array) => rows.reduce((sum, i) => sum + of[i]!, 0) / rows.length
  const [mc, ma, mb] = [mean(c), mean(a), mean(b)]
  let [aa, ab, bb, ac, bc] = [0, 0, 0, 0, 0]
  for (const i of rows) {
    const [x, y, z] = [a[i]! - ma, b[i]! - mb, c[i]! - mc]
    aa += x * x
    ab += x * y
    bb += y * y
    ac += x * z
    bc += y * z
  }
  const determinant = aa * bb - ab * ab
  if (!(determinant > 1e-6 * aa * bb)) return undefined
  const fitted = [(ac * bb - bc * ab) / determinant, (bc * aa - ac * ab) / determinant]
  const powers = fitted.map((power) => Math.round(power / POWER_STEP) * POWER_STEP)
  const areHalves = powers.every(
    (power, i) =>
      power !== 0 && Math.abs(power) <= MAX_POWER && Math.abs(power - fitted[i]!) <= MAX_POWER_ERROR,
  )
  if (!areHalves) return undefined
  return { a: powers[0]!, b: powers[1]!, constant: mc - powers[0]! * ma - powers[1]! * mb }
}

function relationOf(
  target: RowValues,
  [a, b]: readonly [RowValues, RowValues],
  powers: Powers,
): ColumnRelation | undefined {
  const factor = Math.exp(powers.constant)
  let [tolerances, counted] = [0, 0]
  const check = checkRows(target.at.length, (row) => {
    const [x, y, z] = [a.at[row]!, b.at[row]!, target.at[row]!]
    if (Number.isNaN(x + y + z)) return undefined
    const expected = factor * x ** powers.a * y ** powers.b
    const relative =
      Math.abs(powers.a) * (a.rounding / x) + Math.abs(powers.b) * (b.rounding / y) + RELATIVE_PRECISION
    const tolerance = 1.1 * (target.rounding + expected * relative)
    tolerances += tolerance
    counted++
    return Math.abs(z - expected) <= tolerance
  })
  if (check.checked < MIN_CHECKED || check.checked - check.violations < MIN_KEPT * check.checked)
    return undefined
  if (tolerances / counted > MAX_TOLERANCE_SHARE * target.spread) return undefined
  const rule = `${termText(a.name, powers.a)} × ${termText(b.name, powers.b)} = ${target.name}, times a constant`
  return { ...check, target: target.name, sources: [a.name, b.name], how: 'power', rule }
}

function termText(name: string, power: number): string {
  return power === 1 ? name : `${name}^${power}`
}

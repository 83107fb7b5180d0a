import type { ColumnRelation } from './column-relation.ts'
import { nameTokens } from './name-tokens.ts'
import { checkRows, isRule, keepsRule, MIN_CHECKED, type RowCheck } from './row-check.ts'
import { probeRows, type RowValues } from './row-values.ts'

/** Pairs are `arithmeticRelations`' business. */
const MIN_PARTS = 3
const MAX_PARTS = 40
const MAX_TOLERANCE_SHARE = 0.05
const RELATIVE_PRECISION = 1e-9
const TOTAL_WORDS = /^(total|sum|all|overall|gesamt|summe|insgesamt|grand|subtotal|net|gross|balance)$/

/** Whether a name says that a column sums up others. Pure. */
export function isTotalName(name: string): boolean {
  return nameTokens(name).some((token) => TOTAL_WORDS.test(token))
}

/**
 * Columns that are the sum of three or more beside them: of those directly before or behind, or, under a name like `total`, of all
 * others; also the first of them less the others. O(p² · 400) to seek, then checked in all rows. Pure.
 */
export function sumRelations(columns: readonly RowValues[]): ColumnRelation[] {
  const varied = columns.filter(({ spread }) => spread > 0)
  return varied.flatMap((target) => {
    for (const found of candidates(varied, target)) if (found) return [found]
    return []
  })
}

function* candidates(columns: readonly RowValues[], target: RowValues): Generator<ColumnRelation | null> {
  const place = columns.indexOf(target)
  const others = columns.filter((column) => column !== target)
  if (isTotalName(target.name)) yield sumOf(others, target)
  for (let count = MIN_PARTS; count <= Math.min(MAX_PARTS, columns.length - 1); count++) {
    const before = columns.slice(Math.max(0, place - count), place)
    const behind = columns.slice(place + 1, place + 1 + count)
    if (before.length === count) {
      yield sumOf(before, target)
      yield remainderOf(before, target)
    }
    if (behind.length === count) yield sumOf(behind, target)
  }
}

function sumOf(parts: readonly RowValues[], target: RowValues): ColumnRelation | null {
  return combinationOf(parts, target, { how: 'sum', sign: 1 })
}

function remainderOf(parts: readonly RowValues[], target: RowValues): ColumnRelation | null {
  return combinationOf(parts, target, { how: 'difference', sign: -1 })
}

/** The first part and, added or taken away, all others. */
function combinationOf(
  parts: readonly RowValues[],
  target: RowValues,
  { how, sign }: { how: 'sum' | 'difference'; sign: 1 | -1 },
): ColumnRelation | null {
  const signs = parts.map((_, i) => (i === 0 ? 1 : sign))
  const check = checked(parts, target, signs)
  const sources = parts.map(({ name }) => name)
  const rule = `${shown(sources, sign === 1 ? ' + ' : ' − ')} = ${target.name}`
  return check && { ...check, target: target.name, sources, how, rule }
}

/** Long lists of parts are told by their ends. */
function shown(names: readonly string[], sign: string): string {
  const MAX_SHOWN = 5
  return names.length <= MAX_SHOWN
    ? names.join(sign)
    : [...names.slice(0, 2), '…', names[names.length - 1]].join(sign)
}

function checked(parts: readonly RowValues[], target: RowValues, signs: readonly number[]): RowCheck | null {
  if (parts.length < MIN_PARTS) return null
  const rounded = parts.some(({ rounding }) => rounding > 0)
  const own = target.rounding === 0 && rounded ? 0.5 : target.rounding
  const tolerance = 1.01 * parts.reduce((sum, { rounding }) => sum + rounding, own)
  if (tolerance > MAX_TOLERANCE_SHARE * target.spread) return null
  const holds = (row: number) => {
    let [sum, size] = [0, 0]
    for (let i = 0; i < parts.length; i++) {
      const value = parts[i]!.at[row]!
      sum += signs[i]! * value
      size = Math.max(size, Math.abs(value))
    }
    const value = target.at[row]!
    if (Number.isNaN(sum) || Number.isNaN(value)) return undefined
    return Math.abs(value - sum) <= tolerance + RELATIVE_PRECISION * Math.max(size, Math.abs(value))
  }
  const probes = probeRows(target.at.length)
  if (!keepsRule(probes.length, (i) => holds(probes[i]!))) return null
  // A part that is nearly always 0 belongs to no rule that can be seen.
  const isTold = parts.every(
    ({ at }) => probes.reduce((n, row) => n + (at[row] !== 0 ? 1 : 0), 0) >= MIN_CHECKED,
  )
  const check = isTold ? checkRows(target.at.length, holds) : null
  return check && isRule(check) ? check : null
}

const SHARE_WORDS =
  /^(share|shares|pct|percent|percentage|prozent|anteil|proportion|prob|probability|fraction|weight|weights)$/
/** A whole as one or as a hundred per cent. */
const WHOLES = [1, 100] as const

/** Columns that together make a whole: `share_a + share_b + share_c = 100`. */
export interface ShareRule extends RowCheck {
  columns: string[]
  rule: string
}

/**
 * Columns named as shares, or measured in per cent, whose rows sum to 1 or to 100 within what rounding may move them. Pure.
 *
 * @param units by the name of a column
 */
export function shareRules(
  columns: readonly RowValues[],
  units: ReadonlyMap<string, string | undefined>,
): ShareRule[] {
  const shares = columns.filter(
    ({ name }) =>
      units.get(name) === '%' ||
      nameTokens(name).some((token) => SHARE_WORDS.test(token)) ||
      name.includes('%'),
  )
  if (shares.length < 2) return []
  const names = shares.map(({ name }) => name)
  for (const whole of WHOLES) {
    // Whole per cent are rounded as well.
    const rounding = shares.reduce((sum, { rounding }) => sum + (rounding || (whole === 100 ? 0.5 : 0)), 0)
    const check = checkRows(shares[0]!.at.length, (row) => {
      const sum = shares.reduce((total, { at }) => total + at[row]!, 0)
      return Number.isNaN(sum)
        ? undefined
        : Math.abs(sum - whole) <= 1.01 * rounding + RELATIVE_PRECISION * whole
    })
    if (isRule(check)) return [{ ...check, columns: names, rule: `${shown(names, ' + ')} = ${whole}` }]
  }
  return []
}

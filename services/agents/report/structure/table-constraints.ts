import type { Constraint } from '#schemas/relations.ts'
import { ACCOUNTABLE, type ColumnRelation } from './column-relation.ts'
import { type OrderedPair, orderedColumns } from './ordered-columns.ts'
import { type PlausibleRange, plausibleRange } from './plausible-ranges.ts'
import { checkRows, isRule, type RowCheck } from './row-check.ts'
import type { RowValues } from './row-values.ts'
import { shareRules } from './sum-relations.ts'

/** A rule that most rows keep and a few break. */
export interface BrokenRule {
  rule: string
  columns: string[]
  checked: number
  violations: number
  /** 0-based, the first 20. */
  rows: number[]
  /** What is wrong, for people: `low is above high`, `price × quantity is not revenue`. */
  fault: string
}

export interface RuleSource {
  /** All columns of numbers and times, whatever their role. */
  columns: readonly (RowValues & { isTime: boolean; unit?: string | undefined })[]
  relations: readonly ColumnRelation[]
}

/**
 * The rules that at least nine tenths of the rows keep and some break: order by name (low ≤ high, start ≤ end, part ≤ whole), sums,
 * products and ratios that were found in the values, shares of a whole, ranges of what can be. A rule that all rows keep is no news.
 * Pure.
 */
export function brokenRules({ columns, relations }: RuleSource): BrokenRule[] {
  const arithmetic = relations
    .filter(({ how, violations }) => ACCOUNTABLE.has(how) && violations > 0)
    .map(({ rule, sources, target, checked, violations, rows }) => {
      const [left] = rule.split(' = ')
      const fault = `${left} is not ${target}`
      return { rule, columns: [...sources, target], checked, violations, rows, fault }
    })
  return [...arithmetic, ...orderFaults(columns), ...shareFaults(columns), ...rangeFaults(columns)].sort(
    (a, b) => a.violations / a.checked - b.violations / b.checked,
  )
}

/** A rule and what is wrong where it is broken, for people. */
type RuleWords = Pick<BrokenRule, 'rule' | 'columns' | 'fault'>

/** `low ≤ high`, of numbers or of times. Pure. */
export function orderRule({ low, high }: OrderedPair, isTime: boolean): RuleWords {
  const fault = `${low} is ${isTime ? 'after' : 'above'} ${high}`
  return { rule: `${low} ≤ ${high}`, columns: [low, high], fault }
}

/** `0 ≤ humidity ≤ 100`, `weight ≥ 0`. Pure. */
export function rangeRule(name: string, { min, max }: PlausibleRange): RuleWords {
  const isOpen = max === Number.POSITIVE_INFINITY
  return {
    rule: isOpen ? `${name} ≥ ${min}` : `${min} ≤ ${name} ≤ ${max}`,
    columns: [name],
    fault: isOpen ? `${name} is below ${min}` : `${name} is outside ${min} to ${max}`,
  }
}

function isBroken(check: RowCheck): boolean {
  return isRule(check) && check.violations > 0
}

function orderFaults(columns: RuleSource['columns']): BrokenRule[] {
  const byName = new Map(columns.map((column) => [column.name, column]))
  return orderedColumns(columns).flatMap(({ low, high }) => {
    const [below, above] = [byName.get(low)!, byName.get(high)!]
    const check = checkRows(below.at.length, (row) => {
      const [a, b] = [below.at[row]!, above.at[row]!]
      return Number.isNaN(a) || Number.isNaN(b) ? undefined : a <= b
    })
    return isBroken(check) ? [{ ...check, ...orderRule({ low, high }, below.isTime) }] : []
  })
}

function shareFaults(columns: RuleSource['columns']): BrokenRule[] {
  const units = new Map(columns.map(({ name, unit }) => [name, unit]))
  return shareRules(
    columns.filter(({ isTime }) => !isTime),
    units,
  ).flatMap((rule) => {
    const [left, whole] = rule.rule.split(' = ')
    const sum = isBroken(rule) ? [{ ...rule, fault: `${left} is not ${whole}` }] : []
    return [...sum, ...partFaults(columns, rule.columns)]
  })
}

/** What sums to a whole with others is no less than nothing of it. */
function partFaults(columns: RuleSource['columns'], parts: readonly string[]): BrokenRule[] {
  return columns
    .filter(({ name }) => parts.includes(name))
    .flatMap(({ name, at }) => {
      const check = checkRows(at.length, (row) => (Number.isNaN(at[row]!) ? undefined : at[row]! >= 0))
      const rule = rangeRule(name, { min: 0, max: Number.POSITIVE_INFINITY })
      return isBroken(check) ? [{ ...check, ...rule }] : []
    })
}

function rangeFaults(columns: RuleSource['columns']): BrokenRule[] {
  return columns.flatMap(({ name, at, isTime }) => {
    const range = isTime ? undefined : plausibleRange(name)
    if (!range) return []
    const check = checkRows(at.length, (row) =>
      Number.isNaN(at[row]!) ? undefined : at[row]! >= range.min && at[row]! <= range.max,
    )
    return isBroken(check) ? [{ ...check, ...rangeRule(name, range) }] : []
  })
}

/** As the analysis tells it. */
export function constraintOf(
  { rule, columns, checked, violations, rows }: BrokenRule,
  place: { document: string; table: string; sourceRow(row: number): number },
): Constraint {
  const { document, table, sourceRow } = place
  return { document, table, rule, columns, checked, violations, rows: rows.map(sourceRow) }
}

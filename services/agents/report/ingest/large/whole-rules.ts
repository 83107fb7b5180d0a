import type { Column, RuleCount } from '#schemas/document.ts'
import { orderedColumns } from '../../structure/ordered-columns.ts'
import { plausibleRange } from '../../structure/plausible-ranges.ts'
import { orderRule, rangeRule } from '../../structure/table-constraints.ts'
import type { QueryEngine } from './query-engine.ts'
import { type TypedFile, valueName } from './typed-file.ts'

const MAX_ROWS = 20

interface Rule extends Pick<RuleCount, 'rule' | 'columns' | 'fault'> {
  /** True, false, or NULL where it cannot be asked. */
  sql: string
  /** Of the columns that it reads. */
  indexes: readonly number[]
}

/** Counts over all rows who keeps the rules that follow from names: `low ≤ high`, `start ≤ end`, `0 ≤ humidity ≤ 100`. Only broken ones. */
export async function wholeRules(
  engine: QueryEngine,
  file: TypedFile,
  columns: readonly Column[],
): Promise<RuleCount[]> {
  const rules = [...orderRules(columns), ...rangeRules(columns)]
  const counted: RuleCount[] = []
  // What lies in the same parts is asked together.
  const partOf = (index: number) => file.parts.findIndex((part) => part.includes(index))
  const together = Map.groupBy(rules, ({ indexes }) => [...new Set(indexes.map(partOf))].sort().join())
  for (const asked of together.values()) counted.push(...(await countRules(engine, file, asked)))
  const order = new Map(rules.map(({ rule }, at) => [rule, at]))
  return counted
    .filter(({ violations }) => violations > 0)
    .sort((a, b) => order.get(a.rule)! - order.get(b.rule)!)
}

async function countRules(
  engine: QueryEngine,
  file: TypedFile,
  rules: readonly Rule[],
): Promise<RuleCount[]> {
  const [counts = []] = await engine.rows(
    `SELECT ${rules
      .flatMap(({ sql }) => [
        `count(${sql})`,
        `count(*) FILTER (NOT (${sql}))`,
        `min(row_number, ${MAX_ROWS}) FILTER (NOT (${sql}))`,
      ])
      .join(', ')} FROM ${file.from(rules.flatMap(({ indexes }) => indexes))}`,
  )
  return rules.map(({ sql: _, indexes: __, ...rule }, at) => ({
    ...rule,
    checked: Number(counts[3 * at]),
    violations: Number(counts[3 * at + 1]),
    rows: ((counts[3 * at + 2] ?? []) as number[]).map(Number),
  }))
}

function orderRules(columns: readonly Column[]): Rule[] {
  const named = columns.flatMap(({ name, kind }, index) =>
    kind === 'number' || kind === 'temporal' ? [{ name, index, isTime: kind === 'temporal' }] : [],
  )
  const byName = new Map(named.map((column) => [column.name, column]))
  return orderedColumns(named).map(({ low, high }) => {
    const [a, b] = [byName.get(low)!, byName.get(high)!]
    return {
      ...orderRule({ low, high }, a.isTime),
      sql: `${valueName(a.index)} <= ${valueName(b.index)}`,
      indexes: [a.index, b.index],
    }
  })
}

function rangeRules(columns: readonly Column[]): Rule[] {
  return columns.flatMap(({ name, kind }, index) => {
    const range = kind === 'number' ? plausibleRange(name) : undefined
    if (!range) return []
    const value = valueName(index)
    const isOpen = range.max === Number.POSITIVE_INFINITY
    return [
      {
        ...rangeRule(name, range),
        sql: isOpen ? `${value} >= ${range.min}` : `${value} BETWEEN ${range.min} AND ${range.max}`,
        indexes: [index],
      },
    ]
  })
}

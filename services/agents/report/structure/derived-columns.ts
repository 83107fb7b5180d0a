import { arithmeticRelations } from './arithmetic-relations.ts'
import type { CategoryColumn } from './category-column.ts'
import { type ColumnRelation, REDUNDANT } from './column-relation.ts'
import { linearRelations } from './linear-relations.ts'
import type { NumericColumn } from './numeric-column.ts'
import { orderRelations } from './order-relations.ts'
import type { PanelEntities } from './panel-entities.ts'
import { powerRelations } from './power-relations.ts'
import { binnedColumns, isConstantByGroup, isFunction, recodedColumns } from './recoded-columns.ts'
import type { RowAxis } from './row-axis.ts'
import { type RowValues, rowValues } from './row-values.ts'
import { sumRelations } from './sum-relations.ts'

export interface RelationSource {
  rows: number
  /** Measures only. */
  measures: readonly { column: NumericColumn; index: number }[]
  /** Columns that form groups, codes and labels among them. */
  groups: readonly CategoryColumn[]
  axis: RowAxis | null
  entities: PanelEntities | null
}

export interface Derivations {
  /** One a column at most; the simplest. */
  relations: ColumnRelation[]
  /** Pairs of columns of which one is a function of the other without being a copy: a city and its country, a price by product. */
  implied: [string, string][]
  /** The measures by row, for rules between them. */
  values: RowValues[]
}

/** Groups and measures that are compared for implication: pairs grow with the square. */
const MAX_GROUP_COLUMNS = 60

/** Columns that others define: copies, codes, classes, other units, sums, products, ratios, running totals. Pure. */
export function derivedColumns({ rows, measures, groups, axis, entities }: RelationSource): Derivations {
  const values = measures.map(({ column, index }) => rowValues(column, { index, rows }))
  const linear = linearRelations(values)
  const codes = [...recodedColumns(groups), ...binnedColumns(groups, values)]
  const ordered = orderRelations(without(values, linear), { axis, entities })
  const redundant = ordered.filter(({ how }) => REDUNDANT.has(how))
  const free = without(values, [...linear, ...redundant])
  const sums = sumRelations(free)
  const arithmetic = arithmeticRelations(free)
  const relations = onePerTarget([
    ...linear,
    ...codes,
    ...arithmetic,
    ...sums,
    ...ordered,
    ...powerRelations(free),
  ])
  return { relations, implied: impliedPairs(groups, values), values }
}

function without(values: readonly RowValues[], relations: readonly ColumnRelation[]): RowValues[] {
  const targets = new Set(relations.map(({ target }) => target))
  return values.filter(({ name }) => !targets.has(name))
}

/** The first of each target; nothing that closes a circle: what a column was defined by is not defined by it. */
function onePerTarget(all: readonly ColumnRelation[]): ColumnRelation[] {
  const kept = new Map<string, ColumnRelation>()
  const leadsTo = (from: string, to: string): boolean =>
    from === to || (kept.get(from)?.sources.some((source) => leadsTo(source, to)) ?? false)
  for (const relation of all) {
    const { target, sources } = relation
    if (!kept.has(target) && !sources.some((source) => leadsTo(source, target))) kept.set(target, relation)
  }
  return [...kept.values()]
}

function impliedPairs(all: readonly CategoryColumn[], values: readonly RowValues[]): [string, string][] {
  const groups = all.slice(0, MAX_GROUP_COLUMNS)
  const found: [string, string][] = []
  for (const from of groups) {
    for (const to of groups) if (from !== to && isFunction(from, to)) found.push([from.name, to.name])
    for (const measure of values.slice(0, MAX_GROUP_COLUMNS)) {
      if (isConstantByGroup(from, measure)) found.push([from.name, measure.name])
    }
  }
  return found
}

/**
 * Whether two columns have a definition in common: one is reckoned from the other, or both from a third. That they go together is
 * then no finding. Pure.
 */
export function definitionsOf({
  relations,
  implied,
  shares,
}: Pick<Derivations, 'relations' | 'implied'> & {
  /** Columns that sum to a whole go together by that alone. */
  shares: readonly (readonly string[])[]
}): (a: string, b: string) => boolean {
  const byTarget = new Map(relations.map((relation) => [relation.target, relation.sources]))
  const roots = (name: string): string[] => byTarget.get(name)?.flatMap(roots) ?? [name]
  const pairs = new Set(implied.map((pair) => JSON.stringify(pair)))
  return (a, b) => {
    if (pairs.has(JSON.stringify([a, b])) || pairs.has(JSON.stringify([b, a]))) return true
    if (shares.some((names) => names.includes(a) && names.includes(b))) return true
    const of = new Set([a, ...roots(a)])
    return [b, ...roots(b)].some((name) => of.has(name))
  }
}

import type { RowCheck } from './row-check.ts'

/** How a column follows from others. */
export type RelationKind =
  | 'copy'
  | 'code'
  | 'bins'
  | 'linear'
  | 'sum'
  | 'difference'
  | 'product'
  | 'ratio'
  | 'percentage'
  | 'power'
  | 'running total'
  | 'change'
  | 'growth'
  | 'lag'

/** A column that others define, and the rows in which they do not. */
export interface ColumnRelation extends RowCheck {
  target: string
  sources: string[]
  how: RelationKind
  /** In symbols: `price × quantity = revenue`. */
  rule: string
}

/** These say nothing that their source does not: a column of this kind is no measure of its own. Sums, shares and the like are. */
export const REDUNDANT: ReadonlySet<RelationKind> = new Set([
  'copy',
  'code',
  'bins',
  'linear',
  'running total',
  'lag',
])

/** Arithmetic that rows can get wrong: where a few do, that is a finding. Copies that differ now and then may be meant to. */
export const ACCOUNTABLE: ReadonlySet<RelationKind> = new Set([
  'sum',
  'difference',
  'product',
  'ratio',
  'percentage',
])

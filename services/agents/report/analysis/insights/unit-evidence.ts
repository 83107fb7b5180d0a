import type { RelationUnits } from '../relations/relation-units.ts'

/**
 * What was counted, where it is no row: the entities of a panel, customers, or the moments of a table of several rows each. A sentence
 * that called them rows would be wrong. Pure.
 */
export function unitEvidence(
  { dependence, table }: Pick<RelationUnits, 'dependence' | 'table'>,
  unit: string,
): { unit?: string } {
  if (unit === 'row' || dependence.kind !== 'clustered') return {}
  // Where each has one row, rows were counted.
  return dependence.clusterCount >= table.rows ? {} : { unit }
}

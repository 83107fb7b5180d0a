import type { RelationUnits } from '../relations/relation-units.ts'

/**
 * What was counted, where it is no row: the entities of a panel, customers, or the moments of a table of several rows each. A sentence
 * that called them rows would be wrong. Pure.
 */
export function unitEvidence(
  { dependence }: Pick<RelationUnits, 'dependence'>,
  unit: string,
): { unit?: string } {
  return unit === 'row' || dependence.kind !== 'clustered' ? {} : { unit }
}

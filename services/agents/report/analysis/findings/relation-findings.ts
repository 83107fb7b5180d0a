import type { RelationTable } from '../relations/relation-table.ts'
import { type RelationUnits, relationUnits } from '../relations/relation-units.ts'
import { type AssociationFindings, associationFindings } from './association-findings.ts'
import { type CorrelationFindings, correlationFindings } from './correlation-findings.ts'
import { type DifferenceFindings, differenceFindings } from './difference-findings.ts'

/** Everything that goes with something else in one table. */
export interface RelationFindings {
  units: RelationUnits
  correlations: CorrelationFindings
  differences: DifferenceFindings
  associations: AssociationFindings
}

/** Asks of every pair of columns once whether they go together: as correlation, difference or association. Pauses after each column. */
export function* relationFindings(table: RelationTable): Generator<void, RelationFindings> {
  const units = relationUnits(table)
  const correlations = yield* correlationFindings(units)
  const differences = yield* differenceFindings(units)
  const associations = yield* associationFindings(units)
  return { units, correlations, differences, associations }
}

import type { Association, Correlation, Difference } from '#schemas/relations.ts'
import type { TestedQuestions } from '../inference/error-budget.ts'
import type { RelationTable } from '../relations/relation-table.ts'
import { type RelationUnits, relationUnits } from '../relations/relation-units.ts'
import { type AssociationFindings, associationFindings, MAX_FACTORS } from './association-findings.ts'
import { type CorrelationFindings, correlationFindings, MAX_MEASURES } from './correlation-findings.ts'
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

/** Raw p of every relation that was tested, also of those that are not told: for the budget of errors. */
export function testedRelations({
  correlations,
  differences,
  associations,
}: RelationFindings): TestedQuestions {
  return {
    together: correlations.pValues,
    hump: correlations.humpPValues,
    difference: differences.pValues,
    association: associations.pValues,
  }
}

/** What of a table was not looked at for relations; for `losses` of its structure. */
export function relationLosses({ correlations, associations }: RelationFindings): string[] {
  const { skippedMeasures, sampledRows } = correlations
  const { skippedFactors } = associations
  return [
    ...(skippedMeasures > 0
      ? [
          `Correlations are looked for among the first ${MAX_MEASURES} measures; ${skippedMeasures} more are not.`,
        ]
      : []),
    ...(sampledRows === undefined
      ? []
      : [`Which columns correlate was screened on ${sampledRows} rows, chosen at random with a fixed seed.`]),
    ...(skippedFactors > 0
      ? [`Categories are compared among the first ${MAX_FACTORS}; ${skippedFactors} more are not.`]
      : []),
  ]
}

/** Of differences and associations, which grow with the square of the columns, the surest of each table are listed. */
const MAX_LISTED = 200

/** What an analysis lists of the relations of its tables. */
export function listedRelations(found: readonly RelationFindings[]): {
  correlations: Correlation[]
  differences: Difference[]
  associations: Association[]
} {
  const surest = <R extends { pValue: number }>(relations: readonly R[]) =>
    relations.toSorted((a, b) => a.pValue - b.pValue).slice(0, MAX_LISTED)
  return {
    correlations: found.flatMap(({ correlations }) =>
      correlations.findings.flatMap(({ shape, correlation }) => (shape === 'together' ? correlation : [])),
    ),
    differences: found.flatMap(({ differences }) =>
      surest(differences.findings.map(({ difference }) => difference)),
    ),
    associations: found.flatMap(({ associations }) =>
      surest(associations.findings.map(({ association }) => association)),
    ),
  }
}

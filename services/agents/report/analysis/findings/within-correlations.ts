import { rankInOrder } from '#platform/statistics/rank.ts'
import { clusterMeans, type RelationUnits, type UnitMeasure } from '../relations/relation-units.ts'
import type { RowClusters } from '../relations/row-dependence.ts'
import { pairableColumn, pairedCoefficients } from '../statistics/paired-coefficients.ts'
import { studentTwoSided } from '../statistics/probability.ts'
import type { CorrelationFinding } from './correlation-finding.ts'

/** Of a measure that every cluster goes through alike (days of a trial, doses) the means differ by less than this share of its variance. */
const MAX_BETWEEN_SHARE = 0.1
const MIN_CLUSTERS = 10
/** Such measures are few: those of a design. */
const MAX_DESIGNED = 5

/**
 * What measures do along one that every subject, plot or customer goes through alike: means of clusters cannot show it. Each cluster gives
 * one score, Σ (rank a − its mean) · (rank b − its mean), and a t test asks whether scores are 0 on average, however rows of a cluster depend
 * on each other.
 */
export function withinCorrelations(units: RelationUnits): CorrelationFinding[] {
  const { dependence } = units
  if (dependence.kind !== 'clustered' || dependence.inTime || !dependence.comparesWithin) return []
  const amounts = units.measures.filter(({ ordinal }) => !ordinal)
  const designed = amounts.filter((measure) => isDesigned(measure, dependence)).slice(0, MAX_DESIGNED)
  return designed.flatMap((along) =>
    amounts
      .filter((measure) => !designed.includes(measure) && !units.definedTogether(measure.name, along.name))
      .flatMap((measure) => withinFinding(units, dependence, [measure, along]) ?? []),
  )
}

function isDesigned({ values }: UnitMeasure, { clusterOf, clusterCount }: RowClusters): boolean {
  const means = clusterMeans(values, clusterOf, clusterCount)
  const within = values.map((value, row) => value - (means[clusterOf[row]!] ?? Number.NaN))
  return varianceOf(means) <= MAX_BETWEEN_SHARE * varianceOf(within)
}

function varianceOf(values: Float64Array): number {
  const present = values.filter((value) => !Number.isNaN(value))
  const mean = present.reduce((sum, value) => sum + value, 0) / present.length
  return present.reduce((sum, value) => sum + (value - mean) ** 2, 0) / present.length
}

function withinFinding(
  { table }: RelationUnits,
  clusters: RowClusters,
  [a, b]: readonly [UnitMeasure, UnitMeasure],
): CorrelationFinding | null {
  const isPaired = (row: number) =>
    clusters.clusterOf[row]! >= 0 && !Number.isNaN(a.values[row]!) && !Number.isNaN(b.values[row]!)
  const [left, right] = [a, b].map((measure) => centredRanks(measure, isPaired, clusters))
  const scores = new Float64Array(clusters.clusterCount)
  let [product, leftSquare, rightSquare] = [0, 0, 0]
  for (let row = 0; row < left!.length; row++) {
    if (!isPaired(row)) continue
    const [x, y] = [left![row]!, right![row]!]
    scores[clusters.clusterOf[row]!]! += x * y
    product += x * y
    leftSquare += x * x
    rightSquare += y * y
  }
  const telling = scores.filter((score) => score !== 0)
  const coefficients = pairedCoefficients(
    pairableColumn(a.values, a.order),
    pairableColumn(b.values, b.order),
  )
  if (telling.length < MIN_CLUSTERS || !coefficients) return null
  const mean = telling.reduce((sum, score) => sum + score, 0) / telling.length
  const spread = Math.sqrt(
    telling.reduce((sum, score) => sum + (score - mean) ** 2, 0) / (telling.length - 1),
  )
  const t = spread > 0 ? mean / (spread / Math.sqrt(telling.length)) : Number.POSITIVE_INFINITY
  return {
    correlation: {
      document: table.document,
      table: table.name,
      a: a.name,
      b: b.name,
      ...coefficients,
      pValue: studentTwoSided(Math.abs(t), telling.length - 1),
    },
    tested: product / Math.sqrt(leftSquare * rightSquare),
    shape: 'together',
    unit: 'row',
  }
}

/** Ranks among the paired rows, less the mean of their cluster; NaN elsewhere. */
function centredRanks(
  { values, order }: UnitMeasure,
  isPaired: (row: number) => boolean,
  { clusterOf, clusterCount }: RowClusters,
): Float64Array {
  const taking = order.filter(isPaired)
  const { ranks } = rankInOrder(values, taking)
  const only = values.map((_, row) => (isPaired(row) ? ranks[row]! : Number.NaN))
  const means = clusterMeans(only, clusterOf, clusterCount)
  return only.map((rank, row) => rank - (means[clusterOf[row]!] ?? Number.NaN))
}

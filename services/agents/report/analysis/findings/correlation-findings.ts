import { valuesAt } from '#platform/statistics/values-at.ts'
import {
  clusterUnits,
  presentInOrder,
  type RelationUnits,
  type UnitMeasure,
} from '../relations/relation-units.ts'
import { seededRandom } from '../statistics/change-points.ts'
import { spearmanPValue } from '../statistics/correlation.ts'
import { innovationsOf } from '../statistics/innovations.ts'
import { pairableColumn, pairedCoefficients } from '../statistics/paired-coefficients.ts'
import { pairProducts, type StandardisedColumn, standardisedColumn } from '../statistics/pairwise-products.ts'
import { SPEARMAN_EXACT_UP_TO, spearmanExactPValue } from '../statistics/spearman-exact.ts'
import type { CorrelationFinding } from './correlation-finding.ts'
import { withinCorrelations } from './within-correlations.ts'

/** Pairs of 500 columns: 124,750. More are not looked at, which is said. */
export const MAX_MEASURES = 500
/** Pairs that are kept, the surest first, and looked at again with all rows; all are tested. */
const KEPT = { least: 200, most: 2_000, values: 100_000_000 }
/** Humps are looked for up to here: they are two more questions a pair, and would cost the plain ones their sureness. */
const MAX_HUMP_MEASURES = 30
/** Products of single values, all pairs together: about a second. Beyond, rows are sampled. */
const PRODUCT_BUDGET = 400_000_000
const MIN_SAMPLE = 500
const SEED = 68
const MIN_PAIRS = 5
const MIN_HUMP_PAIRS = 20

export type { CorrelationFinding }

export interface CorrelationFindings {
  findings: CorrelationFinding[]
  /** Raw p of every pair that was tested for rising together, also of what is not kept. */
  pValues: number[]
  /** The same for humps. */
  humpPValues: number[]
  /** Rows that the tests looked at, where it is not all of them. */
  sampledRows?: number
  /** Measures beyond the first 500. */
  skippedMeasures: number
}

/** The columns of a table as they are tested. */
interface CorrelationBasis {
  measures: readonly UnitMeasure[]
  /** By measure: what is tested, and how many parameters were spent on it. */
  tested: readonly { values: Float64Array; order: Uint32Array; fitted: number }[]
  unit: string
  isSeries: boolean
}

/**
 * Spearman's coefficient of every pair of measures and of every pair of ratings, with raw p-values. Independent rows are compared as
 * they are, clusters by their means, series by their innovations. Pauses after each column.
 */
export function* correlationFindings(units: RelationUnits): Generator<void, CorrelationFindings> {
  const basis = basisOf(units)
  const skippedMeasures = Math.max(0, units.measures.length - MAX_MEASURES)
  const count = basis.measures.length
  const withHumps = count <= MAX_HUMP_MEASURES
  const sample = sampleOf(basis, withHumps)
  const columns = basis.tested.map((side) => sampledColumn(side, sample))
  const pairs: TestedPair[] = []
  for (let i = 0; i < count; i++) {
    for (let j = i + 1; j < count; j++) {
      if (isAsked(units, basis.measures[i]!, basis.measures[j]!)) {
        pairs.push(...testedPair({ i, j }, { basis, columns, withHumps }))
      }
    }
    yield
  }
  const kept = [...pairs]
    .sort((a, b) => a.pValue - b.pValue || Math.abs(b.rho) - Math.abs(a.rho))
    .slice(
      0,
      Math.max(KEPT.least, Math.min(KEPT.most, Math.floor(KEPT.values / Math.max(1, units.table.rows)))),
    )
  const byColumn = new Map<number, ReturnType<typeof pairableColumn>>()
  const pairable = (index: number) => {
    const { values, order } = basis.measures[index]!
    const known = byColumn.get(index) ?? pairableColumn(values, order)
    byColumn.set(index, known)
    return known
  }
  // Up to three questions are asked of a pair, and the coefficients are the same both ways.
  const byPair = new Map<number, ReturnType<typeof pairedCoefficients>>()
  const coefficientsOf = ({ i, j }: TestedPair) => {
    const key = Math.min(i, j) * count + Math.max(i, j)
    if (!byPair.has(key)) byPair.set(key, pairedCoefficients(pairable(i), pairable(j)))
    return byPair.get(key)
  }
  const findings: CorrelationFinding[] = []
  for (const pair of kept) {
    const coefficients = coefficientsOf(pair)
    if (!coefficients) continue
    const exact = !basis.isSeries && pair.shape === 'together'
    // Looked at again with all rows and their true ranks.
    if (exact) {
      pair.rho = coefficients.spearman
      pair.pValue = rankPValue(pair.rho, coefficients.n)
    }
    findings.push(findingOf(pair, { units, basis, coefficients }))
    if (findings.length % 50 === 0) yield
  }
  const pValuesOf = (wanted: TestedPair['shape']) =>
    pairs.flatMap(({ shape, pValue }) => (shape === wanted ? pValue : []))
  const within = withinCorrelations(units)
  return {
    findings: [
      ...findings.filter((finding) => !within.some((other) => isSamePair(other, finding))),
      ...within,
    ],
    pValues: [...pValuesOf('together'), ...within.map(({ correlation }) => correlation.pValue)],
    humpPValues: pValuesOf('hump'),
    ...(sample && { sampledRows: sample.length }),
    skippedMeasures,
  }
}

function isSamePair(
  { correlation: one }: CorrelationFinding,
  { correlation: other }: CorrelationFinding,
): boolean {
  return (one.a === other.a && one.b === other.b) || (one.a === other.b && one.b === other.a)
}

interface TestedPair {
  i: number
  j: number
  rho: number
  pValue: number
  shape: CorrelationFinding['shape']
}

function testedPair(
  { i, j }: { i: number; j: number },
  {
    basis,
    columns,
    withHumps,
  }: { basis: CorrelationBasis; columns: readonly StandardisedColumn[]; withHumps: boolean },
): TestedPair[] {
  const { n, together, bAtEndsOfA, aAtEndsOfB } = pairProducts(columns[i]!, columns[j]!, withHumps)
  const free = n - Math.max(basis.tested[i]!.fitted, basis.tested[j]!.fitted)
  if (free < MIN_PAIRS || Number.isNaN(together)) return []
  const pairs: TestedPair[] = [{ i, j, rho: together, pValue: rankPValue(together, free), shape: 'together' }]
  if (free < MIN_HUMP_PAIRS) return pairs
  for (const hump of [
    { i, j, rho: bAtEndsOfA },
    { i: j, j: i, rho: aAtEndsOfB },
  ]) {
    if (!Number.isNaN(hump.rho))
      pairs.push({ ...hump, pValue: spearmanPValue(hump.rho, free), shape: 'hump' })
  }
  return pairs
}

function rankPValue(rho: number, n: number): number {
  return n <= SPEARMAN_EXACT_UP_TO ? spearmanExactPValue(rho, n) : spearmanPValue(rho, n)
}

/** Ratings against amounts are compared as groups; a column against what follows from it says nothing. */
function isAsked({ definedTogether }: RelationUnits, a: UnitMeasure, b: UnitMeasure): boolean {
  return a.ordinal === b.ordinal && !definedTogether(a.name, b.name)
}

function basisOf(units: RelationUnits): CorrelationBasis {
  const limited = { ...units, measures: units.measures.slice(0, MAX_MEASURES), factors: [] }
  const clusters = units.dependence.kind === 'clustered' ? units.dependence : null
  const { measures, dependence } = clusters ? clusterUnits(limited, clusters) : limited
  if (dependence.kind === 'series') return seriesBasis(measures, dependence)
  return {
    measures,
    tested: measures.map(({ values, order }) => ({ values, order, fitted: 0 })),
    unit: clusters?.by ?? 'row',
    isSeries: false,
  }
}

function seriesBasis(
  measures: readonly UnitMeasure[],
  { order, period }: { order: Uint32Array; period?: number },
): CorrelationBasis {
  const tested = measures.map(({ values }) => {
    const placed = order.filter((unit) => !Number.isNaN(values[unit]!))
    const innovations = innovationsOf(valuesAt(values, placed), period)
    const left = new Float64Array(values.length).fill(Number.NaN)
    innovations?.values.forEach((value, i) => {
      left[placed[i]!] = value
    })
    return { values: left, order: presentInOrder(left), fitted: innovations?.fitted ?? 0 }
  })
  return { measures, tested, unit: 'moment', isSeries: true }
}

/** Units that are looked at, or null for all of them. */
function sampleOf({ tested }: CorrelationBasis, withHumps: boolean): Uint32Array | null {
  const units = tested[0]?.values.length ?? 0
  const pairs = (tested.length * (tested.length - 1)) / 2
  const affordable = Math.max(
    MIN_SAMPLE,
    Math.floor(PRODUCT_BUDGET / Math.max(1, pairs * (withHumps ? 3 : 1))),
  )
  if (units <= affordable) return null
  const random = seededRandom(SEED)
  const sample = new Uint32Array(affordable)
  let taken = 0
  for (let unit = 0; unit < units && taken < affordable; unit++) {
    if (random() * (units - unit) < affordable - taken) sample[taken++] = unit
  }
  return sample
}

function sampledColumn(
  { values, order }: { values: Float64Array; order: Uint32Array },
  sample: Uint32Array | null,
): StandardisedColumn {
  if (!sample) return standardisedColumn(values, order)
  const drawn = valuesAt(values, sample)
  return standardisedColumn(drawn, presentInOrder(drawn))
}

function findingOf(
  { i, j, rho, pValue, shape }: TestedPair,
  {
    units,
    basis,
    coefficients,
  }: {
    units: RelationUnits
    basis: CorrelationBasis
    coefficients: { n: number; pearson: number; spearman: number }
  },
): CorrelationFinding {
  const { document, name } = units.table
  const [a, b] = [basis.measures[i]!.name, basis.measures[j]!.name]
  return {
    correlation: { document, table: name, a, b, ...coefficients, pValue },
    tested: rho,
    shape,
    unit: basis.unit,
  }
}

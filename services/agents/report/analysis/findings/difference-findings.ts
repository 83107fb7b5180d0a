import { median } from '#platform/statistics/median.ts'
import { rankInOrder } from '#platform/statistics/rank.ts'
import { valuesAt } from '#platform/statistics/values-at.ts'
import type { Difference } from '#schemas/relations.ts'
import { isBinned } from '../relations/binned-measure.ts'
import { type KeptGroups, keptGroups, MIN_GROUP } from '../relations/kept-groups.ts'
import { isNoneWithout } from '../relations/none-without.ts'
import { isOutcome } from '../relations/outcome-choice.ts'
import {
  clusterUnits,
  type RelationUnits,
  type UnitFactor,
  type UnitMeasure,
} from '../relations/relation-units.ts'
import { clusteredScoreTest } from '../statistics/clustered-score-test.ts'
import { groupedSeriesTest } from '../statistics/grouped-series-test.ts'
import { type KruskalWallis, kruskalWallis } from '../statistics/kruskal-wallis.ts'
import { mean } from '../statistics/moments.ts'

/** Values that differ from the most frequent one; with fewer in the smallest group's share the chi-square tail is no guide. */
const MIN_EXPECTED_OTHERS = 1

/** Of a group in a sample, so that chance leaves none out. */
const MIN_SAMPLED_GROUP = 20

export interface DifferenceFinding {
  difference: Difference
  h: number
  /** By group, in the order of `difference.groups`. */
  means: number[]
  /** What an observation is: `row`, `moment`, or the column whose values are. */
  unit: string
  /** In which it was compared: rows, or clusters of them. */
  units: RelationUnits
  measure: UnitMeasure
  factor: UnitFactor
}

export interface DifferenceFindings {
  findings: DifferenceFinding[]
  /** Raw p of everything that was tested. */
  pValues: number[]
}

/** Compares every measure between the groups of every factor; pauses after each factor. */
export function* differenceFindings(units: RelationUnits): Generator<void, DifferenceFindings> {
  const findings: DifferenceFinding[] = []
  const { dependence } = units
  const clusters = dependence.kind === 'clustered' ? clusterUnits(units, dependence) : null
  for (const factor of units.factors) {
    const constant = clusters?.factors.find(({ name }) => name === factor.name)
    for (const [i, measure] of units.measures.entries()) {
      if (!isAsked(units, measure, factor)) continue
      const finding = constant
        ? compared({ ...units, dependence: clusters!.dependence }, clusters!.measures[i]!, constant)
        : compared(units, measure, factor)
      if (!finding) continue
      const unit = constant && dependence.kind === 'clustered' ? dependence.by : finding.unit
      findings.push({ ...finding, unit })
    }
    yield
  }
  return { findings, pValues: findings.map(({ difference }) => difference.pValue) }
}

/** Two ratings are correlated; shares of an outcome by rating are told as shares. */
function isAsked(units: RelationUnits, measure: UnitMeasure, factor: UnitFactor): boolean {
  if (units.definedTogether(measure.name, factor.name)) return false
  return !measure.ordinal || (factor.role !== 'ordinal' && !isOutcome(factor))
}

function compared(units: RelationUnits, measure: UnitMeasure, factor: UnitFactor): DifferenceFinding | null {
  const { values } = measure
  // Of very many units a part is tested: groups must be large enough to be in it.
  const scarcity = measure.order.length / measure.testedOrder.length
  const minSize = scarcity > 1 ? MIN_SAMPLED_GROUP * scarcity : MIN_GROUP
  const kept = keptGroups(factor, (unit) => !Number.isNaN(values[unit]!), minSize)
  if (!kept) return null
  const taking = measure.testedOrder.filter((unit) => kept.groups[unit]! >= 0)
  const ranking = rankInOrder(values, taking)
  const largestTie = Math.max(1, ...ranking.ties)
  const smallest = (Math.min(...kept.sizes) * taking.length) / measure.order.length
  if (smallest * (1 - largestTie / taking.length) < MIN_EXPECTED_OTHERS) return null
  const test = kruskalWallis(ranking, (unit) => kept.groups[unit]!, kept.names.length)
  if (!test || isBinned(values, taking, kept) || isNoneWithout(values, taking, kept)) return null
  const tested = pValueOf(units, { values, ranks: ranking.ranks, kept, test })
  if (!tested) return null
  const groups = groupsOf(values, kept)
  const { document, name } = units.table
  return {
    difference: {
      document,
      table: name,
      category: factor.name,
      measure: measure.name,
      method: tested.method,
      pValue: tested.pValue,
      etaSquared: test.etaSquared,
      groups,
    },
    h: test.h,
    means: groups.map(({ mean }) => mean),
    unit: units.dependence.kind === 'series' ? 'moment' : 'row',
    units,
    measure,
    factor,
  }
}

interface Comparison {
  values: Float64Array
  ranks: Float64Array
  kept: KeptGroups
  test: KruskalWallis
}

function pValueOf(
  { dependence }: RelationUnits,
  { values, ranks, kept, test }: Comparison,
): { pValue: number; method: string } | null {
  const groupCount = kept.names.length
  if (dependence.kind === 'series') {
    const placed = dependence.order.filter((unit) => kept.groups[unit]! >= 0)
    const pValue = groupedSeriesTest(
      placed.length === dependence.order.length ? inTime(values, placed) : valuesAt(values, placed),
      {
        groups: placed.map((unit) => kept.groups[unit]!),
        groupCount,
      },
    )
    return pValue === null ? null : { pValue, method: 'generalised least squares with autoregressive errors' }
  }
  if (dependence.kind === 'clustered') {
    if (!dependence.comparesWithin) return null
    const pValue = clusteredScoreTest(ranks, { groups: kept.groups, groupCount }, dependence)
    return pValue === null ? null : { pValue, method: `rank score test, clustered by ${dependence.by}` }
  }
  return { pValue: test.pValue, method: groupCount === 2 ? 'Mann–Whitney test' : 'Kruskal–Wallis test' }
}

/** The values of a measure in order of time: the same array for all factors, so that what is made of it is made once. */
const inTimeOf = new WeakMap<Float64Array, Float64Array>()

function inTime(values: Float64Array, order: Uint32Array): Float64Array {
  const series = inTimeOf.get(values) ?? valuesAt(values, order)
  inTimeOf.set(values, series)
  return series
}

/** Over all units; by median, then by mean, highest first. */
function groupsOf(values: Float64Array, { names, sizes, groups }: KeptGroups) {
  const members = sizes.map((size) => new Float64Array(size))
  const filled = new Uint32Array(names.length)
  for (let unit = 0; unit < groups.length; unit++) {
    const group = groups[unit]!
    if (group >= 0) members[group]![filled[group]!++] = values[unit]!
  }
  return names
    .map((name, group) => ({
      name,
      count: sizes[group]!,
      median: median(members[group]!),
      mean: mean(members[group]!),
    }))
    .sort((a, b) => b.median - a.median || b.mean - a.mean)
}

import { rankInOrder } from '#platform/statistics/rank.ts'
import type { Association } from '#schemas/relations.ts'
import { isOutcomeName } from '../../structure/outcome-names.ts'
import { type KeptGroups, keptGroups } from '../relations/kept-groups.ts'
import { isOutcome, outcomeFirst, positiveGroup } from '../relations/outcome-choice.ts'
import {
  clusterMeans,
  clusterUnits,
  presentInOrder,
  type RelationUnits,
  type UnitFactor,
} from '../relations/relation-units.ts'
import type { RowClusters } from '../relations/row-dependence.ts'
import { clusteredScoreTest } from '../statistics/clustered-score-test.ts'
import {
  type ContingencyTable,
  cramersV,
  crossTabulate,
  goodmanKruskalLambda,
} from '../statistics/contingency-table.ts'
import { groupedSeriesTest } from '../statistics/grouped-series-test.ts'
import { independenceTest } from '../statistics/independence-test.ts'
import { kruskalWallis } from '../statistics/kruskal-wallis.ts'

export interface AssociationFinding {
  association: Association
  /** What an observation is: `row`, `moment`, or the column whose values are. */
  unit: string
  outcome: UnitFactor
  by: UnitFactor
}

export interface AssociationFindings {
  findings: AssociationFinding[]
  /** Raw p of everything that was tested. */
  pValues: number[]
  /** Factors beyond the limit. */
  skippedFactors: number
}

/** Pairs grow with the square. */
export const MAX_FACTORS = 60

/** Cross-tabulates every pair of factors; pauses after each factor. */
export function* associationFindings(units: RelationUnits): Generator<void, AssociationFindings> {
  const findings: AssociationFinding[] = []
  const factors = units.factors.slice(0, MAX_FACTORS)
  const skippedFactors = units.factors.length - factors.length
  const amounts = new Set(units.measures.map(({ name }) => name))
  for (const [i, a] of factors.entries()) {
    for (const b of factors.slice(i + 1)) {
      if (!isAsked(units, amounts, [a, b])) continue
      const [outcome, by] = outcomeFirst(a, b)
      const finding = associated(units, outcome, by)
      if (finding) findings.push(finding)
    }
    yield
  }
  return { findings, pValues: findings.map(({ association }) => association.pValue), skippedFactors }
}

/** Ratings are correlated with ratings, and compared between groups, unless the groups are an outcome. */
function isAsked(
  units: RelationUnits,
  amounts: ReadonlySet<string>,
  [a, b]: readonly [UnitFactor, UnitFactor],
): boolean {
  if (units.definedTogether(a.name, b.name)) return false
  const rating = (factor: UnitFactor) => factor.role === 'ordinal' && amounts.has(factor.name)
  if (rating(a) && rating(b)) return false
  if (rating(a)) return isOutcome(b)
  return !rating(b) || isOutcome(a)
}

function associated(units: RelationUnits, outcome: UnitFactor, by: UnitFactor): AssociationFinding | null {
  const outcomes = keptGroups(outcome, (unit) => by.groups[unit]! >= 0)
  const groups = outcomes && keptGroups(by, (unit) => outcomes.groups[unit]! >= 0)
  if (!groups) return null
  const kept: PairedGroups = { outcomes, groups }
  const table = crossTabulate(asGrouping(groups), asGrouping(outcomes))
  if (followsByDefinition(table) || areDummies([outcome, by], { outcomes, groups }, table)) return null
  const happens = (outcome.role === 'binary' && isOutcomeName(outcome.name)) || isSubject(units, outcome)
  if (!happens && goodmanKruskalLambda(table) >= NEARLY_DECIDED) return null
  const telling = tellingValue(outcome, outcomes, table)
  const tested = tests(units, kept, { telling, outcome, by })
  if (!tested) return null
  const { document, name } = units.table
  const shares = groups.names
    .map((groupName, group) => ({
      name: groupName,
      count: table.rowTotals[group]!,
      share: table.counts[group * table.columns + telling]! / table.rowTotals[group]!,
    }))
    .filter(({ count }) => count > 0)
    .sort((a, b) => b.share - a.share)
  return {
    association: {
      document,
      table: name,
      outcome: outcome.name,
      by: by.name,
      ...(happens && { happens }),
      method: tested.method,
      pValue: tested.pValue,
      cramersV: cramersV(table),
      outcomeValue: outcomes.names[telling]!,
      groups: shares,
    },
    unit: tested.unit,
    outcome,
    by,
  }
}

interface PairedGroups {
  outcomes: KeptGroups
  groups: KeptGroups
}

const asGrouping = ({ groups, names }: KeptGroups) => ({ groups, groupCount: names.length })

/** One value of one side for each group of the other: a code and its name, a city and its country, an outcome and its label. */
function followsByDefinition({ counts, rows, columns, rowTotals, columnTotals }: ContingencyTable): boolean {
  let rowsDecide = true
  let columnsDecide = true
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) {
      const count = counts[r * columns + c]!
      if (count > 0 && count < rowTotals[r]!) rowsDecide = false
      if (count > 0 && count < columnTotals[c]!) columnsDecide = false
    }
  }
  return rowsDecide || columnsDecide
}

/** From here on one side is guessed from the other with a tenth of the mistakes: a model and its class, save a few slips. */
const NEARLY_DECIDED = 0.9

function isSubject({ table }: RelationUnits, { name }: UnitFactor): boolean {
  return table.structure?.subject === name
}

/** Letters that the names of dummy variables begin with alike: `colour_red`, `colour_blue`. */
const COMMON_STEM = 3

/** Two answers to one question, of which nobody can give both. */
function areDummies(
  [a, b]: readonly [UnitFactor, UnitFactor],
  { outcomes, groups }: PairedGroups,
  table: ContingencyTable,
): boolean {
  if (positiveGroup(a) < 0 || positiveGroup(b) < 0) return false
  if (a.name.slice(0, COMMON_STEM) !== b.name.slice(0, COMMON_STEM)) return false
  const column = outcomes.names.indexOf(a.names[positiveGroup(a)]!)
  const row = groups.names.indexOf(b.names[positiveGroup(b)]!)
  return table.counts[row * table.columns + column] === 0
}

/** Yes where there is a yes; of two values the rarer; else the one whose share differs most between the groups. */
function tellingValue(outcome: UnitFactor, { names }: KeptGroups, table: ContingencyTable): number {
  const positive = positiveGroup(outcome)
  const found = positive < 0 ? -1 : names.indexOf(outcome.names[positive]!)
  if (found >= 0) return found
  if (names.length === 2) return table.columnTotals[0]! < table.columnTotals[1]! ? 0 : 1
  const spread = names.map((_, c) => {
    const share = table.columnTotals[c]! / table.n
    let sum = 0
    for (let r = 0; r < table.rows; r++) {
      const total = table.rowTotals[r]!
      if (total > 0) sum += total * (table.counts[r * table.columns + c]! / total - share) ** 2
    }
    return sum / (share * (1 - share))
  })
  return spread.indexOf(Math.max(...spread))
}

interface TestedAssociation {
  pValue: number
  method: string
  unit: string
}

function tests(
  units: RelationUnits,
  kept: PairedGroups,
  about: { telling: number; outcome: UnitFactor; by: UnitFactor },
): TestedAssociation | null {
  const { dependence } = units
  if (dependence.kind === 'series') return inSeries(dependence.order, kept, about.telling)
  if (dependence.kind === 'clustered') return inClusters(units, dependence, { kept, ...about })
  const test = independenceTest(asGrouping(kept.groups), asGrouping(kept.outcomes))
  return test && { pValue: test.pValue, method: test.method, unit: 'row' }
}

/** The telling value of more than two was chosen by the data: its p counts for all of them. */
function forChosen(pValue: number, { names }: KeptGroups): number {
  return names.length === 2 ? pValue : Math.min(1, pValue * names.length)
}

function inSeries(
  order: Uint32Array,
  { outcomes, groups }: PairedGroups,
  telling: number,
): TestedAssociation | null {
  const placed = order.filter((unit) => groups.groups[unit]! >= 0)
  const pValue = groupedSeriesTest(
    Float64Array.from(placed, (unit) => (outcomes.groups[unit] === telling ? 1 : 0)),
    { groups: Int32Array.from(placed, (unit) => groups.groups[unit]!), groupCount: groups.names.length },
  )
  const method = 'generalised least squares with autoregressive errors'
  if (pValue === null) return null
  const tested = { pValue: forChosen(pValue, outcomes), method, unit: 'moment' }
  if (tested.pValue > DOUBTFUL_P) return tested
  // Yes and no of few moments are no normal errors: what counts alone do not show, no model shows.
  const counted = independenceTest(asGrouping(groups), asGrouping(outcomes))
  return { ...tested, pValue: Math.max(tested.pValue, counted?.pValue ?? 1) }
}

/** Larger p need no second opinion: nothing is told of them. */
const DOUBTFUL_P = 0.05

function inClusters(
  units: RelationUnits,
  clusters: RowClusters,
  {
    kept,
    telling,
    outcome,
    by,
  }: { kept: PairedGroups; telling: number; outcome: UnitFactor; by: UnitFactor },
): TestedAssociation | null {
  const { outcomes, groups } = kept
  const { by: key, clusterOf, clusterCount, inTime, comparesWithin } = clusters
  const collapsed = clusterUnits({ ...units, measures: [], factors: [outcome, by] }, clusters)
  const constant = (factor: UnitFactor) => collapsed.factors.find(({ name }) => name === factor.name)
  const [fixedOutcome, fixedBy] = [constant(outcome), constant(by)]
  // Moments are no independent observations of what is the same all through each of them.
  if (inTime && (fixedBy || !comparesWithin)) return null
  if (fixedOutcome && fixedBy) {
    const test = independenceTest(factorGrouping(fixedBy), factorGrouping(fixedOutcome))
    return (
      test && { pValue: test.pValue, method: `${test.method}, one observation for each ${key}`, unit: key }
    )
  }
  const isTelling = Float64Array.from(outcomes.groups, (group) =>
    group < 0 ? Number.NaN : group === telling ? 1 : 0,
  )
  if (fixedBy) {
    const shares = clusterMeans(isTelling, clusterOf, clusterCount)
    const pValue = sharesPValue(shares, fixedBy)
    return pValue === null
      ? null
      : {
          pValue: forChosen(pValue, outcomes),
          method: `Kruskal–Wallis test of the shares by ${key}`,
          unit: key,
        }
  }
  const pValue = clusteredScoreTest(isTelling, asGrouping(groups), { clusterOf, clusterCount })
  const method = `score test, clustered by ${key}`
  return pValue === null ? null : { pValue: forChosen(pValue, outcomes), method, unit: 'row' }
}

const factorGrouping = ({ groups, names }: UnitFactor) => ({ groups, groupCount: names.length })

function sharesPValue(shares: Float64Array, factor: UnitFactor): number | null {
  const kept = keptGroups(factor, (unit) => !Number.isNaN(shares[unit]!))
  if (!kept) return null
  const taking = presentInOrder(shares).filter((unit) => kept.groups[unit]! >= 0)
  const test = kruskalWallis(rankInOrder(shares, taking), (unit) => kept.groups[unit]!, kept.names.length)
  return test?.pValue ?? null
}

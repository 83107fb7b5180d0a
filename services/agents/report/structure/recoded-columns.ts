import type { CategoryColumn } from './category-column.ts'
import type { ColumnRelation } from './column-relation.ts'
import { namesShareStem, nameTokens } from './name-tokens.ts'
import { checkRows, MIN_CHECKED } from './row-check.ts'
import type { RowValues } from './row-values.ts'

/** Rows a group on average: of groups with one row each everything is a function. */
const MIN_ROWS_A_GROUP = 2
/** Columns compared with each other: pairs grow with the square. */
const MAX_COLUMNS = 60
const MAX_BINS = 20
/** Two flags agree in a dozen rows by chance once in some thousand pairs; names that share a stem need no more proof. */
const MIN_ROWS_FOR_CODES = 20
const BIN_WORDS =
  /^(group|groups|band|bin|bucket|class|category|cat|level|range|bracket|quartile|quintile|decile|tier|gruppe|klasse|kategorie)$/

/** Categories that name the same groups as an earlier one: a code and its label, a flag and its word. Pure. */
export function recodedColumns(all: readonly CategoryColumn[]): ColumnRelation[] {
  const columns = all.filter(repeats).slice(0, MAX_COLUMNS)
  const found: ColumnRelation[] = []
  const redundant = new Set<CategoryColumn>()
  columns.forEach((later, i) => {
    for (const earlier of columns.slice(0, i)) {
      if (redundant.has(earlier) || redundant.has(later)) continue
      if (
        later.names.length !== earlier.names.length ||
        !isFunction(earlier, later) ||
        !isFunction(later, earlier)
      )
        continue
      if (
        later.groups.length - later.missing < MIN_ROWS_FOR_CODES &&
        !namesShareStem(later.name, earlier.name)
      )
        continue
      const [kept, dropped] = isSpelledOut(later, earlier) ? [later, earlier] : [earlier, later]
      redundant.add(dropped)
      const checked = checkRows(dropped.groups.length, (row) => (dropped.groups[row]! < 0 ? undefined : true))
      found.push({
        ...checked,
        target: dropped.name,
        sources: [kept.name],
        how: sameWords(kept, dropped) ? 'copy' : 'code',
        rule: `each ${kept.name} has one ${dropped.name}`,
      })
    }
  })
  return found
}

function repeats({ names, groups, missing }: CategoryColumn): boolean {
  return names.length > 1 && groups.length - missing >= MIN_ROWS_A_GROUP * names.length
}

/** The plain name stays (`country` rather than `country_code`), even where it stands later. */
function isSpelledOut(later: CategoryColumn, earlier: CategoryColumn): boolean {
  return (
    namesShareStem(later.name, earlier.name) &&
    nameTokens(later.name).length < nameTokens(earlier.name).length
  )
}

function sameWords(a: CategoryColumn, b: CategoryColumn): boolean {
  const words = new Set(a.names.map((name) => name.toLowerCase()))
  return b.names.every((name) => words.has(name.toLowerCase()))
}

/** Whether rows of one group of `from` are all in one group of `to`; rows without either are left out. Pure. */
export function isFunction(from: CategoryColumn, to: CategoryColumn): boolean {
  const image = new Int32Array(from.names.length).fill(-1)
  let both = 0
  for (let row = 0; row < from.groups.length; row++) {
    const [group, value] = [from.groups[row]!, to.groups[row]!]
    if (group < 0 || value < 0) continue
    both++
    if (image[group] === -1) image[group] = value
    else if (image[group] !== value) return false
  }
  return both >= MIN_CHECKED && both >= MIN_ROWS_A_GROUP * from.names.length
}

/** Whether a measure has one value in each group: a price by product, an outcome by its label. Pure. */
export function isConstantByGroup(groups: CategoryColumn, measure: RowValues): boolean {
  const value = new Float64Array(groups.names.length).fill(Number.NaN)
  let both = 0
  for (let row = 0; row < groups.groups.length; row++) {
    const [group, at] = [groups.groups[row]!, measure.at[row]!]
    if (group < 0 || Number.isNaN(at)) continue
    both++
    if (Number.isNaN(value[group]!)) value[group] = at
    else if (value[group] !== at) return false
  }
  return both >= MIN_CHECKED && both >= MIN_ROWS_A_GROUP * groups.names.length
}

/**
 * Categories that are classes of a measure: no two groups share any part of its range, and there are three of them or the name says so
 * (`age` and `age_group`). Pure.
 */
export function binnedColumns(
  categories: readonly CategoryColumn[],
  measures: readonly RowValues[],
): ColumnRelation[] {
  return categories
    .filter((column) => column.names.length <= MAX_BINS && repeats(column))
    .slice(0, MAX_COLUMNS)
    .flatMap((category) => {
      const named = nameTokens(category.name).some((token) => BIN_WORDS.test(token))
      const measure = measures.find(
        (candidate) =>
          (category.names.length > 2 || (named && namesShareStem(category.name, candidate.name))) &&
          areBins(category, candidate),
      )
      if (!measure) return []
      const check = checkRows(category.groups.length, (row) =>
        category.groups[row]! < 0 || Number.isNaN(measure.at[row]!) ? undefined : true,
      )
      const rule = `${category.name} groups ${measure.name}`
      return [{ ...check, target: category.name, sources: [measure.name], how: 'bins' as const, rule }]
    })
}

const MIN_ROWS_FOR_BINS = 20
/** Groups that hold more than one value of the measure: else it is a code of it. */
const MIN_WIDE_GROUPS = 2

/** The widest gap between classes, in mean distances between neighbouring values. */
const MAX_GAP_IN_SPACINGS = 5

function areBins(category: CategoryColumn, measure: RowValues): boolean {
  const { groups, names } = category
  const { at } = measure
  const low = new Float64Array(names.length).fill(Number.POSITIVE_INFINITY)
  const high = new Float64Array(names.length).fill(Number.NEGATIVE_INFINITY)
  let both = 0
  for (let row = 0; row < groups.length; row++) {
    const [group, value] = [groups[row]!, at[row]!]
    if (group < 0 || Number.isNaN(value)) continue
    both++
    if (value < low[group]!) low[group] = value
    if (value > high[group]!) high[group] = value
  }
  const filled = [...names.keys()]
    .filter((group) => low[group]! <= high[group]!)
    .sort((a, b) => low[a]! - low[b]!)
  if (both < MIN_ROWS_FOR_BINS || filled.length < 2) return false
  if (filled.filter((group) => low[group]! < high[group]!).length < MIN_WIDE_GROUPS) return false
  const gaps = filled.slice(1).map((group, i) => low[group]! - high[filled[i]!]!)
  if (gaps.some((gap) => gap <= 0)) return false
  // Classes of one measure meet; kinds of things that merely differ in it leave room between them.
  const range = high[filled[filled.length - 1]!]! - low[filled[0]!]!
  return (
    namesShareStem(category.name, measure.name) || Math.max(...gaps) <= (MAX_GAP_IN_SPACINGS * range) / both
  )
}

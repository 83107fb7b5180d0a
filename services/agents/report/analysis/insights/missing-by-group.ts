import type { CategoryColumn } from '../../structure/prepared-table.ts'
import type { TableFindings } from '../findings/table-findings.ts'
import { independenceTest } from '../statistics/independence-test.ts'
import { columnProvenance, type InsightDraft, tableTitle } from './insight-draft.ts'
import { percentText } from './number-text.ts'

/** Groups of a handful of rows miss values by chance. */
const MIN_ROWS = 8
const MAX_GROUPS = 20
/** Columns and groups that are looked at: pairs grow with both. */
const MAX_COLUMNS = 60
const MAX_CATEGORIES = 20
/** The share that one group misses more than all others. */
const MIN_DIFFERENCE = 0.4
/** Over all pairs that are looked at. */
const ALPHA = 0.0001
const STRENGTH = 0.6
const MAX_A_TABLE = 2

/**
 * Columns whose cells are empty in one group far more than in the others: a clinic that does not measure, a question that was not put. What
 * is computed of such a column stands for the others only.
 */
export function missingByGroupInsights({ table }: TableFindings): InsightDraft[] {
  if (table.source.whole) return []
  const categories = table.categories
    .filter(({ names }) => names.length <= MAX_GROUPS)
    .slice(0, MAX_CATEGORIES)
  const columns = table.source.columns
    .filter(({ values }) => values.some((value) => value === null) && values.some((value) => value !== null))
    .slice(0, MAX_COLUMNS)
  const pairs = columns.length * categories.length
  return columns
    .flatMap(({ name, values }) => {
      const found = categories
        .filter((category) => category.name !== name)
        .flatMap((category) => missedIn(values, category) ?? [])
        .filter(({ pValue }) => pValue * pairs <= ALPHA)
        .sort((a, b) => b.share - b.others - (a.share - a.others))[0]
      return found ? [{ name, ...found }] : []
    })
    .sort((a, b) => b.share - b.others - (a.share - a.others))
    .slice(0, MAX_A_TABLE)
    .map(({ name, category, group, rows, share, others, pValue }) => ({
      kind: 'structure',
      statement: `${name} in ${tableTitle(table)} is empty in ${percentText(share)} of the ${rows} rows with ${category} ${group}, but in ${percentText(others)} of the others.`,
      strength: STRENGTH,
      evidence: { value: group, share, others, pValue },
      provenance: [name, category].map((column) =>
        columnProvenance(table, column, { method: 'Fisher’s exact test' }),
      ),
    }))
}

interface MissedGroup {
  category: string
  group: string
  rows: number
  share: number
  /** Of all other rows. */
  others: number
  pValue: number
}

/** The group that misses most, against all others; undefined where it does not stand out. */
function missedIn(
  values: readonly unknown[],
  { name, groups, names }: CategoryColumn,
): MissedGroup | undefined {
  const rows = new Float64Array(names.length)
  const missing = new Float64Array(names.length)
  values.forEach((value, row) => {
    const group = groups[row]!
    if (group < 0) return
    rows[group]! += 1
    if (value === null) missing[group]! += 1
  })
  const [allRows, allMissing] = [rows, missing].map((counts) => counts.reduce((sum, each) => sum + each, 0))
  let most: number | undefined
  for (const group of names.keys())
    if (
      rows[group]! >= MIN_ROWS &&
      (most === undefined || missing[group]! / rows[group]! > missing[most]! / rows[most]!)
    )
      most = group
  if (most === undefined || allRows! - rows[most]! < MIN_ROWS) return undefined
  const share = missing[most]! / rows[most]!
  const others = (allMissing! - missing[most]!) / (allRows! - rows[most]!)
  if (share - others < MIN_DIFFERENCE) return undefined
  const isIn = groups.map((group) => (group < 0 ? -1 : group === most ? 1 : 0))
  const isMissing = isIn.map((group, row) => (group < 0 ? -1 : values[row] === null ? 1 : 0))
  const test = independenceTest({ groups: isIn, groupCount: 2 }, { groups: isMissing, groupCount: 2 })
  // The group was chosen among all.
  const pValue = test && Math.min(1, test.pValue * names.length)
  return pValue === null
    ? undefined
    : { category: name, group: names[most]!, rows: rows[most]!, share, others, pValue }
}

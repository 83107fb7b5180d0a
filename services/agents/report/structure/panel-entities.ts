import { rank } from '#platform/statistics/rank.ts'
import type { ColumnRole } from '#schemas/analysis.ts'
import type { CategoryColumn } from './category-column.ts'
import { nameTokens } from './name-tokens.ts'
import type { RowAxis } from './row-axis.ts'

/** The things that a panel follows over time. */
export interface PanelEntities {
  /** The column that names them; several where only together they do. */
  columns: string[]
  /** In order of their first row; several columns joined by ` · `. */
  names: string[]
  /** 0-based rows of each, in order of time; rows without a time are left out. */
  rows: Uint32Array[]
}

/** Rows a moment from which moments evidently come again. */
const MIN_ROWS_A_MOMENT = 1.2
/** Share of the rows that must be the only one of their entity and moment. */
const MIN_UNIQUE_SHARE = 0.98
/** Rows an entity on average, at least: fewer are no series. */
const MIN_ROWS_AN_ENTITY = 3
/** Share of entities × moments that have a row: customers who buy now and then are no panel. */
const MIN_COVERAGE = 0.25
/** Where each entity has moments of its own, its name must say that it is one, and it must come again this often. */
const MIN_OWN_ROWS = 5
const SUBJECTS =
  /^(patient|subject|participant|person|proband|student|pupil|animal|mouse|sensor|station|device|machine|probe|well|ticker|symbol|stock|country|city|player|team|store|shop|branch|plant|unit|vehicle|engine|battery|household|firm|company|fund)$/
/** Columns that are looked at: combinations grow with the square. */
const MAX_CANDIDATES = 12
/** Of combinations the first rows show whether they can tell rows apart at all. */
const MAX_COMBINED = 6
const PREFIX_ROWS = 5_000
const MIN_PREFIX_SHARE = 0.9
const MAX_KEY_COLUMNS = 3

/**
 * The entities of a panel: the column (or up to three) whose values have at most one row a moment, though moments come again. Of several such
 * columns the one that fills entities × moments best. Null where rows are no panel. Pure.
 */
export function panelEntities(groups: readonly CategoryColumn[], axis: RowAxis | null): PanelEntities | null {
  if (!axis) return null
  const moments = momentNumbers(axis)
  const candidates = groups
    .filter(({ name, role }) => NAMING_ROLES.has(role) && !axis.columns.includes(name))
    .filter(({ names, groups }) => names.length > 1 && names.length * MIN_ROWS_AN_ENTITY <= groups.length)
    .slice(0, MAX_CANDIDATES)
  if (moments.timed < MIN_ROWS_A_MOMENT * moments.count) return irregularPanel(candidates, { axis, moments })
  const singles = candidates.flatMap((candidate) => keyOf([candidate], moments) ?? [])
  // The fewest columns that do: more name parts of an entity.
  let found = singles
  for (let count = 2; found.length === 0 && count <= MAX_KEY_COLUMNS; count++) {
    found = combinations(candidates.slice(0, MAX_COMBINED), count)
      .filter((key) => tellsApart(key, moments))
      .flatMap((key) => keyOf(key, moments) ?? [])
  }
  const best = found.toSorted((a, b) => b.coverage - a.coverage)[0]
  return best && best.coverage >= MIN_COVERAGE ? entitiesOf(best, axis) : null
}

/** The entities that a column names, when that is known already: of a sample of a panel's rows. Pure. */
export function namedEntities(column: CategoryColumn, axis: RowAxis): PanelEntities {
  return entitiesOf({ ...firstSeen(column), coverage: 1 }, axis)
}

/** Whether entity and moment are different in most of the first rows. */
function tellsApart(columns: readonly CategoryColumn[], moments: Moments): boolean {
  const rows = Math.min(PREFIX_ROWS, moments.of.length)
  const seen = new Set<string>()
  for (let row = 0; row < rows; row++) {
    seen.add(`${moments.of[row]},${columns.map(({ groups }) => groups[row]).join()}`)
  }
  return seen.size >= MIN_PREFIX_SHARE * rows
}

function combinations<T>(items: readonly T[], count: number): T[][] {
  if (count === 0) return [[]]
  return items.flatMap((item, i) =>
    combinations(items.slice(i + 1), count - 1).map((rest) => [item, ...rest]),
  )
}

const NAMING_ROLES: ReadonlySet<ColumnRole> = new Set(['category', 'identifier', 'code', 'binary', 'ordinal'])

interface Moments {
  /** Number of the moment of each row, −1 without one. */
  of: Int32Array
  count: number
  /** Rows that have one. */
  timed: number
}

function momentNumbers({ at }: RowAxis): Moments {
  const numbers = new Map<number, number>()
  let timed = 0
  const of = Int32Array.from(at, (ms) => {
    if (!Number.isFinite(ms)) return -1
    timed++
    const known = numbers.get(ms)
    if (known !== undefined) return known
    numbers.set(ms, numbers.size)
    return numbers.size - 1
  })
  return { of, count: numbers.size, timed }
}

interface EntityKey {
  columns: string[]
  /** Entity of each row, −1 where unknown. */
  of: Int32Array
  names: string[]
  /** Rows that are the only one of their entity and moment, to entities × moments. */
  coverage: number
}

/** The columns as a key, or null when entity and moment do not tell rows apart, or entities have too few rows. */
function keyOf(columns: readonly CategoryColumn[], moments: Moments): EntityKey | null {
  const key = joined(columns)
  if (key.names.length < 2 || moments.timed < MIN_ROWS_AN_ENTITY * key.names.length) return null
  const cells = new Set<number>()
  let rows = 0
  for (let row = 0; row < key.of.length; row++) {
    const [entity, moment] = [key.of[row]!, moments.of[row]!]
    if (entity < 0 || moment < 0) continue
    rows++
    cells.add(entity * moments.count + moment)
    // Too many have come again already: no need to see the rest.
    if (rows - cells.size > (1 - MIN_UNIQUE_SHARE) * moments.timed) return null
  }
  if (rows < MIN_UNIQUE_SHARE * moments.timed) return null
  return { ...key, coverage: cells.size / (key.names.length * moments.count) }
}

function joined(columns: readonly CategoryColumn[]): Omit<EntityKey, 'coverage'> {
  if (columns.length === 1) return firstSeen(columns[0]!)
  const numbers = new Map<string, number>()
  const length = columns[0]!.groups.length
  const of = new Int32Array(length)
  for (let row = 0; row < length; row++) {
    const groups = columns.map((column) => column.groups[row]!)
    if (groups.some((group) => group < 0)) {
      of[row] = -1
      continue
    }
    const name = columns.map((column, i) => column.names[groups[i]!]!).join(' · ')
    const known = numbers.get(name)
    of[row] = known ?? numbers.size
    if (known === undefined) numbers.set(name, numbers.size)
  }
  return { columns: columns.map(({ name }) => name), of, names: [...numbers.keys()] }
}

/** The groups of one column, in order of their first row. */
function firstSeen({ name, names, groups }: CategoryColumn): Omit<EntityKey, 'coverage'> {
  const place = new Int32Array(names.length).fill(-1)
  const order: string[] = []
  const of = groups.map((group) => {
    if (group < 0) return -1
    if (place[group] === -1) place[group] = order.push(names[group]!) - 1
    return place[group]!
  })
  return { columns: [name], of, names: order }
}

/** Every entity has moments of its own: only a name that says what is followed, or a key that comes again, tells that it is one. */
function irregularPanel(
  candidates: readonly CategoryColumn[],
  { axis, moments }: { axis: RowAxis; moments: Moments },
): PanelEntities | null {
  for (const candidate of candidates) {
    const named = nameTokens(candidate.name).some((token) => SUBJECTS.test(token))
    if (!named || candidate.names.length * MIN_OWN_ROWS > moments.timed) continue
    const key = keyOf([candidate], moments)
    if (key) return entitiesOf(key, axis)
  }
  return null
}

function entitiesOf({ columns, names, of }: EntityKey, axis: RowAxis): PanelEntities {
  const members: number[][] = names.map(() => [])
  for (const row of rank(axis.at).order) {
    if (of[row]! >= 0 && Number.isFinite(axis.at[row])) members[of[row]!]!.push(row)
  }
  return { columns, names, rows: members.map((rows) => Uint32Array.from(rows)) }
}

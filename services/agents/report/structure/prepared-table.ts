import type { ColumnFinding, ColumnRole, TableStructure } from '#schemas/analysis.ts'
import type { Column, Table } from '#schemas/document.ts'
import { MAX_ARITHMETIC_COLUMNS } from './arithmetic-relations.ts'
import { type CategoryColumn, categoryColumn } from './category-column.ts'
import { columnProfile } from './column-profile.ts'
import { REDUNDANT } from './column-relation.ts'
import { columnRole, isYearName } from './column-role.ts'
import { type Derivations, definitionsOf, derivedColumns } from './derived-columns.ts'
import { hasFewYears, withYearNumbers } from './few-years.ts'
import { findRowAxis } from './find-row-axis.ts'
import { type NumericColumn, numericColumn } from './numeric-column.ts'
import { namedEntities, type PanelEntities, panelEntities } from './panel-entities.ts'
import { reshapeTable } from './reshape-table.ts'
import type { RoledColumn, RowAxis } from './row-axis.ts'
import { rowLabels } from './row-labels.ts'
import { isTotalName, shareRules } from './sum-relations.ts'
import { hasResponses, tableStructure } from './table-structure.ts'
import { tableSubject } from './table-subject.ts'

export type { CategoryColumn, NumericColumn, PanelEntities, RowAxis }

/** A column of the table, whatever its kind. */
export interface PreparedColumn {
  name: string
  kind: Column['kind']
  role: ColumnRole
  derivedFrom?: ColumnFinding['derivedFrom']
  /** Rows without a value. */
  missing: number
  /** Of numbers and times. */
  numeric?: NumericColumn
  /** Of everything that groups rows, and of words that repeat. */
  category?: CategoryColumn
}

/** A table ready for the methods: roles of columns, what its rows are, what orders them, typed arrays. */
export interface PreparedTable {
  document: string
  name: string
  rows: number
  source: Table
  structure: TableStructure
  /** All columns, in the order of the source. */
  columns: PreparedColumn[]
  /** All columns of numbers and times, whatever their role. */
  numeric: NumericColumn[]
  /** Columns that form groups (category, binary, ordinal, a code of few values); copies and recodings of others are not among them. */
  categories: CategoryColumn[]
  /** What orders the rows; null in a cross-section: there is no trend and no step from row order. */
  axis: RowAxis | null
  /** Unix milliseconds of each row, NaN where missing; null when the table has no time. */
  timeMs: Float64Array | null
  /** Of a panel: its series are looked at one by one and in sum, never mixed. */
  entities: PanelEntities | null
  /** What stands in the time, step or label column of a row, for people; in a panel with the entity. 0-based. */
  labelOf(row: number): string | undefined
  /** 1-based row of the source that a 0-based row of this table stems from: another one when the table was reshaped. */
  sourceRow(row: number): number
  /** How columns follow from others, and pairs that imply each other. */
  derivations: Derivations
  /** Whether one of two columns follows from the other by definition: copy, recoding, part and total, code and name. */
  definedTogether(a: string, b: string): boolean
}

/** Tells roles and structure, and makes typed arrays; a table with one column a year, or one row a measure, is reshaped first. */
export function prepareTable(document: string, given: Table): PreparedTable {
  const reshaped = reshapeTable(given)
  const { source, rows, roled, axis, columns, entities } = laidOut(reshaped?.table ?? given)
  const derivations = deriveColumns(columns, { rows, axis, entities })
  const shares = wholesOf(columns, derivations)
  return {
    document,
    name: source.name,
    rows,
    source,
    structure: completed(
      tableStructure({ document, table: given, rows, columns: roled, axis, entities, reshaped }),
      derivations,
      tableSubject(source.name, columns),
    ),
    columns,
    numeric: columns.flatMap(({ numeric }) => numeric ?? []),
    categories: columns.flatMap((column) => (formsGroups(column, axis) ? (column.category ?? []) : [])),
    axis,
    timeMs: axis?.kind === 'time' ? axis.at : null,
    entities,
    labelOf: rowLabels({ source, axis, entities }),
    sourceRow: reshaped?.sourceRow ?? ((row) => row + 1),
    derivations,
    definedTogether: definitionsOf({ ...derivations, shares }),
  }
}

type Layout = Pick<PreparedTable, 'source' | 'rows' | 'axis' | 'columns' | 'entities'> & {
  roled: RoledColumn[]
}

/** What each column is, what orders the rows, and what they follow; a few years of many rows are groups, and order nothing. */
function laidOut(source: Table, rounds?: string): Layout {
  const rows = Math.max(0, ...source.columns.map(({ values }) => values.length))
  const roled = roledColumns(source)
  for (const entry of roled) if (entry.column.name === rounds) entry.role = 'ordinal'
  const isOrdered = rounds === undefined && !hasResponses(roled)
  const axis = isOrdered ? findRowAxis(roled, { name: source.name, rows }) : null
  if (axis?.kind === 'sequence') {
    for (const entry of roled) if (axis.columns.includes(entry.column.name)) entry.role = 'time'
  }
  const columns = roled.map(preparedColumn)
  const groups = columns.flatMap(({ category }) => category ?? [])
  const entities = source.whole ? sampledEntities(source, { groups, axis }) : panelEntities(groups, axis)
  const year = axis?.columns[0]
  if (year !== undefined && hasFewYears(axis, entities)) return laidOut(withYearNumbers(source, year), year)
  return { source, rows, roled, axis, columns, entities }
}

/** A sample of rows does not tell whether moments come again: all rows did, when they were joined to periods. */
function sampledEntities(
  { whole }: Table,
  { groups, axis }: { groups: readonly CategoryColumn[]; axis: RowAxis | null },
): PanelEntities | null {
  const name = whole?.periods?.columns.find(({ kind }) => kind === 'category')?.name
  const column = groups.find((group) => group.name === name)
  return axis && column ? namedEntities(column, axis) : null
}

/** With the column that the table is about; what was not looked at is said. */
function completed(
  bare: TableStructure,
  { values }: Derivations,
  subject: string | undefined,
): TableStructure {
  const structure = subject === undefined ? bare : { ...bare, subject }
  const varied = values.filter(({ spread }) => spread > 0).length
  if (varied <= MAX_ARITHMETIC_COLUMNS) return structure
  const loss = `Sums, products and ratios of two columns were sought among the first ${MAX_ARITHMETIC_COLUMNS} of ${varied} measures only.`
  return { ...structure, losses: [...structure.losses, loss] }
}

/** Finds how columns follow from others and marks them. */
function deriveColumns(
  columns: readonly PreparedColumn[],
  place: Pick<PreparedTable, 'rows' | 'axis' | 'entities'>,
): Derivations {
  const measures = columns.flatMap(({ numeric, role }, index) =>
    numeric && role === 'measure' ? [{ column: numeric, index }] : [],
  )
  // Within a short time a month may go with a year: nothing follows from that.
  const groups = columns.flatMap((column) =>
    formsGroups(column, place.axis) && column.role !== 'calendar' ? (column.category ?? []) : [],
  )
  const derivations = derivedColumns({ ...place, measures, groups })
  for (const { target, sources, how } of derivations.relations) {
    const column = columns.find(({ name }) => name === target)
    if (!column) continue
    column.derivedFrom = { columns: sources, how }
    if (column.numeric) column.numeric.derivedFrom = column.derivedFrom
    if (!REDUNDANT.has(how)) continue
    column.role = 'derived'
    if (column.numeric) column.numeric.role = 'derived'
    if (column.category) column.category.role = 'derived'
  }
  return derivations
}

/** Columns of shares that sum to a whole. */
function wholesOf(columns: readonly PreparedColumn[], { values }: Derivations): string[][] {
  const units = new Map(columns.map(({ name, numeric }) => [name, numeric?.unit]))
  return shareRules(values, units).map(({ columns }) => columns)
}

function roledColumns(source: Table): RoledColumn[] {
  const hasTime = source.columns.some(({ name, kind }) => kind === 'temporal' || isYearName(name))
  const hasTotal = source.columns.some(({ name, kind }) => kind === 'number' && isTotalName(name))
  return source.columns.map((column) => {
    const profile = columnProfile(column)
    return { column, role: columnRole(profile, { hasTime, hasTotal }), distinct: profile.distinct }
  })
}

function preparedColumn({ column, role, distinct }: RoledColumn): PreparedColumn {
  const { name, kind, values } = column
  const isNumeric = kind === 'number' || kind === 'temporal'
  const numeric = isNumeric ? numericColumn(column, role) : undefined
  const category = hasGroups(role, kind, distinct) ? categoryColumn(column, role) : undefined
  return {
    name,
    kind,
    role,
    missing: numeric?.missing ?? values.reduce<number>((sum, value) => sum + (value === null ? 1 : 0), 0),
    ...(numeric && { numeric }),
    ...(category && { category }),
  }
}

const GROUP_ROLES: ReadonlySet<ColumnRole> = new Set([
  'category',
  'binary',
  'ordinal',
  'calendar',
  'code',
  'identifier',
])

/** Numbers that name more things than this are no key that comes again. */
const MAX_NUMBERED = 10_000

function hasGroups(role: ColumnRole, kind: Column['kind'], distinct: number): boolean {
  if (kind === 'category' || kind === 'boolean') return true
  return kind === 'number' && GROUP_ROLES.has(role) && distinct <= MAX_NUMBERED
}

/** Codes and keys of more values than this name things, not groups of them. */
const MAX_CODES = 50

/** Numbers that name a row form no groups, nor does a part of the date that the axis is read from. */
function formsGroups({ name, role, category }: PreparedColumn, axis: RowAxis | null): boolean {
  if (!category || !GROUP_ROLES.has(role) || axis?.columns.includes(name)) return false
  const { length } = category.names
  if (role === 'code' || role === 'identifier')
    return length <= MAX_CODES && 2 * length <= category.groups.length
  return true
}

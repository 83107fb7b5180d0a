import type { Column, Table } from '#schemas/document.ts'
import type { PanelEntities } from './panel-entities.ts'
import type { Granularity, RowAxis } from './row-axis.ts'
import { timeLabel } from './time-label.ts'

/** Share of rows that a column of words must name differently to label them. */
const MIN_DISTINCT_SHARE = 0.9

/**
 * How people know the rows: by time (in a panel with the entity), by step, else by the first column of words that tells nearly all
 * apart. Pure.
 */
export function rowLabels({
  source,
  axis,
  entities,
}: {
  source: Table
  axis: RowAxis | null
  entities: PanelEntities | null
}): (row: number) => string | undefined {
  const words = labelColumn(source)
  const entityOf = entities && entityNames(entities, axis?.at.length ?? 0)
  const momentOf = momentLabels(source, axis)
  return (row) => {
    const moment = momentOf(row)
    const entity = entityOf?.[row]
    if (entity !== undefined) return moment === undefined ? entity : `${entity}, ${moment}`
    if (moment !== undefined) return moment
    const word = words?.values[row]
    return word === null || word === undefined ? undefined : String(word)
  }
}

function momentLabels(source: Table, axis: RowAxis | null): (row: number) => string | undefined {
  if (axis?.kind === 'time') {
    const granularity = shownGranularity(source, axis)
    return (row) => timeLabel(axis.at[row]!, granularity)
  }
  const name = axis?.columns[0]
  if (name === undefined) return () => undefined
  const words = source.columns.find((column) => column.name === name)?.values
  return (row) => {
    const value = words?.[row]
    if (typeof value === 'string') return value
    return Number.isFinite(axis!.at[row]) ? `${name} ${axis!.at[row]}` : undefined
  }
}

/** Weekly dates are shown as the dates they are, unless they were written as weeks. */
function shownGranularity(source: Table, { columns, granularity }: RowAxis): Granularity {
  if (granularity !== 'week' || columns.length > 1) return granularity ?? 'day'
  const written = source.columns.find(({ name }) => name === columns[0])?.granularity
  return written === 'week' ? 'week' : 'day'
}

/** `31` alone says nothing: `state 31`. */
function entityNames({ columns, names, rows }: PanelEntities, count: number): (string | undefined)[] {
  const found: (string | undefined)[] = new Array(count)
  rows.forEach((members, entity) => {
    const name = names[entity]!
    const told = columns.length === 1 && /^-?\d+$/.test(name) ? `${columns[0]} ${name}` : name
    for (const row of members) found[row] = told
  })
  return found
}

function labelColumn(source: Table): Column | undefined {
  return source.columns.find(({ kind, values }) => {
    if (kind !== 'text' && kind !== 'category') return false
    return differs(values)
  })
}

/** Given up at the first value that makes too many of them come again: of a category that is soon. */
function differs(values: Column['values']): boolean {
  const seen = new Set<Column['values'][number]>()
  for (let row = 0; row < values.length; row++) {
    seen.add(values[row]!)
    const most = seen.size + values.length - row - 1
    if (most < MIN_DISTINCT_SHARE * values.length) return false
  }
  return true
}

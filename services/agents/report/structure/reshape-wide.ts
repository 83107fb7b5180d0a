import type { Column, Table } from '#schemas/document.ts'
import { type Period, periodHeading } from './period-heading.ts'
import type { ReshapedTable } from './reshaped-table.ts'

/** Fewer columns of years are two measures, not a series. */
const MIN_PERIODS = 3
/** Share of the number columns that must be of years: else they are something beside the table's subject. */
const MIN_SHARE = 0.5
/** Cells of the result; a larger table is left as it is. */
const MAX_CELLS = 2_000_000

interface PeriodColumn extends Period {
  column: Column
}

/**
 * A table with a column for each of three or more years (months, quarters, days) becomes one with a row for each: `year` and `value`,
 * or one column for each measure that the headings name (`sales 2019`, `cost 2019`). The other columns are repeated. Pure.
 */
export function reshapeWide(table: Table): ReshapedTable | null {
  const periods = table.columns.flatMap((column): PeriodColumn[] => {
    const heading =
      column.kind === 'number' || column.kind === 'empty' ? periodHeading(column.name) : undefined
    return heading ? [{ ...heading, column }] : []
  })
  const groups = [
    ...Map.groupBy(periods, ({ stem, granularity }) => `${granularity}:${stem}`).values(),
  ].filter(isSeries)
  const used = new Set(groups.flat().map(({ column }) => column))
  const others = table.columns.filter((column) => !used.has(column))
  const numbers = others.filter(({ kind }) => kind === 'number').length
  if (groups.length === 0 || used.size < MIN_SHARE * (used.size + numbers)) return null
  const first = groups[0]!
  if (groups.some((group) => group[0]!.granularity !== first[0]!.granularity)) return null
  const times = [...new Set(groups.flat().map(({ ms }) => ms))].sort((a, b) => a - b)
  const rows = Math.max(...table.columns.map(({ values }) => values.length))
  if (rows === 0 || rows * times.length * (others.length + groups.length + 1) > MAX_CELLS) return null
  return melted({ table, rows, groups, others, times })
}

/** All of different times. */
function isSeries(group: readonly PeriodColumn[]): boolean {
  return group.length >= MIN_PERIODS && new Set(group.map(({ ms }) => ms)).size === group.length
}

interface Melting {
  table: Table
  rows: number
  groups: PeriodColumn[][]
  others: Column[]
  /** Ascending. */
  times: number[]
}

/** Row by row of the source, each in order of time. */
function melted({ table, rows, groups, others, times }: Melting): ReshapedTable {
  const { granularity } = groups[0]![0]!
  const count = rows * times.length
  const sourceOf = (row: number) => Math.floor(row / times.length)
  const names = new Set(others.map(({ name }) => name))
  const time: Column = {
    ...bare(freeName(granularity === 'time' ? 'date' : granularity, names), 'temporal'),
    values: Array.from({ length: count }, (_, row) => times[row % times.length]!),
    granularity,
  }
  const measures = groups.map((group): Column => {
    const byTime = new Map(group.map(({ ms, column }) => [ms, column]))
    const units = new Set(group.map(({ column }) => column.unit))
    const [unit] = units
    return {
      ...bare(freeName(group[0]!.stem || 'value', names), 'number'),
      values: Array.from(
        { length: count },
        (_, row) => byTime.get(times[row % times.length]!)?.values[sourceOf(row)] ?? null,
      ),
      malformed: group.flatMap(({ column }) => column.malformed).slice(0, 20),
      malformedCount: group.reduce((sum, { column }) => sum + column.malformedCount, 0),
      ...(units.size === 1 && unit !== undefined && { unit }),
    }
  })
  const repeated = others.map(
    (column): Column => ({
      ...column,
      // Names that were all different come again now.
      kind: column.kind === 'text' ? 'category' : column.kind,
      values: Array.from({ length: count }, (_, row) => column.values[sourceOf(row)] ?? null),
    }),
  )
  const total = groups.reduce((sum, group) => sum + group.length, 0)
  return {
    kind: 'wide-years',
    table: { ...table, rows: count, columns: [...repeated, time, ...measures] },
    note: `The ${total} columns that are named by ${granularity === 'time' ? 'time' : granularity} were read as ${measures.map(({ name }) => `"${name}"`).join(', ')} by "${time.name}", one row each.`,
    sourceRow: (row) => sourceOf(row) + 1,
  }
}

function bare(name: string, kind: Column['kind']): Omit<Column, 'values'> {
  return { name, kind, malformed: [], malformedCount: 0 }
}

function freeName(name: string, taken: Set<string>): string {
  let free = name
  for (let n = 2; taken.has(free); n++) free = `${name} (${n})`
  taken.add(free)
  return free
}

import type { Column, PeriodTable, Table } from '#schemas/document.ts'
import { type PreparedColumn, prepareTable } from '../../structure/prepared-table.ts'
import { INGEST_LIMITS } from '../limits.ts'
import type { AnswerCell, QueryEngine } from './query-engine.ts'
import { quoted } from './query-engine.ts'
import { type TypedFile, valueName } from './typed-file.ts'

/** How the rows of a file are joined over time. */
interface Period {
  granularity: PeriodTable['granularity']
  /** Mean length, ms. */
  lengthMs: number
  /** The beginning of the period of a time, both in Unix ms. */
  sql(time: string): string
}

const SECOND_MS = 1_000
const MINUTE_MS = 60 * SECOND_MS
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS
const YEAR_MS = 365.25 * DAY_MS

const clockPeriod = (lengthMs: number): Period => ({
  granularity: 'time',
  lengthMs,
  sql: (time) => `floor(${time} / ${lengthMs}) * ${lengthMs}`,
})
const calendarPeriod = (
  granularity: Exclude<PeriodTable['granularity'], 'time'>,
  lengthMs: number,
): Period => ({
  granularity,
  lengthMs,
  sql: (time) => `epoch_ms(date_trunc('${granularity}', make_timestamp_ms(CAST(${time} AS BIGINT))))`,
})

/** Finest first. */
const PERIODS: readonly Period[] = [
  ...[SECOND_MS, 10 * SECOND_MS, MINUTE_MS, 5 * MINUTE_MS, 15 * MINUTE_MS, HOUR_MS].map(clockPeriod),
  calendarPeriod('day', DAY_MS),
  calendarPeriod('week', 7 * DAY_MS),
  calendarPeriod('month', YEAR_MS / 12),
  calendarPeriod('quarter', YEAR_MS / 4),
  calendarPeriod('year', YEAR_MS),
]

/** Rows that are compared exactly. */
const COMPARED_ROWS = 200_000
/** Moments as many as rows, nearly: then a row is a moment. */
const SERIES_SHARE = 0.85
const PANEL_SHARE = 0.95
const MAX_ENTITIES = 200
/** Columns that may name the entities of a panel. */
const MAX_CANDIDATES = 8
const MAX_ENTITY_VALUES = 5_000
const MIN_MEASURED_MOMENTS = 8

/**
 * Joins all rows of a file to means by period: of a series and of events by period, of a panel by entity and period. Undefined where rows
 * have no single column of times, or too few different times.
 *
 * @param sample a sample of the rows, typed, from which the roles of columns are told
 */
export async function periodTable(
  engine: QueryEngine,
  file: TypedFile,
  sample: Table,
): Promise<PeriodTable | undefined> {
  if (file.timeColumn === undefined) return undefined
  const prepared = prepareTable('', sample)
  const { axis } = prepared
  const timeIndex = sample.columns.findIndex(
    ({ name }) => axis?.columns.length === 1 && name === axis.columns[0],
  )
  if (axis?.kind !== 'time' || timeIndex < 0 || file.columns[timeIndex]?.kind !== 'temporal') return undefined
  const measures = prepared.columns.flatMap((column, index) => (isMeasure(column) ? [index] : []))
  if (measures.length === 0) return undefined
  const time = valueName(timeIndex)
  const [[from, to, moments] = []] = await engine.rows(
    `SELECT min(${time}), max(${time}), approx_count_distinct(${time}) FROM ${file.from([timeIndex])}`,
  )
  const span = Number(to) - Number(from)
  if (!(span > 0) || Number(moments) < MIN_MEASURED_MOMENTS) return undefined
  const [alone = 0] = await uniqueShares(engine, file, [[timeIndex]])
  const isSeries = alone >= SERIES_SHARE
  const entity = isSeries ? undefined : await entityOf(engine, file, { timeIndex, columns: prepared.columns })
  const period = periodFor({
    span,
    measures: measures.length,
    entities: entity?.names.length ?? 1,
    at: axis.granularity,
  })
  return joined(engine, file, { sample, timeIndex, measures, entity, period, isEvents: !isSeries && !entity })
}

function isMeasure({ kind, role }: PreparedColumn): boolean {
  return kind === 'number' && (role === 'measure' || role === 'ordinal')
}

interface Entity {
  index: number
  /** As SQL writes them, the ones with most rows. */
  names: string[]
}

/** The column of fewest values that tells the rows of a moment apart. */
async function entityOf(
  engine: QueryEngine,
  file: TypedFile,
  { timeIndex, columns }: { timeIndex: number; columns: readonly PreparedColumn[] },
): Promise<Entity | undefined> {
  const naming = columns.flatMap(({ role, category }, index) =>
    category && ['category', 'identifier', 'code', 'binary', 'ordinal'].includes(role) ? [index] : [],
  )
  const candidates = naming.slice(0, MAX_CANDIDATES)
  if (candidates.length === 0) return undefined
  const [counts = []] = await engine.rows(
    `SELECT ${candidates.map((i) => `approx_count_distinct(${valueName(i)})`).join(', ')} FROM ${file.from(candidates)}`,
  )
  const pairs = await uniqueShares(
    engine,
    file,
    candidates.map((i) => [timeIndex, i]),
  )
  const fitting = candidates
    .map((index, at) => ({ index, values: Number(counts[at]), unique: pairs[at]! }))
    .filter(({ values, unique }) => values > 1 && values <= MAX_ENTITY_VALUES && unique >= PANEL_SHARE)
    .sort((one, other) => one.values - other.values)
  const [best] = fitting
  if (!best) return undefined
  const rows = await engine.rows(
    `SELECT ${entityText(file, best.index)} AS e, count(*) AS n FROM ${file.from([best.index])} WHERE e IS NOT NULL GROUP BY 1 ORDER BY n DESC, 1 LIMIT ${MAX_ENTITIES}`,
  )
  return { index: best.index, names: rows.map(([name]) => String(name)) }
}

/**
 * Different values to rows, for each of some lists of columns: exact in the part of the rows whose values fall into one of many classes, so
 * that equal ones are in it together. 0 where that part is empty: then there are few different values.
 */
async function uniqueShares(
  engine: QueryEngine,
  file: TypedFile,
  keys: readonly (readonly number[])[],
): Promise<number[]> {
  const classes = Math.max(1, Math.floor(file.rows / COMPARED_ROWS))
  const [counts = []] = await engine.rows(
    `SELECT ${keys
      .map((key) => `hash(${key.map(valueName).join(', ')})`)
      .flatMap((hash) => [
        `count(DISTINCT ${hash}) FILTER (${hash} % ${classes} = 0)`,
        `count(*) FILTER (${hash} % ${classes} = 0)`,
      ])
      .join(', ')} FROM ${file.from(keys.flat())}`,
  )
  return keys.map((_, at) => Number(counts[2 * at]) / Math.max(1, Number(counts[2 * at + 1])))
}

/** Whole numbers that name something have no decimals. */
function entityText(file: TypedFile, index: number): string {
  const value = valueName(index)
  return file.columns[index]!.isNumeric
    ? `CASE WHEN ${value} = floor(${value}) THEN CAST(CAST(${value} AS BIGINT) AS VARCHAR) ELSE CAST(${value} AS VARCHAR) END`
    : value
}

function periodFor({
  span,
  measures,
  entities,
  at,
}: {
  span: number
  measures: number
  entities: number
  at: Column['granularity']
}): Period {
  const { periodRows, periodCells } = INGEST_LIMITS
  const most = Math.max(2, Math.min(periodRows, periodCells / (measures + 2)) / entities)
  const written = PERIODS.findIndex(({ granularity }) => granularity === (at ?? 'time'))
  const usable = PERIODS.slice(Math.max(0, written))
  return usable.find(({ lengthMs }) => span / lengthMs <= most) ?? PERIODS.at(-1)!
}

interface JoinedFrom {
  sample: Table
  timeIndex: number
  measures: readonly number[]
  entity: Entity | undefined
  period: Period
  /** Rows come when they come: how many there are is a measure itself. */
  isEvents: boolean
}

async function joined(engine: QueryEngine, file: TypedFile, from: JoinedFrom): Promise<PeriodTable> {
  const { sample, timeIndex, measures, entity, period, isEvents } = from
  const time = valueName(timeIndex)
  const name = entity ? entityText(file, entity.index) : 'NULL'
  const only = entity ? ` AND ${name} IN (${entity.names.map(quoted).join(', ')})` : ''
  const rows: AnswerCell[][] = []
  // Groups come in the same order each time: no two have the same period and entity.
  for (const [at, part] of measuredParts(file, measures).entries()) {
    const found = await engine.rows(
      `SELECT ${period.sql(time)} AS p, ${name} AS e, count(*), ${part.map((i) => `avg(${valueName(i)})`).join(', ')}
       FROM ${file.from([timeIndex, ...(entity ? [entity.index] : []), ...part])} WHERE ${time} IS NOT NULL${only} GROUP BY 1, 2 ORDER BY 2, 1`,
    )
    if (at === 0) rows.push(...found)
    else for (const [k, row] of found.entries()) rows[k]!.push(...row.slice(3))
  }
  const column = (index: number, kind: Column['kind'], values: Column['values']): Column => {
    const { name, unit } = sample.columns[index]!
    return { name, kind, values, malformed: [], malformedCount: 0, ...(unit !== undefined && { unit }) }
  }
  const pick = (at: number): Column['values'] => rows.map((row) => scalarOf(row[at]))
  const counts = pick(2)
  // The first and the last period may not be whole.
  if (!entity) for (const end of [0, counts.length - 1]) counts[end] = null
  const rowCount: Column = {
    name: 'row count',
    kind: 'number',
    values: counts,
    malformed: [],
    malformedCount: 0,
  }
  return {
    granularity: period.granularity,
    rows: rows.length,
    columns: [
      { ...column(timeIndex, 'temporal', pick(0)), granularity: period.granularity },
      ...(entity ? [column(entity.index, 'category', pick(1))] : []),
      ...measures.map((index, at) => column(index, 'number', pick(3 + at))),
      ...(isEvents ? [rowCount] : []),
    ],
  }
}

/** Measures of the same part of a file together, in their order. */
function measuredParts(file: TypedFile, measures: readonly number[]): number[][] {
  return file.parts.map((part) => part.filter((i) => measures.includes(i))).filter((part) => part.length > 0)
}

function scalarOf(cell: AnswerCell | undefined): number | string | boolean | null {
  return typeof cell === 'object' || cell === undefined ? null : cell
}

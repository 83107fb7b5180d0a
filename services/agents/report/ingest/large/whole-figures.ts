import type { WholeColumn } from '#schemas/document.ts'
import { INGEST_LIMITS } from '../limits.ts'
import { type AnswerCell, type QueryEngine, quoted } from './query-engine.ts'
import { type TypedFile, valueName } from './typed-file.ts'

const EXTREMES = 20
const TOP_VALUES = 50
/** Beyond, groups are not counted one by one. */
const MAX_COUNTED = 100_000
const MIN_BINS = 5
const MAX_BINS = 40
/** Columns asked in one pass: more would need more memory at a time. */
const COLUMNS_A_PASS = 40
/** Sums of squares of larger values may overflow. */
const HUGE = 1e140
const HUGE_UNIT = 1e200

type NumericFigures = NonNullable<WholeColumn['numeric']>

/** What all rows of a typed file say of each of its columns. */
export async function wholeFigures(engine: QueryEngine, file: TypedFile): Promise<WholeColumn[]> {
  const figures: WholeColumn[] = []
  for (let from = 0; from < file.columns.length; from += COLUMNS_A_PASS) {
    const indexes = file.columns.slice(from, from + COLUMNS_A_PASS).map((_, i) => from + i)
    figures.push(...(await figuresOf(engine, file, indexes)))
  }
  return figures
}

async function figuresOf(
  engine: QueryEngine,
  file: TypedFile,
  indexes: readonly number[],
): Promise<WholeColumn[]> {
  const [counts = []] = await engine.rows(
    `SELECT ${indexes.flatMap((i) => [`count(${valueName(i)})`, file.columns[i]!.isNumeric ? 'NULL' : `approx_count_distinct(${valueName(i)})`]).join(', ')} FROM ${file.sql}`,
  )
  const numbers = indexes.filter((i, at) => file.columns[i]!.isNumeric && Number(counts[2 * at]) > 0)
  const numeric = await numericFigures(engine, file, numbers)
  const found: WholeColumn[] = []
  for (const [at, i] of indexes.entries()) {
    const count = Number(counts[2 * at])
    const distinct = Math.min(count, Number(counts[2 * at + 1]))
    const figures = numeric.get(i)
    found.push({
      missing: file.rows - count,
      ...(file.columns[i]!.isNumeric ? {} : { distinct }),
      ...(figures && { numeric: figures }),
      ...(!file.columns[i]!.isNumeric && count > 0 && { top: await topOf(engine, file, { i, distinct }) }),
    })
  }
  return found
}

async function numericFigures(
  engine: QueryEngine,
  file: TypedFile,
  indexes: readonly number[],
): Promise<Map<number, NumericFigures>> {
  if (indexes.length === 0) return new Map()
  const one = (i: number) => {
    const v = valueName(i)
    return [
      `count(${v})`,
      `avg(${v})`,
      `coalesce(stddev_samp(${v}) FILTER (abs(${v}) < ${HUGE}), 0)`,
      `min(${v})`,
      `max(${v})`,
      `approx_quantile(${v}, [0.25, 0.5, 0.75])`,
    ]
  }
  const width = one(0).length
  const [moments = []] = await engine.rows(`SELECT ${indexes.flatMap(one).join(', ')} FROM ${file.sql}`)
  const extremes = await extremeRows(engine, file, indexes)
  const found = new Map<number, NumericFigures>()
  for (const [at, i] of indexes.entries()) {
    const [count, mean, stdDev, min, max, quantiles] = moments.slice(at * width, (at + 1) * width)
    const [q1, median, q3] = quantiles as number[]
    found.set(i, {
      count: Number(count),
      mean: Number(mean),
      stdDev: Number(stdDev),
      min: Number(min),
      q1: q1!,
      median: median!,
      q3: q3!,
      max: Number(max),
      skewness: null,
      kurtosis: null,
      histogram: [],
      lowest: extremes[2 * at]!,
      highest: extremes[2 * at + 1]!,
    })
  }
  await correctHugeSpreads(engine, file, found)
  await addShapes(engine, file, found)
  await addHistograms(engine, file, found)
  return found
}

/** The squares of some values are beyond all numbers: they are divided before. */
async function correctHugeSpreads(
  engine: QueryEngine,
  file: TypedFile,
  figures: ReadonlyMap<number, NumericFigures>,
): Promise<void> {
  const huge = [...figures].filter(([, { min, max }]) => Math.max(-min, max) >= HUGE)
  if (huge.length === 0) return
  const [spreads = []] = await engine.rows(
    `SELECT ${huge.map(([i]) => `coalesce(stddev_samp(${valueName(i)} / ${HUGE_UNIT}), 0)`).join(', ')} FROM ${file.sql}`,
  )
  for (const [at, [, of]] of huge.entries())
    of.stdDev = Math.min(Number.MAX_VALUE, Number(spreads[at]) * HUGE_UNIT)
}

/** Third and fourth moments around the mean, in a second pass: sums of powers lose all digits of large values. */
async function addShapes(
  engine: QueryEngine,
  file: TypedFile,
  figures: ReadonlyMap<number, NumericFigures>,
): Promise<void> {
  const spread = [...figures].filter(([, { stdDev, count }]) => stdDev > 0 && count > 3)
  if (spread.length === 0) return
  const scaled = (i: number, { mean, stdDev }: NumericFigures) =>
    `((${valueName(i)} - ${literal(mean)}) / ${literal(stdDev)})`
  const [moments = []] = await engine.rows(
    `SELECT ${spread.flatMap(([i, of]) => [2, 3, 4].map((power) => `avg(${Array(power).fill(scaled(i, of)).join(' * ')})`)).join(', ')} FROM ${file.sql}`,
  )
  for (const [at, [, of]] of spread.entries()) {
    const [m2, m3, m4] = moments.slice(3 * at, 3 * at + 3).map(Number) as [number, number, number]
    const n = of.count
    of.skewness = (Math.sqrt(n * (n - 1)) / (n - 2)) * (m3 / m2 ** 1.5)
    of.kurtosis = ((n - 1) / ((n - 2) * (n - 3))) * ((n + 1) * (m4 / m2 ** 2 - 3) + 6)
  }
}

/** The lowest and the highest values of each column, with the rows that they stand in. */
async function extremeRows(
  engine: QueryEngine,
  file: TypedFile,
  indexes: readonly number[],
): Promise<NumericFigures['lowest'][]> {
  const ends = indexes.flatMap((i) => ['min', 'max'].map((end) => ({ v: valueName(i), end })))
  const [answer = []] = await engine.rows(
    `SELECT ${ends.flatMap(({ v, end }) => [`${end}(${v}, ${EXTREMES})`, `arg_${end}(row_number, ${v}, ${EXTREMES})`]).join(', ')} FROM ${file.sql}`,
  )
  const lists = answer.map((list) => (list ?? []) as number[])
  const times = await timesOf(engine, file, [...new Set(lists.filter((_, k) => k % 2 === 1).flat())])
  return ends.map((_, k) =>
    lists[2 * k]!.map((value, n) => {
      const row = lists[2 * k + 1]![n]!
      const atMs = times.get(row)
      return { row, value, ...(atMs !== undefined && { atMs }) }
    }),
  )
}

/** What stands in the column of times in some rows. */
async function timesOf(
  engine: QueryEngine,
  file: TypedFile,
  rows: readonly number[],
): Promise<Map<number, number>> {
  if (file.timeColumn === undefined || rows.length === 0) return new Map()
  const time = valueName(file.timeColumn)
  const answer = await engine.rows(
    `SELECT row_number, ${time} FROM ${file.sql} WHERE ${time} IS NOT NULL AND row_number IN (${rows.join(', ')})`,
  )
  return new Map(answer.map(([row, at]) => [Number(row), Number(at)]))
}

/** Equal-width bins after Freedman & Diaconis, 5 to 40; one bin for a constant. */
async function addHistograms(
  engine: QueryEngine,
  file: TypedFile,
  figures: ReadonlyMap<number, NumericFigures>,
): Promise<void> {
  const binned = [...figures].flatMap(([i, of]) => {
    const { count, min, max, q1, q3 } = of
    if (!(max > min) || !Number.isFinite(max - min)) {
      of.histogram = [{ low: min, high: max, count }]
      return []
    }
    const width = (2 * (q3 - q1)) / Math.cbrt(count)
    const wanted = width > 0 ? (max - min) / width : Math.log2(count) + 1
    return [{ i, of, bins: Math.max(MIN_BINS, Math.min(MAX_BINS, Math.ceil(wanted))) }]
  })
  if (binned.length === 0) return
  // Of a number and NULL the least is the number.
  const bin = ({ i, of: { min, max }, bins }: (typeof binned)[number]) =>
    `histogram(least(${bins - 1}, CAST(floor((${valueName(i)} - ${literal(min)}) / ${literal((max - min) / bins)}) AS INTEGER))) FILTER (${valueName(i)} IS NOT NULL)`
  const [maps = []] = await engine.rows(
    `SELECT ${binned.map((one) => `map_entries(${bin(one)})`).join(', ')} FROM ${file.sql}`,
  )
  for (const [at, { of, bins }] of binned.entries()) {
    const counts = new Map(
      ((maps[at] ?? []) as { key: number; value: number }[]).map(({ key, value }) => [key, value]),
    )
    const edge = (k: number) => (k === bins ? of.max : of.min + ((of.max - of.min) * k) / bins)
    of.histogram = Array.from({ length: bins }, (_, k) => ({
      low: edge(k),
      high: edge(k + 1),
      count: counts.get(k) ?? 0,
    }))
  }
}

function literal(value: number): string {
  return `CAST('${value}' AS DOUBLE)`
}

/** The most frequent values; of very many different ones they are estimated. */
async function topOf(
  engine: QueryEngine,
  file: TypedFile,
  { i, distinct }: { i: number; distinct: number },
): Promise<NonNullable<WholeColumn['top']>> {
  const v = valueName(i)
  const name = (value: AnswerCell) =>
    String(value).slice(0, INGEST_LIMITS.sampleTextCharacters).toWellFormed()
  if (distinct <= MAX_COUNTED) {
    const rows = await engine.rows(
      `SELECT ${v}, count(*) AS n FROM ${file.sql} WHERE ${v} IS NOT NULL GROUP BY 1 ORDER BY n DESC, 1 LIMIT ${TOP_VALUES}`,
    )
    return rows.map(([value, count]) => ({ value: name(value!), count: Number(count) }))
  }
  const [[values] = []] = await engine.rows(`SELECT approx_top_k(${v}, ${TOP_VALUES}) FROM ${file.sql}`)
  const listed = ((values ?? []) as AnswerCell[]).filter((value) => value !== null)
  if (listed.length === 0) return []
  const [counts = []] = await engine.rows(
    `SELECT ${listed.map((value) => `count(*) FILTER (${v} = ${quoted(String(value))})`).join(', ')} FROM ${file.sql}`,
  )
  return listed
    .map((value, k) => ({ value: name(value), count: Number(counts[k]) }))
    .sort((a, b) => b.count - a.count)
}

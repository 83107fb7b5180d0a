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
/** Differences of larger values may overflow. */
const HUGE = 1e300
/** Rows whose quartiles are estimated: beyond, they are drawn. Their own error is then a tenth of a per cent of the ranks. */
const RANKED_ROWS = 250_000
/** Fewer values of a column are ranked without drawing rows. */
const MIN_RANKED = 50_000

type NumericFigures = NonNullable<WholeColumn['numeric']>

/** What all rows of a typed file say of each of its columns. */
export async function wholeFigures(engine: QueryEngine, file: TypedFile): Promise<WholeColumn[]> {
  const figures: WholeColumn[] = []
  for (const [at, part] of file.parts.entries()) {
    // What DuckDB holds for one adds up otherwise.
    if (at > 0) await engine.renew()
    for (let from = 0; from < part.length; from += COLUMNS_A_PASS) {
      figures.push(...(await figuresOf(engine, file, part.slice(from, from + COLUMNS_A_PASS))))
    }
  }
  return figures
}

async function figuresOf(
  engine: QueryEngine,
  file: TypedFile,
  indexes: readonly number[],
): Promise<WholeColumn[]> {
  const [counts = []] = await engine.rows(
    `SELECT ${indexes.flatMap((i) => [`count(${valueName(i)})`, file.columns[i]!.isNumeric ? 'NULL' : `approx_count_distinct(${valueName(i)})`]).join(', ')} FROM ${file.from(indexes)}`,
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
    return [`count(${v})`, `avg(${v})`, `min(${v})`, `max(${v})`]
  }
  const width = one(0).length
  const [moments = []] = await engine.rows(
    `SELECT ${indexes.flatMap(one).join(', ')} FROM ${file.from(indexes)}`,
  )
  const quartiles = await quartilesOf(engine, file, indexes)
  const extremes = await extremeRows(engine, file, indexes)
  const found = new Map<number, NumericFigures>()
  for (const [at, i] of indexes.entries()) {
    const [count, mean, min, max] = moments.slice(at * width, (at + 1) * width)
    const [q1, median, q3] = quartiles[at]!
    found.set(i, {
      count: Number(count),
      mean: Number(mean),
      stdDev: 0,
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
  await addShapes(engine, file, found)
  await addHistograms(engine, file, found)
  return found
}

/**
 * Estimated by a t-digest; where there are very many rows, by one of rows drawn by a hash of their number. A column whose values are so
 * rare that none was drawn is asked for all rows.
 */
async function quartilesOf(
  engine: QueryEngine,
  file: TypedFile,
  indexes: readonly number[],
): Promise<number[][]> {
  const ask = async (asked: readonly number[], only: string) => {
    const quartiles = asked.map((i) => `approx_quantile(${valueName(i)}, [0.25, 0.5, 0.75])`)
    const counts = asked.map((i) => `count(${valueName(i)})`)
    const [answer = []] = await engine.rows(
      `SELECT ${[...quartiles, ...counts].join(', ')} FROM ${file.from(asked)} ${only}`,
    )
    return asked.map((_, at) => ({ of: answer[at] as number[], count: Number(answer[asked.length + at]) }))
  }
  const parts = Math.max(1, Math.floor(file.rows / RANKED_ROWS))
  if (parts === 1) return (await ask(indexes, '')).map(({ of }) => of)
  const drawn = await ask(indexes, `WHERE hash(row_number) % ${parts} = 0`)
  const rare = indexes.filter((_, at) => drawn[at]!.count < MIN_RANKED)
  const exact = rare.length === 0 ? [] : await ask(rare, '')
  return indexes.map((i, at) => exact[rare.indexOf(i)]?.of ?? drawn[at]!.of)
}

/**
 * Spread, third and fourth moments around the mean, in a second pass: sums of powers lose all digits of large values. Distances are
 * in units of the largest, so that no power overflows.
 */
async function addShapes(
  engine: QueryEngine,
  file: TypedFile,
  figures: ReadonlyMap<number, NumericFigures>,
): Promise<void> {
  const spread = [...figures].filter(([, { min, max, count }]) => max > min && count > 1)
  if (spread.length === 0) return
  const reachOf = ({ mean, min, max }: NumericFigures) =>
    Math.min(Number.MAX_VALUE, Math.max(max - mean, mean - min))
  const scaled = (i: number, of: NumericFigures) => {
    const [value, mean, reach] = [valueName(i), of.mean, reachOf(of)]
    return reach > HUGE
      ? `(${value} / ${literal(reach)} - ${literal(mean / reach)})`
      : `((${value} - ${literal(mean)}) / ${literal(reach)})`
  }
  const [moments = []] = await engine.rows(
    `SELECT ${spread.flatMap(([i, of]) => [2, 3, 4].map((power) => `avg(${Array(power).fill(scaled(i, of)).join(' * ')})`)).join(', ')} FROM ${file.from(spread.map(([i]) => i))}`,
  )
  for (const [at, [, of]] of spread.entries()) {
    const [m2, m3, m4] = moments.slice(3 * at, 3 * at + 3).map(Number) as [number, number, number]
    const n = of.count
    of.stdDev = Math.min(Number.MAX_VALUE, reachOf(of) * Math.sqrt((m2 * n) / (n - 1)))
    if (n <= 3) continue
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
    `SELECT ${ends.flatMap(({ v, end }) => [`${end}(${v}, ${EXTREMES})`, `arg_${end}(row_number, ${v}, ${EXTREMES})`]).join(', ')} FROM ${file.from(indexes)}`,
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
    `SELECT row_number, ${time} FROM ${file.from([file.timeColumn])} WHERE ${time} IS NOT NULL AND row_number IN (${rows.join(', ')})`,
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
  // Bytes are counted in an array, without a hash. Of a number and NULL the least is the number.
  const parts = binned.map(({ i, of: { min, max }, bins }, at) => {
    const value = valueName(i)
    const bin = `least(${bins - 1}, floor((${value} - ${literal(min)}) / ${literal((max - min) / bins)}))`
    return `SELECT ${at}, CAST(${bin} AS UTINYINT) AS bin, count(*) FROM ${file.from([i])} WHERE ${value} IS NOT NULL GROUP BY bin`
  })
  const counted = binned.map(() => new Map<number, number>())
  for (const [at, bin, count] of await engine.rows(parts.join(' UNION ALL ')))
    counted[Number(at)]!.set(Number(bin), Number(count))
  for (const [at, { of, bins }] of binned.entries()) {
    const counts = counted[at]!
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
      `SELECT ${v}, count(*) AS n FROM ${file.from([i])} WHERE ${v} IS NOT NULL GROUP BY 1 ORDER BY n DESC, 1 LIMIT ${TOP_VALUES}`,
    )
    return rows.map(([value, count]) => ({ value: name(value!), count: Number(count) }))
  }
  const [[values] = []] = await engine.rows(`SELECT approx_top_k(${v}, ${TOP_VALUES}) FROM ${file.from([i])}`)
  const listed = ((values ?? []) as AnswerCell[]).filter((value) => value !== null)
  if (listed.length === 0) return []
  const [counts = []] = await engine.rows(
    `SELECT ${listed.map((value) => `count(*) FILTER (${v} = ${quoted(String(value))})`).join(', ')} FROM ${file.from([i])}`,
  )
  return listed
    .map((value, k) => ({ value: name(value), count: Number(counts[k]) }))
    .sort((a, b) => b.count - a.count)
}

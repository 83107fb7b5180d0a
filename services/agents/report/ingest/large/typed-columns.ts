import type { Column } from '#schemas/document.ts'
import type { ColumnRead } from '../data/column-reader.ts'
import { ANYWHERE } from '../data/missing-marks.ts'
import { type QueryEngine, quoted } from './query-engine.ts'
import { rawName } from './raw-relation.ts'

/** How SQL reads the cells of a column. */
export interface TypedColumn {
  kind: Column['kind']
  /** An expression over the raw column: DOUBLE (times are Unix milliseconds, flags 0 and 1), VARCHAR for words. */
  sql: string
  /** The name of a function that reads what the expression leaves NULL; none for words, of which nothing is left. */
  reader?: string
  /** Whether the expression reads every cell itself, by calling the reader. */
  isComplete: boolean
}

/** An expression counts as quick when it reads so much of what the reader reads. */
const MIN_COVERAGE = 0.5
/** Cells that expressions are tried on; the chosen one is then checked on the whole sample. */
const TRIED_CELLS = 4_000
/** Values that stand for "nothing here" (-999): more are none. */
const MAX_SENTINELS = 5
/** Words of a column that are read by a list. */
const MAX_LISTED = 40
const MAX_AFFIXES = 4

/**
 * Finds, for each column, an expression of SQL that reads its cells as its reader does: proved on every cell of the sample, so that
 * what it reads is right; what it does not read goes to the reader itself.
 *
 * @param engine with a table `sample` of raw columns
 */
export async function typedColumns(
  engine: QueryEngine,
  columns: readonly { column: Column; read: ColumnRead }[],
): Promise<TypedColumn[]> {
  const typed: TypedColumn[] = []
  for (const [index, { column, read }] of columns.entries()) {
    typed.push(await typedColumn(engine, { index, column, read }))
  }
  return typed
}

interface Place {
  index: number
  column: Column
  read: ColumnRead
}

async function typedColumn(engine: QueryEngine, place: Place): Promise<TypedColumn> {
  const { index, column, read } = place
  const { kind } = column
  const raw = rawName(index)
  if (kind === 'category' || kind === 'text' || kind === 'empty')
    return { kind, sql: wordsSql(raw, read), isComplete: true }
  const reader = `read_${raw}`
  engine.addFunction(reader, (text) => numberOf(read(text)))
  for (const expression of candidatesFor(place, { raw, texts: await someTexts(engine, raw) })) {
    const proved = await proveOn(engine, { raw, reader, expression })
    if (proved) return { kind, sql: proved, reader, isComplete: false }
  }
  return { kind, sql: `${reader}(${raw})`, reader, isComplete: true }
}

function numberOf(cell: ReturnType<ColumnRead>): number | null {
  if (cell === 'malformed') return null
  const { value } = cell
  if (typeof value === 'boolean') return value ? 1 : 0
  return typeof value === 'number' && Number.isFinite(value) ? value : null
}

async function someTexts(engine: QueryEngine, raw: string): Promise<string[]> {
  const rows = await engine.rows(
    `SELECT DISTINCT ${raw} FROM (SELECT ${raw} FROM sample WHERE ${raw} IS NOT NULL LIMIT ${TRIED_CELLS})`,
  )
  return rows.map(([text]) => String(text))
}

/** The expression, with sentinels made NULL, where it contradicts the reader nowhere; undefined otherwise. */
async function proveOn(
  engine: QueryEngine,
  { raw, reader, expression }: { raw: string; reader: string; expression: string },
): Promise<string | undefined> {
  const check = async (sql: string, limit: string) => {
    const [answer] = await engine.rows(`
      SELECT count(*) FILTER (e IS NOT NULL AND r IS NOT NULL AND e <> r), count(*) FILTER (e IS NOT NULL AND r IS NOT NULL),
        count(r), list(DISTINCT e) FILTER (e IS NOT NULL AND r IS NULL)
      FROM (SELECT ${sql} AS e, ${reader}(${raw}) AS r FROM sample WHERE ${raw} IS NOT NULL ${limit})`)
    const [wrong, both, present, extra] = answer as [number, number, number, number[] | null]
    return { wrong, both, present, extra: extra ?? [] }
  }
  const tried = await check(expression, `LIMIT ${TRIED_CELLS}`)
  if (tried.wrong > 0 || tried.both === 0 || tried.both < MIN_COVERAGE * tried.present) return undefined
  const all = await check(expression, '')
  if (all.wrong > 0 || all.extra.length > MAX_SENTINELS) return undefined
  if (all.extra.length === 0) return expression
  return `CASE WHEN (${expression}) NOT IN (${all.extra.join(', ')}) THEN ${expression} END`
}

/** Expressions to try, quickest first. */
function candidatesFor(
  { column: { kind }, read }: Place,
  { raw, texts }: { raw: string; texts: readonly string[] },
): string[] {
  const listed = texts.length <= MAX_LISTED
  if (kind === 'boolean') return listed ? flagsIn(raw, { texts, read }) : []
  if (kind === 'temporal') return timesIn(raw)
  const bare = affixesOf(texts)
  return [
    ...numbersIn(raw),
    ...(bare && !listed ? numbersIn(`regexp_extract(${raw}, ${quoted(bare)}, 1)`) : []),
  ]
}

/** Each word that stands for yes or no. */
function flagsIn(raw: string, { texts, read }: { texts: readonly string[]; read: ColumnRead }): string[] {
  const words = texts.flatMap((text) => {
    const flag = numberOf(read(text))
    return flag === null ? [] : [`WHEN ${quoted(text)} THEN ${flag}.0::DOUBLE`]
  })
  return words.length === 0 ? [] : [`CASE ${raw} ${words.join(' ')} END`]
}

/** Plain, with commas between thousands, with a comma for decimals. */
function numbersIn(text: string): string[] {
  return [
    `CASE WHEN isfinite(TRY_CAST(${text} AS DOUBLE)) THEN TRY_CAST(${text} AS DOUBLE) END`,
    `CASE WHEN regexp_full_match(${text}, '[+-]?([0-9]+|[0-9]{1,3}(,[0-9]{3})+)([.][0-9]*)?') THEN TRY_CAST(replace(${text}, ',', '') AS DOUBLE) END`,
    `CASE WHEN regexp_full_match(${text}, '[+-]?([0-9]+|[0-9]{1,3}([.][0-9]{3})+)(,[0-9]*)?') THEN TRY_CAST(replace(replace(${text}, '.', ''), ',', '.') AS DOUBLE) END`,
  ]
}

/** A pattern that takes off what stands before and behind the numbers of a column; undefined where nothing or too much does. */
function affixesOf(texts: readonly string[]): string | undefined {
  const before = new Set<string>()
  const behind = new Set<string>()
  for (const text of texts) {
    const found = /^\s*([^\d\s+\-.,()<>]*)\s*[+-]?[\d.,]*\d\s*([^\d.,]*)$/u.exec(text)
    if (!found) continue
    before.add(found[1]!.trim())
    behind.add(found[2]!.trim())
  }
  for (const set of [before, behind]) set.delete('')
  if (before.size + behind.size === 0 || before.size + behind.size > MAX_AFFIXES) return undefined
  const either = (set: ReadonlySet<string>) =>
    set.size === 0
      ? ''
      : `(?:${[...set].map((affix) => affix.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')).join('|')})?`
  return `^\\s*${either(before)}\\s*([+-]?[0-9.,]+)\\s*${either(behind)}\\s*$`
}

const DATES = [
  '%Y-%m-%d',
  '%d.%m.%Y',
  '%d/%m/%Y',
  '%m/%d/%Y',
  '%d-%m-%Y',
  '%m-%d-%Y',
  '%Y/%m/%d',
  '%Y%m%d',
] as const
const WORDED = ['%d-%b-%Y', '%d %b %Y', '%b %d, %Y', '%b %d %Y', '%d %B %Y', '%B %d, %Y'] as const
const TIMES = [' %H:%M:%S', ' %H:%M', ' %I:%M:%S %p', ' %I:%M %p'] as const
const DAY_MS = 86_400_000

function timesIn(raw: string): string[] {
  return [
    `epoch_ms(TRY_CAST(${raw} AS TIMESTAMP))`,
    `epoch_ms(TRY_CAST(${raw} AS TIMESTAMPTZ))`,
    ...[...DATES, ...WORDED].map((format) => `epoch_ms(try_strptime(${raw}, '${format}'))`),
    ...DATES.flatMap((date) => TIMES.map((time) => `epoch_ms(try_strptime(${raw}, '${date}${time}'))`)),
    `TRY(epoch_ms(make_timestamp(TRY_CAST(${raw} AS BIGINT), 1, 1, 0, 0, 0)))`,
    `1000 * TRY_CAST(${raw} AS DOUBLE)`,
    `TRY_CAST(${raw} AS DOUBLE)`,
    `(TRY_CAST(${raw} AS DOUBLE) - 25569) * ${DAY_MS}`,
  ].map((sql) => `CAST(${sql} AS DOUBLE)`)
}

/** What may say that nothing is there, in both spellings; those that are words in this column stay. */
function wordsSql(raw: string, read: ColumnRead): string {
  const marks = [...ANYWHERE]
    .flatMap((mark) => [mark, mark.toUpperCase()])
    .filter((mark) => {
      const cell = read(mark)
      return cell !== 'malformed' && cell.value === null
    })
  const text = `trim(${raw})`
  // Not IN: DuckDB makes a join of it, that all columns of all rows go through, one for each column of words.
  return `CASE WHEN NOT list_contains([${['', ...marks].map(quoted).join(', ')}], ${text}) THEN ${text} END`
}

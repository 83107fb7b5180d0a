import {
  type Inferred,
  MIN_FIT,
  MISSING,
  mixedNotes,
  type PresentCells,
  readColumn,
  sampleOf,
  textsOf,
} from './column-reader.ts'
import type { Instant } from './instant.ts'
import type { PresentCell } from './missing-marks.ts'
import { pointedMonths } from './pointed-month.ts'
import { finestOf, TEMPORAL_FORMATS, type TemporalFormat } from './temporal-cell.ts'
import { temporalFormatOf } from './temporal-format.ts'
import { zoneText } from './time-zone.ts'

const DAY_MS = 86_400_000
const YEAR_MS = 365.25 * DAY_MS
/** Dates this far from all others, in lengths of their period and in years, are slips: 2203 among 2023. */
const FAR = { periods: 5, years: 20, maxShare: 0.03, minDates: 12 } as const

/** Written by databases for "no date". */
const ZERO_DATE = /^0{1,4}[-/.]0{1,2}[-/.]0{1,4}(?:[T ]00:00(?::00(?:\.0+)?)?)?$/
const BIRTH_NAME = /birth|born|\bdob\b|geboren|geburt|naissance|nacimiento|nascita/i
/** Nobody was born later than this: two digits of a birth are of the century before. */
const LATEST_BIRTH_MS = Date.UTC(2030, 0, 1)

/** Times, dates and weeks by the format that most cells have, and by others that leave no doubt. Pure. */
export function readTimes(
  name: string,
  present: PresentCells,
): Inferred | { notes: string[]; column?: undefined } {
  const texts = textsOf(sampleOf(present))
  const zeros = new Set(texts.filter((cell) => ZERO_DATE.test(cell)))
  const dates = zeros.size === 0 ? texts : texts.filter((cell) => !zeros.has(cell))
  const { format, ambiguous } = temporalFormatOf(dates)
  const read = format && readWritten(name, zeros.size === 0 ? present : withoutZeros(present), format)
  if (read && zeros.size === 0) return read
  if (read) return { ...read, ...zeroDates(name, present, read) }
  const isMixed = !ambiguous && mixesOrders(dates)
  if (ambiguous || isMixed)
    return {
      notes: [
        `"${name}": days and months cannot be told apart${isMixed ? ' in all cells' : ''}, so the dates are kept as text.`,
      ],
    }
  return { notes: nearlyDates(name, present, format) }
}

/** Months that are numbers by their shape, such as `07.2023`, or numbers such as 2023.07 in JSON; undefined for any other column. Pure. */
export function readPointedMonths(name: string, present: PresentCells): Inferred | undefined {
  const first = present.find((cell) => cell !== null)
  if (first === undefined || !POINTED.test(String(first))) return undefined
  const texts = present.map(asPointed)
  const cells = texts.filter((cell) => cell !== null)
  const format = cells.every((cell) => typeof cell === 'string') ? pointedMonths(name, cells) : undefined
  const read = format && readWritten(name, texts, format)
  return (
    read && {
      ...read,
      notes: [`"${name}" is read as months (${format.name}).`, ...read.notes],
      read: (cell) => read.read(asPointed(cell)!),
    }
  )
}

const POINTED = /^\d{1,4}\.\d{1,4}$/

function asPointed(cell: PresentCell | null): PresentCell | null {
  return typeof cell === 'number' ? String(cell) : cell
}

function withoutZeros(present: PresentCells): PresentCells {
  return present.map((cell) => (typeof cell === 'string' && ZERO_DATE.test(cell) ? null : cell))
}

function zeroDates(
  name: string,
  present: PresentCells,
  read: Inferred,
): Pick<Inferred, 'notes' | 'marks' | 'read'> {
  const zeros = present.filter((cell) => typeof cell === 'string' && ZERO_DATE.test(cell))
  return {
    notes: [
      ...read.notes,
      `"${name}": ${zeros.length} of ${present.length} cells hold ${zeros[0]} and count as missing.`,
    ],
    marks: new Set(zeros.map(String)),
    read: (cell) => (typeof cell === 'string' && ZERO_DATE.test(cell) ? MISSING : read.read(cell)),
  }
}

/** A column of words that holds dates too says how many. */
function nearlyDates(name: string, present: PresentCells, format: TemporalFormat | undefined): string[] {
  if (!format) return []
  const isDate = (cell: PresentCell | null) => typeof cell === 'string' && format.read(cell) !== undefined
  return mixedNotes(name, present, { fits: isDate, what: 'dates' })
}

/** `isOther`: in another format than most. */
type ReadInstant = Instant & { isOther?: boolean }

/** How the cells of a column are read as times: decided once, for all of them. */
interface TimeReading {
  instantOf(cell: PresentCell): ReadInstant | undefined
  /** All times are midnight of their zone: they are days there. */
  areLocalDays: boolean
}

function timeReading(name: string, texts: readonly string[], format: TemporalFormat): TimeReading {
  const others = TEMPORAL_FORMATS.filter(({ isClear, name: other }) => isClear && other !== format.name)
  const isBirth = BIRTH_NAME.test(name.replaceAll('_', ' '))
  const inOtherFormat = (cell: string): ReadInstant | undefined => {
    const found = others.map((other) => other.read(cell)).find((instant) => instant !== undefined)
    return found && { ...found, isOther: true }
  }
  const instantOf = (cell: PresentCell): ReadInstant | undefined => {
    if (typeof cell !== 'string') return undefined
    const found = format.read(cell) ?? (format.looksLike(cell) ? undefined : inOtherFormat(cell))
    return found && isBirth && found.hasShortYear && found.ms >= LATEST_BIRTH_MS
      ? centuryBefore(found)
      : found
  }
  const sample = texts.flatMap((cell) => instantOf(cell) ?? [])
  const areLocalDays =
    sample.some(({ zoneMs = 0 }) => zoneMs !== 0) &&
    sample.every(({ ms, zoneMs = 0 }) => (ms + zoneMs) % DAY_MS === 0)
  const local = (cell: PresentCell) => {
    const found = instantOf(cell)
    return found && { ...found, ms: found.ms + (found.zoneMs ?? 0) }
  }
  return { instantOf: areLocalDays ? local : instantOf, areLocalDays }
}

function centuryBefore<T extends Instant>(instant: T): T {
  const date = new Date(instant.ms)
  return { ...instant, ms: date.setUTCFullYear(date.getUTCFullYear() - 100) }
}

function readWritten(name: string, present: PresentCells, format: TemporalFormat): Inferred | undefined {
  const instants: (Instant & { row: number })[] = []
  const impossible: string[] = []
  let otherwise = 0
  const { instantOf, areLocalDays } = timeReading(name, textsOf(sampleOf(present)), format)
  const column = readColumn({ name, kind: 'temporal' }, present, (cell, row) => {
    const instant = instantOf(cell)
    if (!instant) {
      if (typeof cell === 'string' && format.looksLike(cell)) impossible.push(cell)
      return undefined
    }
    if (instant.isOther) otherwise++
    instants.push({ ...instant, row })
    return instant.ms
  })
  if (!column) return undefined
  const { far, isFar } = farDates(instants)
  const values = [...column.values]
  for (const { row: at } of far) values[at] = null
  const kept = far.length === 0 ? instants : instants.filter((instant) => !far.includes(instant))
  return {
    column: { ...column, values, granularity: finestOf(kept) },
    notes: [
      ...impossibleNotes(name, impossible),
      ...farNotes(name, far, present),
      ...(otherwise > 0
        ? [`"${name}": ${otherwise} dates are written in another way than the others, and read.`]
        : []),
      ...zoneNotes(name, instants, areLocalDays),
      ...shortYearNotes(name, instants, format),
    ],
    read(cell) {
      const instant = instantOf(cell)
      if (!instant) return 'malformed'
      return isFar(instant.ms) ? MISSING : { value: instant.ms }
    },
  }
}

function zoneNotes(name: string, instants: readonly Instant[], areLocalDays: boolean): string[] {
  const zones = new Set<number | undefined>()
  for (const { zoneMs, granularity } of instants) if (granularity === 'time') zones.add(zoneMs)
  const told = [...zones].filter((zone) => zone !== undefined).sort((a, b) => a - b)
  if (told.length === 0 || (zones.size === 1 && told[0] === 0)) return []
  const shown = `${told.slice(0, 4).map(zoneText).join(', ')}${told.length > 4 ? ', …' : ''}`
  const zone = told.length === 1 ? `the zone ${shown}` : `${told.length} zones (${shown})`
  if (areLocalDays) return [`"${name}": all times are midnight in ${zone}, and are read as the days there.`]
  const without = instants.filter(
    ({ zoneMs, granularity }) => granularity === 'time' && zoneMs === undefined,
  ).length
  const rest = without === 0 ? '' : `; ${without} of them name no zone and count as UTC`
  return [`"${name}": the times are of ${zone} and were brought to UTC${rest}.`]
}

function shortYearNotes(name: string, instants: readonly Instant[], format: TemporalFormat): string[] {
  const short = instants.filter(({ hasShortYear }) => hasShortYear).length
  if (short === 0) return []
  const order = format.name === 'YY-MM-DD' ? ', and stand first' : ''
  const years = instants.map(({ ms }) => new Date(ms).getUTCFullYear())
  const [from, to] = [years.reduce((a, b) => Math.min(a, b)), years.reduce((a, b) => Math.max(a, b))]
  return [
    `"${name}": the years have two digits${order}; they are read as ${from === to ? from : `${from} to ${to}`}.`,
  ]
}

function impossibleNotes(name: string, impossible: readonly string[]): string[] {
  if (impossible.length === 0) return []
  const isOne = impossible.length === 1
  return [
    `"${name}": ${isOne ? '1 date does' : `${impossible.length} dates do`} not exist (${impossible[0]}) and ${isOne ? 'counts' : 'count'} as missing.`,
  ]
}

function farNotes(name: string, far: readonly { row: number }[], present: PresentCells): string[] {
  if (far.length === 0) return []
  const shown = far
    .slice(0, 3)
    .map(({ row }) => `${present[row]} in row ${row + 1}`)
    .join(', ')
  const isOne = far.length === 1
  return [
    `"${name}": ${isOne ? '1 date lies' : `${far.length} dates lie`} decades from all others (${shown}) and ${isOne ? 'counts' : 'count'} as missing.`,
  ]
}

/** The few dates at either end that lie far from the middle nine tenths, and which others would. */
function farDates<T extends Instant>(instants: readonly T[]): { far: T[]; isFar(ms: number): boolean } {
  const none = { far: [], isFar: () => false }
  if (instants.length < FAR.minDates) return none
  const sorted = Float64Array.from(instants, ({ ms }) => ms).sort()
  const maxFar = Math.max(2, Math.floor(FAR.maxShare * sorted.length))
  const low = sorted[maxFar]!
  const high = sorted[sorted.length - 1 - maxFar]!
  const reach = Math.max(FAR.periods * (high - low), FAR.years * YEAR_MS)
  const isFar = (ms: number) => ms < low - reach || ms > high + reach
  const far = instants.filter(({ ms }) => isFar(ms))
  return far.length <= maxFar ? { far, isFar } : none
}

/** Every cell is a date with numbers for day and month, some in one order and some in the other. */
function mixesOrders(texts: readonly string[]): boolean {
  const slashed = TEMPORAL_FORMATS.filter(({ isClear }) => !isClear)
  const fitting = texts.filter((cell) => slashed.some(({ parse }) => parse(cell) !== undefined))
  return texts.length > 0 && fitting.length >= MIN_FIT * texts.length
}

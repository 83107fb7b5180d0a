import {
  type Inferred,
  MIN_FIT,
  MISSING,
  type PresentCells,
  readColumn,
  sampleOf,
  textsOf,
} from './column-reader.ts'
import type { PresentCell } from './missing-marks.ts'
import {
  finestOf,
  type Instant,
  TEMPORAL_FORMATS,
  type TemporalFormat,
  temporalFormatOf,
} from './temporal-cell.ts'

const DAY_MS = 86_400_000
const YEAR_MS = 365.25 * DAY_MS
/** Dates this far from all others, in lengths of their period and in years, are slips: 2203 among 2023. */
const FAR = { periods: 5, years: 20, maxShare: 0.03, minDates: 12 } as const

/** Times, dates and weeks by the format that most cells have, and by others that leave no doubt. Pure. */
export function readTimes(
  name: string,
  present: PresentCells,
): Inferred | { notes: string[]; column?: undefined } {
  const texts = textsOf(sampleOf(present))
  const { format, ambiguous } = temporalFormatOf(texts)
  const read = format && readWritten(name, present, format)
  if (read) return read
  const isMixed = !ambiguous && mixesOrders(texts)
  if (ambiguous || isMixed)
    return {
      notes: [
        `"${name}": days and months cannot be told apart${isMixed ? ' in all cells' : ''}, so the dates are kept as text.`,
      ],
    }
  return { notes: [] }
}

function readWritten(name: string, present: PresentCells, format: TemporalFormat): Inferred | undefined {
  const instants: (Instant & { row: number })[] = []
  const impossible: string[] = []
  const others = TEMPORAL_FORMATS.filter(({ isClear, name: other }) => isClear && other !== format.name)
  let otherwise = 0
  const instantOf = (cell: PresentCell): Instant | undefined => {
    if (typeof cell !== 'string') return undefined
    const instant = format.read(cell)
    if (instant || format.looksLike(cell)) return instant
    return others.map((other) => other.read(cell)).find((found) => found !== undefined)
  }
  const column = readColumn({ name, kind: 'temporal' }, present, (cell, row) => {
    const instant = instantOf(cell)
    const isUsual = typeof cell === 'string' && format.looksLike(cell)
    if (!instant && isUsual) impossible.push(cell)
    if (instant && !isUsual) otherwise++
    if (instant) instants.push({ ...instant, row })
    return instant?.ms
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
    ],
    read(cell) {
      const instant = instantOf(cell)
      if (!instant) return 'malformed'
      return isFar(instant.ms) ? MISSING : { value: instant.ms }
    },
  }
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
  const sorted = instants.map(({ ms }) => ms).sort((a, b) => a - b)
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

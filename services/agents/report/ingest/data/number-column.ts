import type { Column } from '#schemas/document.ts'
import { INGEST_LIMITS } from '../limits.ts'
import {
  type CellReader,
  type Inferred,
  MIN_FIT,
  MISSING,
  type PresentCells,
  type PresentRead,
  plainColumn,
  readColumn,
  sampleOf,
  textsOf,
} from './column-reader.ts'
import { companionLosses, companionOf, withoutCompanion } from './companion-figure.ts'
import { areCoordinates } from './coordinate-cell.ts'
import { decimalSignOfTexts } from './decimal-sign.ts'
import { areCodes, holdsCodes } from './digit-codes.ts'
import {
  haveFlags,
  haveShares,
  type Measured,
  type Notation,
  OTHER_DECIMAL,
  readMeasured,
  unitOf,
} from './measured-cell.ts'
import type { PresentCell } from './missing-marks.ts'
import { type DecimalSign, parseNumber } from './number-cell.ts'
import { type Bounds, numberNotes } from './number-notes.ts'
import { numericTimeOf } from './numeric-time.ts'
import { sentinelsOf } from './sentinel-values.ts'
import { namesYears, yearMs } from './temporal-cell.ts'
import { unitOfName } from './unit-words.ts'

/** Of so many values less may fit, if a note says so: what is nearly a number is used as one. */
const NEARLY = { fit: 0.75, values: 12, repeatedFit: 0.5, distinctNumbers: 10, maxWords: 3 } as const
/** Of the values that are no numbers, so many may hold digits: `12a` and `A1000` are codes, and so are the others. */
const MAX_CODES = 0.2
const MIN_PLAIN = 1 / 3

/**
 * A column of numbers as people write them: with units, bounds, thousands, sentinels; or of times in numbers. Undefined for words and
 * for digits that name something. Pure.
 *
 * @param fallback how numbers are written elsewhere in the table
 */
export function readNumbers(
  name: string,
  present: PresentCells,
  fallback: DecimalSign,
): Inferred | undefined {
  const sample = sampleOf(present)
  const texts = textsOf(sample)
  if (sample.length === 0 || holdsCodes(present) || areCodes(name, texts)) return undefined
  const notation = notationOf(name, texts, fallback)
  const measure = (cell: PresentCell): Measured | undefined => {
    if (typeof cell === 'string') return readMeasured(cell, notation)
    return typeof cell === 'number' && Number.isFinite(cell) ? { value: cell } : undefined
  }
  const marks = wordsAmongNumbers(present, sample, measure)
  const numbers = marks.size === 0 ? present : present.map((cell) => (marks.has(String(cell)) ? null : cell))
  const count = numbers.reduce<number>((sum, cell) => sum + (cell === null ? 0 : 1), 0)
  const minFit = count >= NEARLY.values && !areCodesLeft(sample, measure) ? NEARLY.fit : MIN_FIT
  const column = readColumn({ name, kind: 'number', minFit }, numbers, (cell) => measure(cell)?.value)
  if (!column) return undefined
  const read: PresentRead = (cell) =>
    marks.size > 0 && marks.has(String(cell)) ? MISSING : (measure(cell) ?? 'malformed')
  const times = timesOf(column, read)
  if (times) return { ...times, marks }
  const bounds = boundsOf(numbers, measure)
  if (bounds.below.length + bounds.above.length > (1 - MIN_PLAIN) * count) return undefined
  return described(column, { notation, bounds, marks, count, cells: present, read })
}

/** How the numbers of a column are written, by a sample of its cells. */
function notationOf(name: string, texts: readonly string[], fallback: DecimalSign): Notation {
  if (areCoordinates(name, texts)) return { decimal: fallback, unit: '°', areCoordinates: true }
  const companion = companionOf(texts)
  const firsts = companion ? texts.map((cell) => withoutCompanion(cell, companion)) : texts
  const decimal = decimalSignOfTexts(firsts) ?? fallback
  const unit = unitOf(name, firsts)
  return {
    decimal,
    ...unit,
    companion,
    hasOtherDecimals: firsts.some(
      (cell) => OTHER_DECIMAL.test(cell) && parseNumber(cell, decimal) === undefined,
    ),
    hasFlags: unit.unit === undefined && haveFlags(firsts),
    hasShares: unit.unit === '%' && haveShares(firsts, decimal),
  }
}

/** Words that come again in a column of many numbers: `pending`, `n/m`. */
function wordsAmongNumbers(
  present: PresentCells,
  sample: readonly PresentCell[],
  measure: (cell: PresentCell) => Measured | undefined,
): Set<string> {
  const others = sample.filter((cell) => measure(cell) === undefined)
  const fit = 1 - others.length / sample.length
  if (others.length === 0 || fit >= MIN_FIT || fit < NEARLY.repeatedFit) return new Set()
  const numbers = new Set(sample.map((cell) => measure(cell)?.value))
  const words = new Set(others.map(String))
  const areFew = words.size <= NEARLY.maxWords && others.length >= 2 * words.size
  const areWords = [...words].every((word) => !/\d/.test(word))
  const isMeasure = numbers.size > NEARLY.distinctNumbers && present.length >= NEARLY.values
  return areFew && areWords && isMeasure ? words : new Set()
}

function areCodesLeft(
  sample: readonly PresentCell[],
  measure: (cell: PresentCell) => Measured | undefined,
): boolean {
  const others = sample.filter((cell) => measure(cell) === undefined)
  return others.filter((cell) => /\d/.test(String(cell))).length > MAX_CODES * others.length
}

/** Years, and numbers that tell the time by their name and range. */
function timesOf(column: Column, readNumber: PresentRead): Inferred | undefined {
  const { name, values, malformed, malformedCount } = column
  if (namesYears(name)) {
    const years = readColumn({ name, kind: 'temporal' }, values, (cell) => yearMs(Number(cell)))
    if (years) {
      const column: Column = { ...withMalformed(years, { malformed, malformedCount }), granularity: 'year' }
      return { column, notes: [], read: thenRead(readNumber, yearMs) }
    }
  }
  if (malformedCount > 0) return undefined
  const time = numericTimeOf(
    name,
    values.filter((value): value is number => typeof value === 'number'),
  )
  if (!time) return undefined
  const toMs: CellReader = (cell) => {
    const ms = time.toMs(Number(cell))
    return Number.isFinite(ms) ? ms : undefined
  }
  const read = readColumn({ name, kind: 'temporal' }, values, toMs) ?? plainColumn(name, 'temporal', [])
  const first = read.malformed[0]
  const slips = first
    ? [
        `"${name}": ${read.malformedCount === 1 ? '1 date does' : `${read.malformedCount} dates do`} not exist (${first.value}) and ${read.malformedCount === 1 ? 'counts' : 'count'} as missing.`,
      ]
    : []
  return {
    column: { ...read, granularity: time.granularity },
    notes: [`"${name}" is read as ${time.name}.`, ...slips],
    read: thenRead(readNumber, (value) => {
      const ms = time.toMs(value)
      return Number.isFinite(ms) ? ms : undefined
    }),
  }
}

/** Cells that are no numbers, and numbers that are no times. */
function withMalformed(column: Column, before: Pick<Column, 'malformed' | 'malformedCount'>): Column {
  const malformed = [...before.malformed, ...column.malformed]
    .sort((a, b) => a.row - b.row)
    .slice(0, INGEST_LIMITS.malformedShown)
  return { ...column, malformed, malformedCount: before.malformedCount + column.malformedCount }
}

function thenRead(readNumber: PresentRead, toMs: (value: number) => number | undefined): PresentRead {
  return (cell) => {
    const number = readNumber(cell)
    if (number === 'malformed' || number.value === null) return number
    const value = toMs(Number(number.value))
    return value === undefined ? 'malformed' : { value }
  }
}

/** Most cells begin and end with a digit, and need no second look. */
function mayBeBound(cell: string): boolean {
  return isNumeral(cell.charCodeAt(cell.length - 1))
    ? !isNumeral(cell.charCodeAt(0)) && !/^[-.]/.test(cell)
    : /[+\p{L}]$|^[<>≤≥]/u.test(cell)
}

function isNumeral(code: number): boolean {
  return code >= 48 && code <= 57
}

function boundsOf(cells: PresentCells, measure: (cell: PresentCell) => Measured | undefined): Bounds {
  const bounds: Bounds = { below: [], above: [] }
  for (const [row, cell] of cells.entries()) {
    const bound = typeof cell === 'string' && mayBeBound(cell) ? measure(cell)?.bound : undefined
    if (bound) bounds[bound].push(row + 1)
  }
  return bounds
}

function described(
  column: Column,
  about: {
    notation: Notation
    bounds: Bounds
    marks: ReadonlySet<string>
    count: number
    cells: PresentCells
    read: PresentRead
  },
): Inferred {
  const { name } = column
  const { notation, bounds, count, cells } = about
  const sentinels = sentinelsOf(name, column.values)
  const isSentinel = new Set(sentinels.map(({ value }) => value))
  const values =
    sentinels.length === 0
      ? column.values
      : column.values.map((value) => (isSentinel.has(value as number) ? null : value))
  const marks = new Set(about.marks)
  for (const [row, value] of sentinels.length > 0 ? column.values.entries() : [])
    if (isSentinel.has(value as number)) marks.add(String(cells[row]))
  const unit = notation.unit ?? (notation.mixedUnits ? undefined : unitOfName(name))
  const isCensored = bounds.below.length + bounds.above.length > 0
  return {
    column: {
      ...column,
      values,
      ...(unit !== undefined && { unit }),
      ...(isCensored && { censored: bounds }),
    },
    notes: [
      ...numberNotes(column, { notation, bounds, count, cells }),
      ...sentinels.map(
        ({ value, count: times }) =>
          `"${name}": ${value} stands in ${times} of ${values.length} rows, far from all other values; it counts as missing.`,
      ),
    ],
    marks,
    losses: notation.companion ? companionLosses(name, cells, notation.companion) : [],
    read:
      sentinels.length === 0
        ? about.read
        : (cell) => {
            const found = about.read(cell)
            return found !== 'malformed' && isSentinel.has(found.value as number) ? MISSING : found
          },
  }
}

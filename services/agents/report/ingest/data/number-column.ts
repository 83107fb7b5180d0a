import type { Column } from '#schemas/document.ts'
import { nameTokens } from '../../structure/name-tokens.ts'
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
import {
  FLAG,
  haveFlags,
  haveShares,
  type Measured,
  type Notation,
  readMeasured,
  unitOf,
} from './measured-cell.ts'
import type { PresentCell } from './missing-marks.ts'
import { type DecimalSign, isDigitCode } from './number-cell.ts'
import { numericTimeOf } from './numeric-time.ts'
import { sentinelsOf } from './sentinel-values.ts'
import { namesYears, yearMs } from './temporal-cell.ts'
import { unitOfName } from './unit-words.ts'

/** Of so many values less may fit, if a note says so: what is nearly a number is used as one. */
const NEARLY = { fit: 0.75, values: 12, repeatedFit: 0.5, distinctNumbers: 10, maxWords: 3 } as const
/** Of the values that are no numbers, so many may hold digits: `12a` and `A1000` are codes, and so are the others. */
const MAX_CODES = 0.2
const MIN_PLAIN = 1 / 3
const VERSION_NAME = /(?:^|[\s_-])(?:version|release|ver)$/i
/** Words of names whose columns hold codes as soon as one cell is more than digits: `12345-6789`, `301409350X`. */
const CODE_NAMES = new Set(
  'zip zipcode postal postcode plz phone telephone tel mobile fax isbn issn ean upc gtin iban bic swift ssn vat sku cusip isin imei vin plate hash sha md5 uuid guid ip mac iccid'.split(
    ' ',
  ),
)
const PHONE = /^\+\d[\d ()/-]{7,}$/

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
  if (sample.length === 0 || holdsCodes(present) || areNames(name, texts)) return undefined
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

/** Telephone numbers and versions look like numbers and are none. */
function areNames(name: string, texts: readonly string[]): boolean {
  if (texts.length === 0) return false
  const holds = (shape: RegExp, share: number) =>
    texts.filter((text) => shape.test(text)).length >= share * texts.length
  if (nameTokens(name).some((token) => CODE_NAMES.has(token)) && texts.some((text) => /\D/.test(text)))
    return true
  // `1234e56` is a hash; powers of ten have one digit before the point.
  if (holds(/^\d{2,}e\d+$/i, MIN_FIT)) return true
  if (VERSION_NAME.test(name.trim())) return texts.every((text) => /^v?\d+(?:\.\d+)+$/i.test(text))
  return holds(PHONE, MIN_FIT)
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

interface Bounds {
  below: number[]
  above: number[]
}

const MAY_BE_BOUND = /^[<>≤≥\p{L}]|[+\p{L}]$/u

function boundsOf(cells: PresentCells, measure: (cell: PresentCell) => Measured | undefined): Bounds {
  const bounds: Bounds = { below: [], above: [] }
  for (const [row, cell] of cells.entries()) {
    const bound = typeof cell === 'string' && MAY_BE_BOUND.test(cell) ? measure(cell)?.bound : undefined
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
      ...unitNotes(name, notation),
      ...notationNotes(name, notation, cells),
      ...nearlyNotes(column, count),
      ...boundNotes(column, bounds),
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

function unitNotes(name: string, { unit, convertedFrom, mixedUnits, duration }: Notation): string[] {
  if (duration !== undefined) return [`"${name}" holds durations, read as seconds.`]
  if (mixedUnits)
    return [`"${name}" is given in ${mixedUnits.join(' and ')}; the numbers were not converted.`]
  if (convertedFrom)
    return [`"${name}" is given in ${convertedFrom.join(', ')} and ${unit}, and was converted to ${unit}.`]
  return unit === undefined ? [] : [`"${name}" is given in ${unit}; the sign was dropped.`]
}

/** What is said of cells beside plain ones: shares among percentages, letters of a legend. */
function notationNotes(name: string, notation: Notation, cells: PresentCells): string[] {
  const count = (shape: (cell: string) => boolean) =>
    cells.reduce<number>((sum, cell) => sum + (typeof cell === 'string' && shape(cell) ? 1 : 0), 0)
  const notes: string[] = []
  if (notation.unit === '%') {
    const bare = count((cell) => /\d\s*$/.test(cell))
    const what = notation.hasShares
      ? 'are shares of 1 and were multiplied by 100'
      : 'are taken for per cent too'
    if (bare > 0) notes.push(`"${name}": ${bare} of ${cells.length} cells have no %; they ${what}.`)
  }
  if (notation.areCoordinates) notes.push(`"${name}" is read as degrees; south and west are below zero.`)
  if (notation.hasFlags) {
    const flagged = cells.filter((cell) => typeof cell === 'string' && FLAG.test(cell))
    notes.push(
      `"${name}": signs of a legend stand behind ${flagged.length} of ${cells.length} numbers, such as "${flagged[0]}"; they were left out.`,
    )
  }
  return notes
}

function nearlyNotes({ name, values, malformed, malformedCount }: Column, count: number): string[] {
  const first = malformed[0]
  if (!first || malformedCount <= (1 - MIN_FIT) * count) return []
  return [
    `"${name}": ${malformedCount} of ${values.length} cells are no numbers, such as "${first.value}" in row ${first.row}; they count as missing.`,
  ]
}

function boundNotes({ name, values }: Column, { below, above }: Bounds): string[] {
  const count = below.length + above.length
  if (count === 0) return []
  return [
    `"${name}": ${count} of ${values.length} values are only bounds (such as <0.05 or >100) and count as the bound itself.`,
  ]
}

/** Postal codes and the like: some start with 0 and all are equally long, or many start with 0; or they are too long. */
function holdsCodes(present: PresentCells): boolean {
  let codes = 0
  let count = 0
  const lengths = new Set<number>()
  for (const cell of present) {
    if (typeof cell !== 'string') continue
    count++
    if (lengths.size < 2) lengths.add(cell.length)
    const first = cell.charCodeAt(0)
    if ((first === 48 || cell.length > 15) && isDigitCode(cell)) codes++
  }
  return codes > 0 && (lengths.size === 1 || codes >= 0.01 * count)
}

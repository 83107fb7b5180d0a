import type { Column } from '#schemas/document.ts'
import { INGEST_LIMITS } from '../limits.ts'
import { type Measured, type Notation, readMeasured, thousandsNotation, unitOf } from './measured-cell.ts'
import { isMarkAmongNumbers, marksOf, type PresentCell, presentCells, type RawCell } from './missing-marks.ts'
import { type DecimalSign, decimalSignOf, isDigitCode } from './number-cell.ts'
import { numericTimeOf } from './numeric-time.ts'
import { sentinelOf } from './sentinel-values.ts'
import {
  finestOf,
  type Instant,
  namesYears,
  type TemporalFormat,
  temporalFormatOf,
  yearMs,
} from './temporal-cell.ts'

export { presentCell, type RawCell } from './missing-marks.ts'

/** Reads one present cell, or undefined when it does not fit the kind. */
type CellReader = (cell: PresentCell) => PresentCell | undefined
/** A column, and what to say of how it was read. */
interface Inferred {
  column: Column
  notes: string[]
}

/** Share of the present values that must fit; the rest is malformed. */
const MIN_FIT = 0.9
/** Of so many values less may fit, if a note says so: what is nearly a number is used as one. */
const NEARLY = { fit: 0.75, values: 12 } as const
const SAMPLE = 1_000
const BOOLEAN_PAIRS = [
  ['true', 'false'],
  ['yes', 'no'],
  ['ja', 'nein'],
  ['oui', 'non'],
  ['sí', 'no'],
  ['si', 'no'],
] as const
/** Longer values are texts, however often they repeat. */
const CATEGORY_CHARACTERS = 100
const CATEGORY_SHARE = 0.5

/**
 * Decides the kind of a column and reads its values by it. Pure.
 *
 * @param fallback how numbers are written elsewhere in the table, for columns that do not tell
 */
export function inferColumn(name: string, cells: readonly RawCell[], fallback: DecimalSign = '.'): Inferred {
  const { column, notes } = infer(name, presentCells(cells), fallback)
  return { column: { ...column, ...marksOf(cells, column.values) }, notes }
}

function infer(name: string, present: readonly (PresentCell | null)[], fallback: DecimalSign): Inferred {
  const sample = sampleOf(present)
  if (sample.length === 0) return { column: plain(name, 'empty', present), notes: [] }
  const flags = booleanReader(sample)
  const boolean = flags && readAll(name, 'boolean', present, flags, 1)
  if (boolean) return { column: boolean, notes: [] }
  // What says among words that nothing is there may be a word; among numbers and dates it is none.
  const measurable = present.map((cell) => (cell !== null && isMarkAmongNumbers(cell) ? null : cell))
  const number = readNumbers(name, measurable, fallback)
  if (number) return number
  const { format, ambiguous } = temporalFormatOf(textsOf(sampleOf(measurable)))
  const temporal = format && readTimes(name, measurable, format)
  if (temporal) return temporal
  const notes = ambiguous
    ? [`"${name}": days and months cannot be told apart, so the dates are kept as text.`]
    : []
  const column = wordColumn(name, present)
  return { column, notes: column.kind === 'category' ? [...notes, ...spellingNotes(column)] : notes }
}

/** How the numbers of a column are written; null when it does not tell. Pure. */
export function decimalSignOfColumn(cells: readonly RawCell[]): DecimalSign | null {
  const texts = textsOf(sampleOf(presentCells(cells)))
  const grouped = thousandsNotation(texts)
  if (grouped) return grouped
  let balance = 0
  for (const cell of texts) {
    const sign = decimalSignOf(cell)
    if (sign !== null) balance += sign === '.' ? 1 : -1
  }
  if (balance === 0) return null
  return balance > 0 ? '.' : ','
}

function readNumbers(
  name: string,
  present: readonly (PresentCell | null)[],
  fallback: DecimalSign,
): Inferred | undefined {
  const sample = sampleOf(present)
  if (sample.length === 0 || holdsCodes(present)) return undefined
  const decimal = decimalSignOfColumn(sample) ?? fallback
  const notation: Notation = { decimal, ...unitOf(name, textsOf(sample)) }
  const bounds: { below: number[]; above: number[] } = { below: [], above: [] }
  const measure = (cell: PresentCell): Measured | undefined => {
    if (typeof cell === 'string') return readMeasured(cell, notation)
    return typeof cell === 'number' && Number.isFinite(cell) ? { value: cell } : undefined
  }
  const reader: CellReader = (cell) => measure(cell)?.value
  if (!fitsMostly(sample, reader)) return undefined
  const count = present.reduce<number>((sum, cell) => sum + (cell === null ? 0 : 1), 0)
  const column = readAll(name, 'number', present, reader, count >= NEARLY.values ? NEARLY.fit : MIN_FIT)
  if (!column) return undefined
  const times = timesOf(column)
  if (times) return times
  for (const [row, cell] of present.entries()) {
    const bound = typeof cell === 'string' && /^[<>≤≥]/.test(cell) ? measure(cell)?.bound : undefined
    if (bound) bounds[bound].push(row + 1)
  }
  return withFacts(column, {
    unit: notation.unit,
    bounds,
    isNearly: column.malformedCount > (1 - MIN_FIT) * count,
  })
}

/** Years, and numbers that tell the time by their name and range. */
function timesOf(column: Column): Inferred | undefined {
  const { name, values } = column
  if (namesYears(name)) {
    const years = readAll(name, 'temporal', values, (cell) => yearMs(Number(cell)))
    if (years) return { column: { ...years, ...malformedOf(column), granularity: 'year' }, notes: [] }
  }
  if (column.malformedCount > 0) return undefined
  const time = numericTimeOf(
    name,
    values.filter((value): value is number => typeof value === 'number'),
  )
  if (!time) return undefined
  const read = values.map((value) => (typeof value === 'number' ? time.toMs(value) : null))
  return {
    column: { ...plain(name, 'temporal', read), granularity: time.granularity },
    notes: [`"${name}" is read as ${time.name}.`],
  }
}

function malformedOf({ malformed, malformedCount }: Column): Pick<Column, 'malformed' | 'malformedCount'> {
  return { malformed, malformedCount }
}

function withFacts(
  column: Column,
  about: { unit: string | undefined; bounds: { below: number[]; above: number[] }; isNearly: boolean },
): Inferred {
  const { name } = column
  const notes: string[] = []
  const { unit, bounds, isNearly } = about
  if (unit !== undefined && unit !== 's') notes.push(`"${name}" is given in ${unit}; the sign was dropped.`)
  if (isNearly) {
    const { row = 0, value = '' } = column.malformed[0] ?? {}
    notes.push(
      `"${name}": ${column.malformedCount} of ${column.values.length} cells are no numbers, such as "${value}" in row ${row}; they count as missing.`,
    )
  }
  const censored = bounds.below.length + bounds.above.length
  if (censored > 0)
    notes.push(
      `"${name}": ${censored} of ${column.values.length} values are only bounds (such as <0.05 or >100) and count as the bound itself.`,
    )
  const sentinel = sentinelOf(column.values)
  if (sentinel)
    notes.push(
      `"${name}": ${sentinel.value} stands in ${sentinel.count} of ${column.values.length} rows, far from all other values; it counts as missing.`,
    )
  const values = sentinel
    ? column.values.map((value) => (value === sentinel.value ? null : value))
    : column.values
  const facts = {
    ...(unit !== undefined && { unit }),
    ...(censored > 0 && { censored: bounds }),
  }
  return { column: { ...column, values, ...facts }, notes }
}

function readTimes(
  name: string,
  present: readonly (PresentCell | null)[],
  format: TemporalFormat,
): Inferred | undefined {
  const instants: Instant[] = []
  let impossible = 0
  let example = ''
  const column = readAll(name, 'temporal', present, (cell) => {
    const instant = typeof cell === 'string' ? format.read(cell) : undefined
    if (instant) instants.push(instant)
    else if (typeof cell === 'string' && format.looksLike(cell)) {
      impossible++
      if (example === '') example = cell
    }
    return instant?.ms
  })
  if (!column) return undefined
  const notes =
    impossible > 0
      ? [
          `"${name}": ${impossible === 1 ? '1 date does' : `${impossible} dates do`} not exist (${example}) and ${impossible === 1 ? 'counts' : 'count'} as missing.`,
        ]
      : []
  return { column: { ...column, granularity: finestOf(instants) }, notes }
}

/** Postal codes and the like: some start with 0 and all are equally long, or many start with 0; or they are too long. */
function holdsCodes(present: readonly (PresentCell | null)[]): boolean {
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

function booleanReader(sample: readonly PresentCell[]): CellReader | undefined {
  if (sample.every((cell) => typeof cell === 'boolean'))
    return (cell) => (typeof cell === 'boolean' ? cell : undefined)
  const words = new Set<string>()
  for (const cell of sample) {
    words.add(String(cell).toLowerCase())
    if (words.size > 2) return undefined
  }
  const pair = BOOLEAN_PAIRS.find(([yes, no]) => [...words].every((word) => word === yes || word === no))
  if (!pair) return undefined
  return (cell) => {
    const word = String(cell).toLowerCase()
    return word === pair[0] ? true : word === pair[1] ? false : undefined
  }
}

/** The column by one reader, or undefined when too little fits. */
function readAll(
  name: string,
  kind: Column['kind'],
  present: readonly (PresentCell | null)[],
  reader: CellReader,
  minFit = MIN_FIT,
): Column | undefined {
  const malformed: Column['malformed'] = []
  let malformedCount = 0
  let count = 0
  const values = present.map((cell, row) => {
    if (cell === null) return null
    count++
    const value = reader(cell)
    if (value !== undefined) return value
    malformedCount++
    if (malformed.length < INGEST_LIMITS.malformedShown) malformed.push({ row: row + 1, value: shown(cell) })
    return null
  })
  if (count - malformedCount < minFit * count) return undefined
  return { name, kind, values, malformed, malformedCount }
}

function wordColumn(name: string, present: readonly (PresentCell | null)[]): Column {
  const words = present.map((cell) => (cell === null ? null : String(cell)))
  const distinct = new Set<string>()
  let count = 0
  let longest = 0
  for (const word of words) {
    if (word === null) continue
    count++
    distinct.add(word)
    longest = Math.max(longest, word.length)
  }
  const repeats = distinct.size === 1 || distinct.size <= CATEGORY_SHARE * count
  return plain(name, repeats && longest <= CATEGORY_CHARACTERS ? 'category' : 'text', words)
}

/** Values that differ only in capitals and blanks: told, and not joined, since nobody knows. */
function spellingNotes({ name, values }: Column): string[] {
  const spellings = new Map<string, Set<string>>()
  for (const value of values) {
    if (typeof value !== 'string') continue
    const folded = value.normalize('NFKC').toLowerCase().replace(/\s+/g, ' ').trim()
    spellings.set(folded, (spellings.get(folded) ?? new Set()).add(value))
  }
  const differing = [...spellings.values()].filter((written) => written.size > 1)
  const [first] = differing
  if (!first) return []
  const [one, other] = [...first]
  return [
    `"${name}": ${differing.length === 1 ? '1 value is' : `${differing.length} values are`} spelt in several ways ("${one}", "${other}") and ${differing.length === 1 ? 'counts' : 'count'} as different.`,
  ]
}

function plain(name: string, kind: Column['kind'], values: readonly Column['values'][number][]): Column {
  return { name, kind, values: [...values], malformed: [], malformedCount: 0 }
}

function textsOf(cells: readonly PresentCell[]): string[] {
  return cells.filter((cell) => typeof cell === 'string')
}

/** Up to 1,000 present values, evenly spread. */
function sampleOf(present: readonly (PresentCell | null)[]): PresentCell[] {
  const all = present.filter((cell) => cell !== null)
  if (all.length <= SAMPLE) return all
  const step = all.length / SAMPLE
  return Array.from({ length: SAMPLE }, (_, i) => all[Math.floor(i * step)]!)
}

function fitsMostly(sample: readonly PresentCell[], reader: CellReader): boolean {
  const fitting = sample.reduce<number>((sum, cell) => sum + (reader(cell) === undefined ? 0 : 1), 0)
  // Looser than the decision itself: the sample only spares hopeless columns the full pass.
  return fitting >= 0.7 * sample.length
}

function shown(cell: PresentCell): string {
  const text = String(cell)
  return text.length > 200 ? `${text.slice(0, 199)}…` : text
}

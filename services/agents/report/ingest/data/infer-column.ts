import type { Column } from '#schemas/document.ts'
import { INGEST_LIMITS } from '../limits.ts'
import { type DecimalSign, decimalSignOf, isDigitCode, parseNumber, unitSignOf } from './number-cell.ts'
import { namesYears, temporalFormatOf, yearMs } from './temporal-cell.ts'

/** A cell as it was read: CSV has strings only. */
export type RawCell = string | number | boolean | null

type Value = number | string | boolean
/** Reads one present cell, or undefined when it does not fit the kind. */
type CellReader = (cell: Value) => Value | undefined

const MISSING = new Set(['', 'na', 'n/a', '#n/a', 'n.a.', 'null', 'nan', '-', '–', '—', '?'])
const MAX_MISSING_CHARACTERS = 4
/** Share of the present values that must fit; the rest is malformed. */
const MIN_FIT = 0.9
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

/** Trimmed, and null when it says that nothing is there. Pure. */
export function presentCell(cell: RawCell | undefined): Value | null {
  if (typeof cell === 'number') return Number.isNaN(cell) ? null : cell
  if (typeof cell !== 'string') return cell ?? null
  const text = cell.trim()
  return text.length <= MAX_MISSING_CHARACTERS && MISSING.has(text.toLowerCase()) ? null : text
}

/**
 * Decides the kind of a column and reads its values by it. Pure.
 *
 * @param fallback how numbers are written elsewhere in the table, for columns that do not tell
 */
export function inferColumn(
  name: string,
  cells: readonly RawCell[],
  fallback: DecimalSign = '.',
): { column: Column; notes: string[] } {
  const present = cells.map(presentCell)
  const sample = sampleOf(present)
  if (sample.length === 0) return { column: plain(name, 'empty', present), notes: [] }
  const flags = booleanReader(sample)
  const boolean = flags && readAll(name, 'boolean', present, flags, 1)
  if (boolean) return { column: boolean, notes: [] }
  const number = readNumbers(name, present, sample, fallback)
  if (number) return number
  const { format, ambiguous } = temporalFormatOf(sample.filter((cell) => typeof cell === 'string'))
  const temporal =
    format &&
    readAll(name, 'temporal', present, (cell) => (typeof cell === 'string' ? format.parse(cell) : undefined))
  if (temporal) return { column: temporal, notes: [] }
  const notes = ambiguous
    ? [`"${name}": days and months cannot be told apart, so the dates are kept as text.`]
    : []
  return { column: wordColumn(name, present), notes }
}

/** How the numbers of a column are written; null when it does not tell. Pure. */
export function decimalSignOfColumn(cells: readonly RawCell[]): DecimalSign | null {
  let balance = 0
  for (const cell of sampleOf(cells.map(presentCell))) {
    if (typeof cell !== 'string') continue
    const sign = decimalSignOf(cell)
    if (sign !== null) balance += sign === '.' ? 1 : -1
  }
  if (balance === 0) return null
  return balance > 0 ? '.' : ','
}

function readNumbers(
  name: string,
  present: readonly (Value | null)[],
  sample: readonly Value[],
  fallback: DecimalSign,
): { column: Column; notes: string[] } | undefined {
  if (holdsCodes(present)) return undefined
  const decimal = decimalSignOfColumn(sample) ?? fallback
  const reader: CellReader = (cell) => {
    if (typeof cell === 'string') return parseNumber(cell, decimal)
    return typeof cell === 'number' && Number.isFinite(cell) ? cell : undefined
  }
  if (!fitsMostly(sample, reader)) return undefined
  if (namesYears(name)) {
    const years = readAll(name, 'temporal', present, (cell) => yearMs(Number(reader(cell) ?? Number.NaN)))
    if (years) return { column: years, notes: [] }
  }
  const column = readAll(name, 'number', present, reader)
  return column && { column, notes: unitNotes(name, sample) }
}

function unitNotes(name: string, sample: readonly Value[]): string[] {
  const units = new Set(sample.map((cell) => (typeof cell === 'string' ? unitSignOf(cell) : '')))
  units.delete('')
  if (units.size === 0) return []
  return [`"${name}" is given in ${[...units].join(' and ')}; the sign was dropped.`]
}

/** Postal codes and the like: some start with 0 and all are equally long, or many start with 0; or they are too long. */
function holdsCodes(present: readonly (Value | null)[]): boolean {
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

function booleanReader(sample: readonly Value[]): CellReader | undefined {
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
  present: readonly (Value | null)[],
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

function wordColumn(name: string, present: readonly (Value | null)[]): Column {
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

function plain(name: string, kind: Column['kind'], values: Column['values']): Column {
  return { name, kind, values, malformed: [], malformedCount: 0 }
}

/** Up to 1,000 present values, evenly spread. */
function sampleOf(present: readonly (Value | null)[]): Value[] {
  const all = present.filter((cell) => cell !== null)
  if (all.length <= SAMPLE) return all
  const step = all.length / SAMPLE
  return Array.from({ length: SAMPLE }, (_, i) => all[Math.floor(i * step)]!)
}

function fitsMostly(sample: readonly Value[], reader: CellReader): boolean {
  const fitting = sample.reduce<number>((sum, cell) => sum + (reader(cell) === undefined ? 0 : 1), 0)
  // Looser than the decision itself: the sample only spares hopeless columns the full pass.
  return fitting >= 0.8 * sample.length
}

function shown(cell: Value): string {
  const text = String(cell)
  return text.length > 200 ? `${text.slice(0, 199)}…` : text
}

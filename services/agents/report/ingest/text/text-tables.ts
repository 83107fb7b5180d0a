import { csvText } from '../data/csv-text.ts'
import { alignedTable, isCodeOrContents, isPlausible } from './aligned-table.ts'

/** Lines of a text that are a table, as CSV text that the reader of CSV takes. */
export interface TextTable {
  csv: string
  /** 0-based lines that it was made of, end not included. */
  start: number
  end: number
  /** The names of its columns stand in a comment above it. */
  isNamedByComment: boolean
  /** Where columns were found by their position. */
  byPosition?: { lines: number; misfits: number }
}

type Splitter = (line: string) => string[]

/** Ways to part a line, with the share of cells that must be numbers or dates: what parts prose too has to be surer. */
const SPLITTERS: readonly { splits: Splitter; values: 'none' | 'a column' | 'most' }[] = [
  { splits: (line) => line.split('\t'), values: 'none' },
  { splits: (line) => line.split(';'), values: 'none' },
  { splits: splitAtBars, values: 'none' },
  { splits: splitAtCommas, values: 'a column' },
  { splits: splitAtGaps, values: 'a column' },
  { splits: splitAtSpaces, values: 'most' },
]
/** A heading and two rows. */
const MIN_LINES = 3
/** Titles right above a table that are no part of it. */
const MAX_TITLES = 3
/** `(3 rows)`, and where the figures come from. */
const MAX_FOOTERS = 2
/** A sentence is longer than a cell. */
const MAX_TIGHT_CHARACTERS = 40
/** Words in running lists have single spaces too: there most cells have to be values. */
const MOSTLY = 0.6
/** Share of cells that are no longer than a few words: prose has commas too. */
const SHORT_SHARE = 0.7
const SHORT_WORDS = 4
/** Share of the rows that have a number or a date in the same column. */
const VALUE_SHARE = 0.8
/** Lines that are looked at to choose how they are split; the rest must only keep to it mostly. */
const SAMPLE_LINES = 200
const FIT_SHARE = 0.95
/** Longer lines are no rows of a table that a person aligned. */
const MAX_LINE_CHARACTERS = 10_000
/** Of the frames that programs draw, lines of signs alone. */
const BAR = /[|│┃║┆]/
const FRAMED = /^[|│┃║](.*)[|│┃║]$/
const RULE = /^[\s|+:=\u2500-\u257f-]+$/
const SQL_TYPE =
  /^(?:[iuf](?:8|16|32|64|128)|u?(?:tiny|small|big|huge)?int(?:eger)?\d*|double|float\d*|decimal(?:[([].*)?|varchar|text|str|bool(?:ean)?|date|time|timestamp.*|datetime.*|uuid|json|cat)$/i
const VALUE =
  /^[(+\-−]?\s*[$€£¥]?\s*\d[\d.,:/\-T ]*\s*(?:[%‰°$€£¥)]|[A-Za-zµ°]{1,4})?$|^(?:nan|na|n\/a|-|\.)$/i

/**
 * The runs of lines in a plain text that are a table: each line splits into as many cells as the others, cells are short, and
 * a column holds numbers or dates. Delimiters, aligned columns, and the frames that database shells draw are known. Pure.
 */
export function tablesInText(text: string): TextTable[] {
  const lines = text.split('\n')
  const tables: TextTable[] = []
  for (let start = 0; start < lines.length; ) {
    if (!isRow(lines[start]!)) {
      start++
      continue
    }
    let end = start
    while (end < lines.length && isRow(lines[end]!)) end++
    const table = tableOf(lines, start, end)
    if (table) tables.push(table)
    start = end
  }
  return tables
}

function isRow(line: string): boolean {
  return line.trim() !== '' && !/^\s*#/.test(line) && line.length <= MAX_LINE_CHARACTERS
}

/** Titles above a table and counts below it may touch it. */
function tableOf(lines: readonly string[], start: number, end: number): TextTable | undefined {
  const spare = end - start - MIN_LINES
  for (let last = end; last >= end - Math.min(MAX_FOOTERS, spare); last--) {
    for (let first = start; first <= Math.min(start + MAX_TITLES, last - MIN_LINES); first++) {
      const table = wholeTable(lines, first, last)
      if (table) return table
    }
  }
  return undefined
}

function wholeTable(lines: readonly string[], start: number, end: number): TextTable | undefined {
  const block = withoutTypes(lines.slice(start, end).filter((line) => !RULE.test(line)))
  for (const { splits, values } of SPLITTERS) {
    const width = widthOf(block, splits)
    if (width === undefined) continue
    const sample = block.slice(0, SAMPLE_LINES).map(splits)
    if (values !== 'none' && !holdsValues(sample) && !hasTightCommas(sample, splits)) continue
    if (values === 'most' && !isMostlyValues(sample)) continue
    if (looksOtherwise(block, sample, splits)) continue
    const aligned =
      (splits === splitAtGaps || splits === splitAtSpaces) &&
      block.some((line) => splits(line).length !== width)
        ? tableByPosition(lines, start, end)
        : undefined
    if (aligned) return aligned
    const heading = headingAbove(lines[start - 1], splits, width)
    const rows = heading ? [heading, ...block.map(splits)] : block.map(splits)
    return { csv: csvText(rows), start, end, isNamedByComment: heading !== undefined }
  }
  return tableByPosition(lines, start, end)
}

/** Code, a list of contents, or lines that have several blanks but no columns. */
function looksOtherwise(block: readonly string[], sample: readonly string[][], splits: Splitter): boolean {
  if (splits === splitAtGaps || splits === splitAtSpaces)
    return !isPlausible(sample) || block.filter(isCodeOrContents).length * 2 > block.length
  const inBraces = block.filter((line) => /^\s*[{[].*[}\]][,;]?\s*$/.test(line)).length
  // `x = 1;` is one cell and what ends it.
  const cells = sample.flat()
  // Notes of a guitar.
  const areDrawn = cells.filter((cell) => cell.includes('---')).length * 4 > cells.length
  return (
    areDrawn ||
    inBraces * 2 > block.length ||
    sample.every(([, second, ...more]) => more.length === 0 && (second ?? '').trim() === '')
  )
}

/** Shells name the types of columns below their names. */
function withoutTypes(block: readonly string[]): readonly string[] {
  const types = splitAtBars(block[1] ?? '').map((cell) => cell.trim())
  return types.length > 1 && types.every((type) => SQL_TYPE.test(type)) ? block.toSpliced(1, 1) : block
}

function tableByPosition(lines: readonly string[], start: number, end: number): TextTable | undefined {
  const found = alignedTable(lines.slice(start, end))
  if (!found) return undefined
  const { rows, misfits } = found
  return {
    csv: csvText(rows),
    start,
    end,
    isNamedByComment: false,
    byPosition: { lines: rows.length, misfits },
  }
}

function isMostlyValues(rows: readonly string[][]): boolean {
  const cells = rows.slice(1).flat()
  const values = cells.filter((cell) => VALUE.test(cell)).length
  return values >= MOSTLY * cells.length
}

/** As many cells in nearly all lines, at least two, and most of them short. */
function widthOf(block: readonly string[], splits: Splitter): number | undefined {
  if (block.length < MIN_LINES) return undefined
  const sample = block.slice(0, SAMPLE_LINES).map(splits)
  const width = sample[0]!.length
  const fits = (count: number, total: number) => count >= (total < 20 ? total : FIT_SHARE * total)
  if (width < 2 || !fits(sample.filter((cells) => cells.length === width).length, sample.length))
    return undefined
  const cells = sample.flat()
  const short = cells.filter((cell) => cell.trim().split(/\s+/).length <= SHORT_WORDS)
  if (short.length < SHORT_SHARE * cells.length) return undefined
  const all =
    block.length <= SAMPLE_LINES ||
    fits(block.filter((line) => splits(line).length === width).length, block.length)
  return all ? width : undefined
}

function holdsValues(rows: readonly string[][]): boolean {
  const body = rows.slice(1)
  return rows[0]!.some((_, i) => {
    const values = body.filter((cells) => VALUE.test(cells[i]?.trim() ?? '')).length
    return values >= VALUE_SHARE * body.length && !isDecimalPart(body, i)
  })
}

/** Prose has a space after each comma, and tables of words have none. */
function hasTightCommas(rows: readonly string[][], splits: Splitter): boolean {
  if (splits !== splitAtCommas || rows.length <= MIN_LINES) return false
  return rows.every((cells) =>
    cells.every((cell) => cell === cell.trim() && cell.length < MAX_TIGHT_CHARACTERS),
  )
}

/** `12:30:05,123 text` has a comma inside of its time in every line. */
function isDecimalPart(rows: readonly string[][], i: number): boolean {
  return i < 2 && rows.every(([first, second]) => /\d$/.test(first!) && /^\d{3}\s+\S/.test(second!))
}

/** A comment right above that has as many words as the table has columns names them: `# year month mean`. */
function headingAbove(line: string | undefined, splits: Splitter, width: number): string[] | undefined {
  if (line === undefined || !/^\s*#/.test(line)) return undefined
  const bare = line.replace(/^\s*#+\s*/, '')
  const cells = [splits, splitAtGaps, splitAtSpaces].map((split) => split(bare))
  return cells.find((each) => each.length === width && !each.some((cell) => VALUE.test(cell.trim())))
}

function splitAtGaps(line: string): string[] {
  return line.trim().split(/\s{2,}|\t/)
}

function splitAtSpaces(line: string): string[] {
  return line.trim().split(/\s+/)
}

/** A frame has bars on both sides; with one alone the cell beside it is blank. */
function splitAtBars(line: string): string[] {
  const text = line.trim()
  const framed = FRAMED.exec(text)?.[1]
  return (framed ?? text).split(BAR)
}

/** Commas in quotes separate nothing. */
function splitAtCommas(line: string): string[] {
  if (!line.includes('"')) return line.split(',')
  return line.match(/(?:"(?:[^"]|"")*"|[^,"])+|(?<=,)(?=,|$)|^(?=,)/g)?.map(unquoted) ?? [line]
}

function unquoted(cell: string): string {
  const inner = /^\s*"((?:[^"]|"")*)"\s*$/.exec(cell)?.[1]
  return inner === undefined ? cell : inner.replaceAll('""', '"')
}

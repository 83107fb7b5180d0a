import { hasHeader } from './header-rows.ts'

/** A table among others in one grid of cells. */
export interface TableBlock {
  title?: string | undefined
  /** Lines above it that are neither a title nor a row. */
  above: string[][]
  rows: string[][]
  /** Lines at its end that are no rows. */
  below: string[][]
}

/** Rows that belong together by place. */
interface Band {
  /** Rows of a single cell above the others; the first is the title. */
  heads: string[][]
  rows: string[][]
}

const MIN_BODY = 2
const MAX_TITLES = 3
/** Facts about a table stand in so many rows at most, above one that has so many times as many. */
const FACTS = { rows: 12, width: 2, timesRows: 3 } as const
const MIN_WIDTH = 2
const FOOTER = { rows: 5, tableWidth: 3, cells: 2, numericShare: 0.6 } as const

/**
 * The tables of a grid that holds several: parted by blank rows, or side by side parted by a blank column, each with names of its
 * columns. Undefined for one table without anything below it, also where blank rows part groups of its rows. Pure.
 */
export function tableBlocks(rows: readonly string[][]): TableBlock[] | undefined {
  const bands = bandsOf(rows)
  const blocks: TableBlock[] = []
  let above: string[][] = []
  for (const [at, band] of bands.entries()) {
    const beside = sideBySide(band.rows)
    const parts = beside ?? [band]
    if (beside) above.push(...band.heads)
    const previous = blocks.at(-1)
    if (parts.length === 1 && !startsTable(band, previous)) {
      // What was held for facts about a table that does not come is rows as well.
      const lines = [...(previous ? above.splice(0) : []), ...band.heads, ...band.rows]
      if (!previous) above.push(...lines)
      else if (isFooter(band, previous)) previous.below.push(...lines)
      else previous.rows.push(...previous.below.splice(0), ...lines)
      continue
    }
    if (parts.length === 1 && areFacts(band, bands[at + 1])) {
      above.push(...band.heads, ...band.rows)
      continue
    }
    for (const { heads, rows: own } of parts) {
      const width = widthOf(own)
      blocks.push({
        title: titleOf(heads),
        above: [...above, ...heads.slice(1)],
        below: [],
        rows: own.map((row) => (row.length > width ? row.slice(0, width) : row)),
      })
      above = []
    }
  }
  blocks.at(-1)?.below.push(...above)
  return blocks.length < 2 && (blocks[0]?.below.length ?? 0) === 0 ? undefined : blocks
}

function bandsOf(rows: readonly string[][]): Band[] {
  const bands: Band[] = []
  let open: string[][] = []
  let heads: string[][] = []
  const close = () => {
    if (open.length === 0) return
    // A title may stand apart from its table.
    if (open.length === 1 && filled(open[0]!) === 1 && heads.length === 0) heads = open
    else {
      const band = withoutTitles(open)
      bands.push({ heads: [...heads, ...band.heads], rows: band.rows })
      heads = []
    }
    open = []
  }
  for (const row of rows) {
    if (filled(row) === 0) close()
    else open.push(row)
  }
  close()
  if (heads.length > 0) bands.push({ heads: [], rows: heads })
  return bands
}

/** The first rows of a single cell above wider ones. */
function withoutTitles(rows: string[][]): Band {
  let first = 0
  while (first < Math.min(MAX_TITLES, rows.length - MIN_BODY) && filled(rows[first]!) === 1) first++
  const isTitled = first > 0 && filled(rows[first]!) >= MIN_WIDTH
  return isTitled ? { heads: rows.slice(0, first), rows: rows.slice(first) } : { heads: [], rows }
}

function titleOf(heads: readonly string[][]): string | undefined {
  return heads[0]?.find((cell) => cell.trim() !== '')?.trim()
}

/** Names above values, and not those of the table before: those only come again. */
function startsTable({ heads, rows }: Band, previous: TableBlock | undefined): boolean {
  const title = titleOf(heads)
  const names = rows[0]!
  if (rows.length <= MIN_BODY || filled(names) < MIN_WIDTH || !hasHeader(rows)) return false
  if (!previous) return true
  const before = previous.rows[0]!
  const isSame = lineOf(before) === lineOf(names)
  if (isSame) return title !== undefined && title !== previous.title
  // Words above words may be one more row.
  const isTyped = rows.slice(1).some((row) => row.some((cell) => /\d/.test(cell)))
  return (
    (isTyped && !/\d/.test(lineOf(names))) || title !== undefined || widthOf(rows) !== widthOf(previous.rows)
  )
}

/** `Station, Hill` and the like above the table that they are about. */
function areFacts({ rows }: Band, next: Band | undefined): boolean {
  return (
    next !== undefined &&
    rows.length <= FACTS.rows &&
    Math.max(...rows.map(filled)) <= FACTS.width &&
    next.rows.length >= (Math.max(...next.rows.map(filled)) > FACTS.width ? 1 : FACTS.timesRows) * rows.length
  )
}

/**
 * Parts of a band with a blank column between them, where each has names and the right one does not hang on the left: it has words or
 * times of its own in its first column, and another number of rows or the same names.
 */
function sideBySide(rows: readonly string[][]): Band[] | undefined {
  const width = widthOf(rows)
  const isBlank = Array.from({ length: width }, (_, column) =>
    rows.every((row) => (row[column] ?? '').trim() === ''),
  )
  const spans: { from: number; to: number }[] = []
  for (let column = 0; column < width; column++) {
    if (isBlank[column]) continue
    if (column === 0 || isBlank[column - 1]) spans.push({ from: column, to: column + 1 })
    else spans.at(-1)!.to = column + 1
  }
  if (spans.length < 2 || spans.some(({ from, to }) => to - from < MIN_WIDTH)) return undefined
  const parts = spans.map(({ from, to }) =>
    withoutTitles(rows.map((row) => row.slice(from, to)).filter((row) => filled(row) > 0)),
  )
  const [first, ...others] = parts
  const areTables = parts.every((part) => startsTable(part, undefined))
  const standAlone = others.every(
    (part) =>
      part.rows.length !== first!.rows.length ||
      lineOf(part.rows[0]!) === lineOf(first!.rows[0]!) ||
      part.heads.length > 0,
  )
  return areTables && standAlone ? parts : undefined
}

function lineOf(row: readonly string[]): string {
  const cells = row.map((cell) => cell.trim())
  while (cells.at(-1) === '') cells.pop()
  return cells.join('\n')
}

function widthOf(rows: readonly (readonly string[])[]): number {
  return rows.reduce((max, row) => Math.max(max, lineOf(row).split('\n').length), 0)
}

function filled(row: readonly string[]): number {
  return row.reduce((count, cell) => count + (cell.trim() === '' ? 0 : 1), 0)
}

/** A few narrow rows below a table with words where it has numbers: `Approved by, Bob`. */
function isFooter({ rows }: Band, { rows: body }: TableBlock): boolean {
  const width = widthOf(body)
  if (rows.length > FOOTER.rows || width < FOOTER.tableWidth) return false
  const isNumeric = Array.from({ length: width }, (_, column) => {
    const cells = body.slice(1).flatMap((row) => (row[column] ?? '').trim() || [])
    return cells.filter((cell) => /^\W?\d/.test(cell)).length > FOOTER.numericShare * cells.length
  })
  return rows.every(
    (row) =>
      filled(row) <= FOOTER.cells &&
      row.some((cell, column) => isNumeric[column] && cell.trim() !== '' && !/\d/.test(cell)),
  )
}

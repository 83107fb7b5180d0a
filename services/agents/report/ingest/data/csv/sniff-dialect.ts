import { type CsvQuoting, sniffQuoting } from './quote-style.ts'

export interface CsvDialect extends CsvQuoting {
  delimiter: ',' | ';' | '\t' | '|'
  /** Index of the first character of the table: comments, titles and `sep=;` lie before it. */
  start: number
  /** The lines before it that hold something. */
  above: readonly string[]
  /** The comments among them, at the beginning, and where they end. */
  comments: { start: number; lines: readonly string[] }
}

/** Order of preference on a tie: `1,5;2,5` splits evenly at both, and the comma is the decimal sign. */
const DELIMITERS = ['\t', ';', '|', ','] as const
const SAMPLE_CHARACTERS = 64 * 1024
const SAMPLE_LINES = 200
const MAX_PREAMBLE_LINES = 20

/** Finds where the table starts and what separates its cells. Pure. */
export function sniffDialect(text: string): CsvDialect {
  const comments = skipComments(text)
  const declared = /^sep=([,;\t|])\n/i.exec(text.slice(comments.start, comments.start + 8))
  if (declared) {
    const start = comments.start + declared[0].length
    const delimiter = declared[1] as CsvDialect['delimiter']
    return {
      delimiter,
      start,
      above: comments.lines,
      comments: { start, lines: comments.lines },
      ...sniffQuoting(text.slice(start, start + SAMPLE_CHARACTERS)),
    }
  }
  const lines = sampleLines(text, comments.start)
  const quoting = sniffQuoting(text.slice(comments.start, comments.start + SAMPLE_CHARACTERS))
  const delimiter = sniffDelimiter(lines, quoting)
  const preamble = preambleLength(lines, { delimiter, ...quoting })
  const skipped = lines.slice(0, preamble)
  const start = comments.start + skipped.reduce((sum, line) => sum + line.length + 1, 0)
  const titles = skipped.filter((line) => line.trim() !== '')
  const style = { delimiter, ...quoting }
  const named = preamble === 0 && comments.last !== undefined && namesColumns(comments.last, lines[0]!, style)
  if (!named) return { ...style, start, above: [...comments.lines, ...titles], comments }
  const [from, others] = [comments.last!.start + named.from, comments.lines.slice(0, -1)]
  return { ...style, start: from, above: others, comments: { start: from, lines: others } }
}

/** A comment right above the first row that has as many words as it has cells: `#CHROM,POS,ID`, or `#,Name,Type`. */
function namesColumns(
  { text }: { text: string },
  first: string,
  style: CsvQuoting & { delimiter: string },
): { from: number } | undefined {
  const width = cellCount(first, style)
  const cells = text.split(style.delimiter).map((cell) => cell.trim())
  const areWords = cells.every((cell) => cell !== '' && !/^[\d.,+-]+$/.test(cell))
  if (width < 2 || cellCount(text, style) !== width || !areWords) return undefined
  // Above a row of names it says nothing new.
  const holdsValues = first.split(style.delimiter).some((cell) => /^["']?[-+]?\d/.test(cell.trim()))
  if (!holdsValues && cells[0] !== '#') return undefined
  return { from: cells[0] === '#' ? 0 : (/^\s*(?:#|\/\/)+\s*/.exec(text)?.[0].length ?? 0) }
}

interface Comments {
  start: number
  lines: string[]
  /** The one right above the first row. */
  last?: { text: string; start: number } | undefined
}

function skipComments(text: string): Comments {
  let start = 0
  const lines: string[] = []
  let last: Comments['last']
  for (;;) {
    const end = text.indexOf('\n', start)
    const line = text.slice(start, end < 0 ? text.length : Math.min(end, start + 1000))
    const comment = /^\s*(?:#|\/\/)/.test(line)
    if (end < 0 || !(comment || line.trim() === '')) return { start, lines, last }
    if (comment) lines.push(line.trim())
    last = comment ? { text: line, start } : undefined
    start = end + 1
  }
}

function sampleLines(text: string, start: number): string[] {
  const sample = text.slice(start, start + SAMPLE_CHARACTERS)
  const lines = sample.split('\n').slice(0, SAMPLE_LINES)
  // The last one may be cut.
  if (start + SAMPLE_CHARACTERS < text.length && lines.length > 1 && lines.length < SAMPLE_LINES) lines.pop()
  return lines
}

function sniffDelimiter(lines: readonly string[], quoting: CsvQuoting): CsvDialect['delimiter'] {
  // Then there is one column: the tab splits nothing.
  let best: CsvDialect['delimiter'] = isDecimalComma(lines, ',') ? '\t' : ','
  let bestScore = 0
  for (const delimiter of DELIMITERS) {
    const counts = lines
      .filter((line) => line.trim() !== '')
      .map((line) => cellCount(line, { delimiter, ...quoting }))
    const { width, share } = modalWidth(counts)
    if (width < 2 || isDecimalComma(lines, delimiter)) continue
    const score = share + Math.min(width, 20) / 1000
    // A clear lead is needed to overrule the order of preference.
    if (score > bestScore + (bestScore > 0 ? 0.1 : 0)) {
      best = delimiter
      bestScore = score
    }
  }
  return best
}

/** One column of numbers like `1,5` under a heading without commas. */
function isDecimalComma(lines: readonly string[], delimiter: string): boolean {
  const [first = '', ...rest] = lines.filter((line) => line.trim() !== '')
  return (
    delimiter === ',' &&
    !first.includes(',') &&
    rest.every((line) => /^\s*[+-]?\d+(?:,\d+)?\s?\D?\s*$/.test(line))
  )
}

function modalWidth(counts: readonly number[]): { width: number; share: number } {
  const frequency = new Map<number, number>()
  for (const count of counts) frequency.set(count, (frequency.get(count) ?? 0) + 1)
  const [width, lines] = [...frequency].sort((a, b) => b[1] - a[1] || b[0] - a[0])[0] ?? [1, 0]
  return { width, share: counts.length === 0 ? 0 : lines / counts.length }
}

/**
 * Lines above the header: titles, blank lines, facts about the file. The table begins with the first line that is as wide as it is, or
 * nearly; narrower ones above a full one are no part of it.
 */
function preambleLength(lines: readonly string[], style: CsvQuoting & { delimiter: string }): number {
  const counts = lines.map((line) => (line.trim() === '' ? 0 : cellCount(line, style)))
  const { width, share } = modalWidth(counts.filter((count) => count > 0))
  if (width < 2 || share < 0.5) return 0
  const first = counts.findIndex((count) => count > 1 && count * 2 >= width)
  const full = counts.findIndex((count) => count >= width)
  // A header may lack the name of the index; a blank line parts what stands above from the table.
  const isNarrow =
    first >= 0 && full > first && (counts[first]! < width - 1 || counts.slice(first, full).includes(0))
  const start = isNarrow ? full : first
  return start > 0 && start <= MAX_PREAMBLE_LINES ? start : 0
}

/** Cells of a line; what is in quotes does not separate. */
function cellCount(
  line: string,
  { delimiter, quote, escapeMark }: CsvQuoting & { delimiter: string },
): number {
  let count = 1
  let quoted = false
  for (let i = 0; i < line.length; i++) {
    const character = line[i]
    if (character === escapeMark && escapeMark !== quote && quoted) i++
    else if (character === quote) quoted = !quoted
    else if (character === delimiter && !quoted) count++
  }
  return count
}

/**
 * Rows of text whose quotes stand as RFC 4180 has them: around whole cells, doubled within. A quote inside a cell that begins without
 * one is a character. Undefined where a quote is never closed or something follows its end: then the general parser decides, which
 * takes several times as long. Pure.
 */
export function quotedRows(
  text: string,
  { delimiter, quote, maxRows }: { delimiter: string; quote: string; maxRows: number },
): string[][] | undefined {
  const rows: string[][] = []
  for (let start = 0; start < text.length && rows.length < maxRows; ) {
    const end = lineEnd(text, start)
    const line = text.slice(start, end)
    if (!line.includes(quote)) {
      if (line !== '') rows.push(line.split(delimiter))
      start = end + 1
      continue
    }
    const row: string[] = []
    const next = readRow(text, start, { delimiter, quote, row })
    if (next === undefined) return undefined
    rows.push(row)
    start = next
  }
  return rows
}

/** Adds the cells of the row that begins at `start`. @returns where the next row begins; undefined where quotes are out of order */
function readRow(
  text: string,
  start: number,
  { delimiter, quote, row }: { delimiter: string; quote: string; row: string[] },
): number | undefined {
  let at = start
  let end = lineEnd(text, at)
  for (;;) {
    if (text[at] === quote) {
      const close = closingQuote(text, at + 1, quote)
      if (close === undefined) return undefined
      const cell = text.slice(at + 1, close)
      row.push(cell.includes(quote) ? cell.replaceAll(quote + quote, quote) : cell)
      at = close + 1
      if (at > end) end = lineEnd(text, at)
      if (at < end && text[at] !== delimiter) return undefined
    } else {
      // Sought in this line alone: a delimiter may come nowhere.
      const found = text.slice(at, end).indexOf(delimiter)
      const cellEnd = found < 0 ? end : at + found
      row.push(text.slice(at, cellEnd))
      at = cellEnd
    }
    if (at >= end) return end + 1
    at++
  }
}

/** The first quote that is not doubled. */
function closingQuote(text: string, from: number, quote: string): number | undefined {
  let at = text.indexOf(quote, from)
  while (at >= 0 && text[at + 1] === quote) at = text.indexOf(quote, at + 2)
  return at < 0 ? undefined : at
}

function lineEnd(text: string, from: number): number {
  const found = text.indexOf('\n', from)
  return found < 0 ? text.length : found
}

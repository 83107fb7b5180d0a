import { csvText } from '../data/csv-text.ts'

export interface MarkdownTable {
  csv: string
  /** The heading that it stands under. */
  heading?: string
}

const FENCE = /^ {0,3}(```+|~~~+)\s*(\w*)/
const HEADING = /^ {0,3}#{1,6}\s+(.{1,200}?)\s*#*\s*$/
/** `|---|:-:|`, with or without the bars outside. */
const DELIMITER_ROW = /^ {0,3}\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?\s*$/
const MAX_ROW_CHARACTERS = 100_000
/** A row of dashes for 500 columns. */
const MAX_RULE_CHARACTERS = 5_000

/**
 * The tables of a Markdown text (GitHub Flavored Markdown 0.29, §4.10) and its blocks of code that are CSV or TSV. Tables
 * in code stay code. Pure.
 */
export function markdownTables(text: string): MarkdownTable[] {
  const lines = text.split('\n')
  const tables: MarkdownTable[] = []
  let heading: string | undefined
  for (let i = 0; i < lines.length; i++) {
    const [, fence, language = ''] = FENCE.exec(lines[i]!) ?? []
    if (fence !== undefined) {
      const end = endOfFence(lines, i + 1, fence)
      if (/^(?:csv|tsv)$/i.test(language) && end > i + 2) {
        tables.push({ csv: lines.slice(i + 1, end).join('\n'), ...(heading !== undefined && { heading }) })
      }
      i = end
      continue
    }
    heading = HEADING.exec(lines[i]!)?.[1] ?? heading
    const end = endOfTable(lines, i)
    if (end === undefined) continue
    const rows = [lines[i]!, ...lines.slice(i + 2, end)].map((line) => cellsOf(line))
    const width = rows[0]!.length
    const csv = csvText(rows.map((cells) => Array.from({ length: width }, (_, c) => cells[c] ?? '')))
    tables.push({ csv, ...(heading !== undefined && { heading }) })
    i = end - 1
  }
  return tables
}

function endOfFence(lines: readonly string[], start: number, fence: string): number {
  for (let i = start; i < lines.length; i++) {
    if (lines[i]!.trim().startsWith(fence)) return i
  }
  return lines.length
}

/** The line after the table whose heading is this line; undefined when it is none. */
function endOfTable(lines: readonly string[], start: number): number | undefined {
  const [head, rule] = [lines[start]!, lines[start + 1] ?? '']
  if (!head.includes('|') || head.length > MAX_ROW_CHARACTERS || !rule.includes('-')) return undefined
  if (rule.length > MAX_RULE_CHARACTERS || !DELIMITER_ROW.test(rule)) return undefined
  const width = cellsOf(head).length
  if (cellsOf(rule).length !== width || (width < 2 && !/^\s*\|/.test(head))) return undefined
  let end = start + 2
  while (end < lines.length && lines[end]!.includes('|') && lines[end]!.trim() !== '') end++
  return end > start + 2 ? end : undefined
}

/** Cells without the marks of emphasis, code and links; `\|` is a bar in a cell. */
function cellsOf(line: string): string[] {
  const bare = line
    .trim()
    .replace(/^\|/, '')
    .replace(/(?<!\\)\|$/, '')
  return bare.split(/(?<!\\)\|/).map((cell) =>
    cell
      .slice(0, MAX_ROW_CHARACTERS)
      .replaceAll('\\|', '|')
      .replace(/!?\[([^[\]]{0,500})\]\([^()\s]{0,2000}\)/g, '$1')
      .replace(/<br\s*\/?>/gi, ' ')
      .replace(/\*{1,3}|`+|~~/g, '')
      .trim(),
  )
}

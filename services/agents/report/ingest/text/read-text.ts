import { MurmurError } from '#platform/errors/murmur-error.ts'
import type { Table, TextContent } from '#schemas/document.ts'
import { parseCsv } from '../data/csv/parse-csv.ts'
import { INGEST_LIMITS } from '../limits.ts'
import { buildTextContent } from './build-text-content.ts'
import { decodeText } from './decode-text.ts'
import { markdownTables } from './markdown-tables.ts'
import { tableNames } from './table-names.ts'
import { type TextTable, tablesInText } from './text-tables.ts'

export interface ReadText {
  kind: 'text' | 'data'
  text?: TextContent
  tables?: Table[]
  notes: string[]
  losses: string[]
}

/** Fewer words around a table are its title and its source, not a text. */
const MIN_PROSE_WORDS = 25
const SHOWN_CHARACTERS = 300

/** A plain text or Markdown: what reads as sentences as text, and what is a table as a table. Pure. */
export function readText(
  bytes: Uint8Array,
  { name, markdown }: { name: string; markdown: boolean },
): ReadText {
  const { text, notes } = decodeText(bytes)
  const read = markdown ? readMarkdown(text, name) : readPlain(text, name)
  return { ...read, notes: [...notes, ...read.notes] }
}

function readMarkdown(text: string, name: string): ReadText {
  const built = buildTextContent(text, { markdown: true })
  const found = markdownTables(text)
  const names = tableNames(
    found.map(({ heading }) => heading),
    name,
  )
  const { tables, losses } = parsed(
    found.map(({ csv }) => csv),
    names,
  )
  return {
    kind: 'text',
    text: built.content,
    ...(tables.length > 0 && { tables }),
    notes: built.notes,
    losses: [...losses, ...built.losses],
  }
}

function readPlain(text: string, name: string): ReadText {
  const found = tablesInText(text)
  if (found.length === 0) {
    const built = buildTextContent(text, { markdown: false })
    return { kind: 'text', text: built.content, notes: built.notes, losses: built.losses }
  }
  const prose = proseAround(text, found)
  const names = tableNames(
    found.map(() => undefined),
    name,
  )
  const { tables, losses } = parsed(
    found.map(({ csv }) => csv),
    names,
  )
  const comment = found.some(({ isNamedByComment }) => isNamedByComment)
    ? ['The names of the columns stand in a comment above the table.']
    : []
  const position = positionNotes(found)
  if (prose.replace(/^\s*#.*$/gm, '').split(/\s+/).length < MIN_PROSE_WORDS) {
    const note = ['The text is laid out as a table and was read as one.', ...comment, ...position]
    const beside = prose === '' ? [] : [`Beside the table stands: "${shortened(prose)}"`]
    return { kind: 'data', tables, notes: [...note, ...beside], losses }
  }
  const built = buildTextContent(prose, { markdown: false })
  const notes = [
    `${found.length === 1 ? 'A table' : `${found.length} tables`} in the text ${found.length === 1 ? 'was' : 'were'} read as data.`,
  ]
  return {
    kind: 'text',
    text: built.content,
    tables,
    notes: [...notes, ...position, ...built.notes],
    losses: [...losses, ...built.losses],
  }
}

/** Begins what is said where columns were found by their position. */
export const BY_POSITION = 'The columns have no delimiter and were found by position'

function positionNotes(tables: readonly TextTable[]): string[] {
  const found = tables.flatMap(({ byPosition }) => byPosition ?? [])
  if (found.length === 0) return []
  const lines = found.reduce((sum, each) => sum + each.lines, 0)
  const misfits = found.reduce((sum, each) => sum + each.misfits, 0)
  const fit =
    misfits === 0
      ? `all ${lines} lines fit`
      : `${misfits} of ${lines} lines did not fit, and their words went to the nearest column`
  return [`${BY_POSITION}; ${fit}.`]
}

function proseAround(text: string, tables: readonly { start: number; end: number }[]): string {
  const lines = text.split('\n')
  const parts: string[] = []
  let at = 0
  for (const { start, end } of tables) {
    parts.push(...lines.slice(at, start), '')
    at = end
  }
  return [...parts, ...lines.slice(at)]
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim()
}

function parsed(texts: readonly string[], names: readonly string[]): { tables: Table[]; losses: string[] } {
  const tables: Table[] = []
  const losses: string[] = []
  for (const [i, csv] of texts.slice(0, INGEST_LIMITS.tables).entries()) {
    try {
      tables.push(parseCsv(csv, { name: names[i]! }))
    } catch (error) {
      if (!(error instanceof MurmurError) || error.code !== 'BROKEN_FILE') throw error
      losses.push(`A table could not be read: ${error.message}.`)
    }
  }
  if (texts.length > INGEST_LIMITS.tables) {
    losses.push(`Only the first ${INGEST_LIMITS.tables} of ${texts.length} tables were read.`)
  }
  return { tables, losses }
}

function shortened(text: string): string {
  const line = text.replace(/\s+/g, ' ')
  return line.length > SHOWN_CHARACTERS ? `${line.slice(0, SHOWN_CHARACTERS)}…` : line
}

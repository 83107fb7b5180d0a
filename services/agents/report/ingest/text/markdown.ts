import { INGEST_LIMITS } from '../limits.ts'

export interface Heading {
  level: number
  text: string
}

const FENCE = /^ {0,3}(```|~~~)/
const ATX = /^ {0,3}(#{1,6})\s+(.{1,400}?)\s*#*\s*$/
const UNDERLINE = /^ {0,3}(?:(=){2,}|-{2,})\s*$/
const ENTRY = /^\s*(?:[-*+•]|\d{1,3}[.)])\s+/
const TABLE_ROW = /^\s*\|.*\|\s*$/
/** The row of dashes below the heading of a table, whose rows may lack the bars outside. */
const TABLE_RULE = /^ {0,3}\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)+\|?\s*$/
const MAX_RULE_CHARACTERS = 5_000
const RULE = /^\s*(?:[-*_]\s*){3,}$/
const MAX_FRONT_MATTER_LINES = 200

/** Drops a block of settings between `---` lines at the top, and tells the title in it. Pure. */
export function dropFrontMatter(text: string): { body: string; title?: string } {
  if (!text.startsWith('---\n')) return { body: text }
  const lines = text.split('\n', MAX_FRONT_MATTER_LINES)
  const end = lines.findIndex((line, i) => i > 0 && /^(?:---|\.\.\.)\s*$/.test(line))
  const inside = lines.slice(1, Math.max(1, end))
  // A rule at the top and another one later is no front matter: that has "key: value" lines.
  if (end < 0 || !inside.some((line) => /^[\w-]+\s*:/.test(line))) return { body: text }
  const title = inside.map((line) => /^title\s*:\s*["']?(.+?)["']?\s*$/i.exec(line)?.[1]).find(Boolean)
  const body = text.slice(lines.slice(0, end + 1).reduce((sum, line) => sum + line.length + 1, 0))
  return { body: body.replace(/^\n+/, ''), ...(title !== undefined && { title }) }
}

/** Headings outside of code blocks. Pure. */
export function headingsOf(text: string): Heading[] {
  const headings: Heading[] = []
  let previous = ''
  for (const line of linesOutsideCode(text)) {
    if (headings.length >= INGEST_LIMITS.headings) break
    const atx = ATX.exec(line)
    const under = UNDERLINE.exec(line)
    if (atx) headings.push({ level: atx[1]!.length, text: plainText(atx[2]!) })
    else if (under && isParagraphLine(previous)) {
      headings.push({ level: under[1] ? 1 : 2, text: plainText(previous) })
    }
    previous = line
  }
  return headings
}

/**
 * What reads as sentences: paragraphs and list entries, one a block, without headings, tables, code and marks. Pure.
 */
export function proseBlocks(text: string, { markdown }: { markdown: boolean }): string[] {
  const blocks: string[] = []
  let open: string[] = []
  const close = () => {
    if (open.length > 0) blocks.push(plainText(open.join(' ')))
    open = []
  }
  let inTable = false
  for (const line of markdown ? linesOutsideCode(text) : text.split('\n')) {
    if (markdown && line.length <= MAX_RULE_CHARACTERS && TABLE_RULE.test(line)) {
      // The line before it was the heading of the table.
      open = []
      inTable = true
      continue
    }
    inTable &&= line.includes('|')
    if (inTable) continue
    const isHeading = markdown && (ATX.test(line) || RULE.test(line) || TABLE_ROW.test(line))
    if (markdown && UNDERLINE.test(line)) open = []
    else if (line.trim() === '' || isHeading) close()
    else {
      if (ENTRY.test(line)) close()
      open.push(
        line
          .replace(/^\s*>+\s?/, '')
          .replace(ENTRY, '')
          .trim(),
      )
    }
  }
  close()
  return blocks.filter((block) => block !== '')
}

function* linesOutsideCode(text: string): Generator<string> {
  let fence: string | undefined
  for (const line of text.split('\n')) {
    const mark = FENCE.exec(line)?.[1]
    if (fence !== undefined) {
      if (mark === fence) fence = undefined
    } else if (mark !== undefined) fence = mark
    else yield line
  }
}

function isParagraphLine(line: string): boolean {
  return (
    line.trim() !== '' && line.length <= 400 && !ATX.test(line) && !ENTRY.test(line) && !TABLE_ROW.test(line)
  )
}

/** Without the marks of links, emphasis and code. Bounded repetitions: hostile lines must not cost quadratic time. */
function plainText(marked: string): string {
  return marked
    .replace(/!?\[([^[\]]{0,500})\]\([^()\s]{0,2000}(?:\s"[^"]{0,200}")?\)/g, '$1')
    .replace(/<\/?[A-Za-z][^<>]{0,200}>/g, '')
    .replace(/[*`]{1,3}|~~|(?<![\p{L}\p{N}])_{1,3}|_{1,3}(?![\p{L}\p{N}])/gu, '')
    .replace(/\s+/g, ' ')
    .trim()
}

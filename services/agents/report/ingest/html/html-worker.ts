import { parentPort, workerData } from 'node:worker_threads'
import { sheetTable } from '../data/spreadsheet/sheet-tables.ts'
import { INGEST_LIMITS } from '../limits.ts'
import { buildTextContent } from '../text/build-text-content.ts'
import { cleanText, decodeText } from '../text/decode-text.ts'
import { tableNames } from '../text/table-names.ts'
import { threadAnswer } from '../thread-answer.ts'
import { sheetOfGrid } from './html-grid.ts'
import { type HtmlPage, readHtmlPage } from './html-text.ts'
import type { HtmlContent } from './read-html.ts'

/** Thread that reads one untrusted page: it gets its bytes and name, and answers once with what the page says. */
export interface HtmlTask {
  bytes: Uint8Array
  name: string
}

async function read({ bytes, name }: HtmlTask): Promise<HtmlContent> {
  const { text: html, notes } = decodeText(bytes, { declared: charsetOf(bytes) })
  const page = readHtmlPage(html)
  const clean = cleanText(page.text)
  const built = buildTextContent(clean.text, { markdown: false })
  const title = page.title || page.headings.find(({ level }) => level === 1)?.text
  const { tables, losses } = tablesOf(page, name)
  return {
    text: { ...built.content, headings: page.headings, ...(title && { title }) },
    tables,
    notes: [...notes, ...clean.notes, ...built.notes],
    losses: [...losses, ...built.losses],
  }
}

function tablesOf({ grids }: HtmlPage, name: string): Pick<HtmlContent, 'tables' | 'losses'> {
  const kept = grids.slice(0, INGEST_LIMITS.tables)
  const names = tableNames(
    kept.map(({ caption }) => caption),
    name,
  )
  const tables = kept.map((grid, i) => sheetTable(sheetOfGrid(grid), { name: names[i]! }))
  const losses =
    grids.length > kept.length ? [`Only the first ${kept.length} of ${grids.length} tables were read.`] : []
  return { tables, losses }
}

/** What the page says about its own encoding in its first bytes. */
function charsetOf(bytes: Uint8Array): string | undefined {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 4096)).toString('latin1')
  return /<meta[^>]{0,200}charset\s*=\s*["']?([\w-]{1,40})/i.exec(head)?.[1]
}

// Without a parent this file was merely imported, by a tool that looks at modules.
if (parentPort) parentPort.postMessage(await threadAnswer(() => read(workerData as HtmlTask)))

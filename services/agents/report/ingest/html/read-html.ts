import type { Table, TextContent } from '#schemas/document.ts'
import { readInThread } from '../bounded-thread.ts'

/** A page as it comes out of its thread. */
export interface HtmlContent {
  text: TextContent
  tables: Table[]
  notes: string[]
  losses: string[]
}

const HTML_LIMITS = {
  /** Wall time: a page of 16 MiB takes 2 s, and one that nests a million elements never ends. */
  seconds: 20,
  memoryMib: 768,
  heapMib: 1536,
} as const

/**
 * Text and tables of an HTML page, read in a thread of its own with bounded memory and time.
 *
 * @throws MurmurError LIMIT_EXCEEDED, BROKEN_FILE; the reason of the signal
 */
export function readHtml(
  bytes: Uint8Array,
  {
    name,
    signal,
    timeoutMs = HTML_LIMITS.seconds * 1000,
  }: { name: string; signal: AbortSignal; timeoutMs?: number },
): Promise<HtmlContent> {
  return readInThread<HtmlContent>({
    module: new URL('./html-worker.ts', import.meta.url),
    bytes,
    about: { name },
    what: 'the page',
    signal,
    timeoutMs,
    heapMib: HTML_LIMITS.heapMib,
    memoryMib: HTML_LIMITS.memoryMib,
  })
}

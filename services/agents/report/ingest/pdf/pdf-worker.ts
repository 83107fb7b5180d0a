import { fileURLToPath } from 'node:url'
import { parentPort, workerData } from 'node:worker_threads'
import type { PDFDocumentProxy } from 'pdfjs-dist'
import { INGEST_LIMITS } from '../limits.ts'
import { layOutText, type PlacedText } from './text-layout.ts'

/**
 * Thread that parses one untrusted PDF: it gets the bytes as `workerData`, answers once with a PdfAnswer and ends. It has
 * no environment, bounded memory, and whoever started it kills it when it takes too long.
 */

export interface PdfText {
  /** Pages separated by empty lines. */
  text: string
  /** All of them, read or not. */
  pages: number
  title?: string
  /** Of the outline, in its order. */
  headings: { level: number; text: string }[]
  /** What was cut or left out. */
  notes: string[]
}

/** The answer of the worker: the text, or why there is none, in plain words. */
export type PdfAnswer = { kind: 'read'; pdf: PdfText } | { kind: 'broken'; reason: string }

const MAX_LEVEL = 6

type Outline = Awaited<ReturnType<PDFDocumentProxy['getOutline']>>

async function answer(bytes: Uint8Array): Promise<PdfAnswer> {
  const { getDocument, VerbosityLevel } = await import('pdfjs-dist/legacy/build/pdf.mjs')
  const loading = getDocument({
    data: bytes,
    verbosity: VerbosityLevel.ERRORS,
    isEvalSupported: false,
    useSystemFonts: false,
    disableFontFace: true,
    useWorkerFetch: false,
    useWasm: false,
    isImageDecoderSupported: false,
    isOffscreenCanvasSupported: false,
    stopAtErrors: true,
    enableXfa: false,
    // Tables for Chinese, Japanese and Korean encodings, from the package: files, no network.
    cMapUrl: fileURLToPath(new URL('../../cmaps/', import.meta.resolve('pdfjs-dist/legacy/build/pdf.mjs'))),
    cMapPacked: true,
  })
  try {
    return { kind: 'read', pdf: await readDocument(await loading.promise) }
  } catch (error) {
    return { kind: 'broken', reason: reasonOf(error) }
  } finally {
    await loading.destroy()
  }
}

async function readDocument(pdf: PDFDocumentProxy): Promise<PdfText> {
  const { text, notes } = await readPages(pdf)
  const title = await titleOf(pdf)
  const headings = headingsOf(await pdf.getOutline())
  if (text.trim() === '') notes.push('The PDF has no text: its pages may be scanned images.')
  return { text, pages: pdf.numPages, ...(title && { title }), headings, notes }
}

async function readPages(pdf: PDFDocumentProxy): Promise<{ text: string; notes: string[] }> {
  const notes: string[] = []
  const texts: string[] = []
  const broken: { number: number; error: unknown }[] = []
  const last = Math.min(pdf.numPages, INGEST_LIMITS.pdfPages)
  if (last < pdf.numPages) notes.push(`Only the first ${last} of ${pdf.numPages} pages were read.`)
  let length = 0
  for (let number = 1; number <= last && length <= INGEST_LIMITS.textCharacters; number++) {
    try {
      const text = await readPage(pdf, number)
      if (text === '') continue
      texts.push(text)
      length += text.length
    } catch (error) {
      broken.push({ number, error })
    }
  }
  const first = broken[0]
  if (first && broken.length === last) throw first.error
  if (first) notes.push(`${brokenPages(broken.length)} could not be read, the first is page ${first.number}.`)
  // One character more than is kept, so that whoever keeps it sees that there was more.
  return { text: texts.join('\n\n').slice(0, INGEST_LIMITS.textCharacters + 1), notes }
}

function brokenPages(count: number): string {
  return count === 1 ? '1 page' : `${count} pages`
}

async function readPage(pdf: PDFDocumentProxy, number: number): Promise<string> {
  const page = await pdf.getPage(number)
  const { items } = await page.getTextContent()
  const pieces = items.flatMap((item): PlacedText[] => {
    if (!('str' in item)) return []
    const [, , , , x = 0, y = 0] = item.transform as number[]
    return [{ text: item.str, x, y, width: item.width, height: item.height, endsLine: item.hasEOL }]
  })
  page.cleanup()
  return layOutText(pieces)
}

async function titleOf(pdf: PDFDocumentProxy): Promise<string> {
  const { info } = await pdf.getMetadata()
  const title = 'Title' in info ? info.Title : undefined
  return typeof title === 'string' ? plainLine(title) : ''
}

/** Depth first without recursion: outlines of strangers can be very deep. */
function headingsOf(outline: Outline | null): PdfText['headings'] {
  const headings: PdfText['headings'] = []
  const waiting = (outline ?? []).map((item) => ({ item, level: 1 })).toReversed()
  for (let next = waiting.pop(); next && headings.length < INGEST_LIMITS.headings; next = waiting.pop()) {
    const { item, level } = next
    const text = plainLine(item.title)
    if (text) headings.push({ level: Math.min(level, MAX_LEVEL), text })
    for (const child of (item.items as Outline).toReversed()) waiting.push({ item: child, level: level + 1 })
  }
  return headings
}

function plainLine(text: string): string {
  return text
    .replace(/[\p{Cc}\s]+/gu, ' ')
    .trim()
    .slice(0, 300)
}

/** pdfjs names its errors; those that a person can do something about get words of their own. */
function reasonOf(error: unknown): string {
  const name = error instanceof Error ? error.name : ''
  if (name === 'PasswordException') return 'it is protected by a password'
  if (name === 'InvalidPDFException') return 'its structure is damaged or cut off, or it is no PDF'
  const message = error instanceof Error ? error.message : String(error)
  return `it cannot be read (${plainLine(message)})`
}

// Without a parent this file was merely imported, by a tool that looks at modules.
if (parentPort) parentPort.postMessage(await answer(workerData as Uint8Array))

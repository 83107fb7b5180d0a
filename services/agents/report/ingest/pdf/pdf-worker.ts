import { fileURLToPath } from 'node:url'
import { parentPort, workerData } from 'node:worker_threads'
import type { PDFDocumentProxy } from 'pdfjs-dist'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import { INGEST_LIMITS } from '../limits.ts'
import { threadAnswer } from '../thread-answer.ts'
import { layOutText, type PlacedText } from './text-layout.ts'

/**
 * Thread that parses one untrusted PDF: it gets the bytes as `workerData`, answers once and ends. It has
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
  /** What was noticed on the way. */
  notes: string[]
  /** Pages that were not read, or hold nothing that can be. */
  losses: string[]
  /** Why there is no text at all. */
  problem?: { code: string; message: string }
}

const MAX_LEVEL = 6

type Outline = Awaited<ReturnType<PDFDocumentProxy['getOutline']>>

async function read(bytes: Uint8Array): Promise<PdfText> {
  const hasImages = holdsImages(bytes)
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
    return await readDocument(await loading.promise, hasImages)
  } catch (cause) {
    throw new MurmurError('BROKEN_FILE', `the PDF could not be read: ${reasonOf(cause)}`, { cause })
  } finally {
    await loading.destroy()
  }
}

async function readDocument(pdf: PDFDocumentProxy, hasImages: boolean): Promise<PdfText> {
  const { text, losses, withoutText, pagesRead } = await readPages(pdf)
  const title = await titleOf(pdf)
  const headings = headingsOf(await pdf.getOutline())
  const about = { text, pages: pdf.numPages, ...(title && { title }), headings, notes: [] }
  if (withoutText === 0) return { ...about, losses }
  const loss = withoutTextLoss(withoutText, pagesRead, hasImages)
  const read = { ...about, losses: [...losses, `${loss}.`] }
  if (text !== '') return read
  const advice = hasImages ? ': run text recognition (OCR) on the PDF and send it again' : ''
  return { ...read, problem: { code: 'UNSUPPORTED_FORMAT', message: `${loss}${advice}` } }
}

function withoutTextLoss(count: number, pages: number, hasImages: boolean): string {
  const holds = count === 1 ? 'holds' : 'hold'
  const looks = count === 1 ? 'it looks scanned' : 'they look scanned'
  return `${count} of ${pages} ${pages === 1 ? 'page' : 'pages'} ${holds} no text${hasImages ? `; ${looks}` : ''}`
}

/** Images are streams, whose dictionaries are never packed, so the bytes tell without decoding a page. */
function holdsImages(bytes: Uint8Array): boolean {
  const content = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  for (let at = content.indexOf('/Subtype'); at >= 0; at = content.indexOf('/Subtype', at + 1)) {
    if (/^\/Subtype\s*\/Image\b/.test(content.toString('latin1', at, at + 24))) return true
  }
  return false
}

interface PagesRead {
  text: string
  losses: string[]
  /** Pages that could be read and hold no text. */
  withoutText: number
  pagesRead: number
}

async function readPages(pdf: PDFDocumentProxy): Promise<PagesRead> {
  const texts: string[] = []
  const broken: { number: number; error: unknown }[] = []
  const last = Math.min(pdf.numPages, INGEST_LIMITS.pdfPages)
  let [length, withoutText, pagesRead] = [0, 0, 0]
  for (let number = 1; number <= last && length <= INGEST_LIMITS.textCharacters; number++) {
    pagesRead++
    try {
      const text = await readPage(pdf, number)
      if (text === '') withoutText++
      else texts.push(text)
      length += text.length
    } catch (error) {
      broken.push({ number, error })
    }
  }
  const losses: string[] = []
  if (pagesRead < pdf.numPages) losses.push(`Only the first ${pagesRead} of ${pdf.numPages} pages were read.`)
  const first = broken[0]
  if (first && broken.length === pagesRead) throw first.error
  if (first)
    losses.push(`${brokenPages(broken.length)} could not be read, the first is page ${first.number}.`)
  // One character more than is kept, so that whoever keeps it sees that there was more.
  const text = texts.join('\n\n').slice(0, INGEST_LIMITS.textCharacters + 1)
  return { text, losses, withoutText, pagesRead }
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
  // What a library writes when nobody named the document.
  return typeof title === 'string' && !/^\s*untitled\s*$/i.test(title) ? plainLine(title) : ''
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
if (parentPort) {
  const { bytes } = workerData as { bytes: Uint8Array }
  parentPort.postMessage(await threadAnswer(() => read(bytes)))
}

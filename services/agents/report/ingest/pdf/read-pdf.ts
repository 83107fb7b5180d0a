import { readInThread } from '../bounded-thread.ts'
import { INGEST_LIMITS } from '../limits.ts'
import type { PdfText } from './pdf-worker.ts'

export type { PdfText } from './pdf-worker.ts'

export interface PdfContext {
  signal: AbortSignal
  /** Default as in the limits; tests take less. */
  timeoutMs?: number
  memoryMib?: number
}

/**
 * Text, title and outline of a PDF, parsed in a thread of its own with bounded memory and time.
 *
 * @throws MurmurError BROKEN_FILE (damaged or encrypted), LIMIT_EXCEEDED (too slow or too large); the reason of the signal
 */
export function readPdf(
  bytes: Uint8Array,
  { signal, timeoutMs = INGEST_LIMITS.pdfSeconds * 1000, memoryMib = INGEST_LIMITS.pdfMemoryMib }: PdfContext,
): Promise<PdfText> {
  return readInThread<PdfText>({
    module: new URL('./pdf-worker.ts', import.meta.url),
    bytes,
    what: 'the PDF',
    signal,
    timeoutMs,
    heapMib: INGEST_LIMITS.pdfHeapMib,
    memoryMib,
  })
}

import { Worker } from 'node:worker_threads'
import { MurmurError, messageOf } from '#platform/errors/murmur-error.ts'
import { INGEST_LIMITS } from '../limits.ts'
import type { PdfAnswer, PdfText } from './pdf-worker.ts'

export type { PdfText } from './pdf-worker.ts'

const MEMORY_CHECK_MS = 50

export interface PdfContext {
  signal: AbortSignal
  /** Default as in the limits; tests take less. */
  timeoutMs?: number
  memoryMib?: number
}

/**
 * Text, title and outline of a PDF, parsed in a thread of its own with bounded memory and time.
 * @throws MurmurError BROKEN_FILE (damaged or encrypted), LIMIT_EXCEEDED (too slow or too large); the reason of the signal
 */
export async function readPdf(bytes: Uint8Array, context: PdfContext): Promise<PdfText> {
  context.signal.throwIfAborted()
  const answer = await runWorker(bytes, context)
  if (answer.kind === 'read') return answer.pdf
  throw new MurmurError('BROKEN_FILE', `the PDF could not be read: ${answer.reason}`)
}

function runWorker(bytes: Uint8Array, context: PdfContext): Promise<PdfAnswer> {
  const {
    signal,
    timeoutMs = INGEST_LIMITS.pdfSeconds * 1000,
    memoryMib = INGEST_LIMITS.pdfMemoryMib,
  } = context
  const worker = startWorker(bytes)
  return new Promise<PdfAnswer>((resolve, reject) => {
    const timer = setTimeout(() => reject(tooSlow(timeoutMs)), timeoutMs)
    const watch = setInterval(() => void memoryOf(worker).then(judge, reject), MEMORY_CHECK_MS)
    const judge = (bytesUsed: number) => {
      if (bytesUsed > memoryMib << 20) reject(tooLarge())
    }
    const abort = () => reject(signal.reason)
    signal.addEventListener('abort', abort, { once: true })
    worker.once('message', resolve)
    worker.once('error', (error) => reject(crashed(error)))
    // Too late to matter once there was an answer or an error.
    worker.once('exit', () => reject(new MurmurError('BROKEN_FILE', 'the PDF stopped its reader')))
    worker.once('exit', () => {
      clearTimeout(timer)
      clearInterval(watch)
      signal.removeEventListener('abort', abort)
    })
  }).finally(() => worker.terminate())
}

function startWorker(bytes: Uint8Array): Worker {
  const copy = new Uint8Array(bytes)
  const worker = new Worker(new URL('./pdf-worker.ts', import.meta.url), {
    workerData: copy,
    transferList: [copy.buffer],
    env: {},
    execArgv: [],
    stdout: true,
    stderr: true,
    resourceLimits: { maxOldGenerationSizeMb: INGEST_LIMITS.pdfHeapMib, maxYoungGenerationSizeMb: 64 },
  })
  // pdfjs warns on the console about files; what matters comes as the answer.
  worker.stdout.resume()
  worker.stderr.resume()
  return worker
}

/** Answered even while the thread is in a tight loop. 0 when it ended meanwhile. */
async function memoryOf(worker: Worker): Promise<number> {
  try {
    const { used_heap_size, external_memory } = await worker.getHeapStatistics()
    return used_heap_size + external_memory
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ERR_WORKER_NOT_RUNNING') return 0
    throw error
  }
}

function tooSlow(timeoutMs: number): MurmurError {
  return new MurmurError('LIMIT_EXCEEDED', `the PDF took longer than ${timeoutMs / 1000} s to read`)
}

function tooLarge(cause?: unknown): MurmurError {
  return new MurmurError('LIMIT_EXCEEDED', 'the PDF unpacks to more than fits into memory', {
    cause,
  })
}

function crashed(cause: unknown): MurmurError {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined
  if (code === 'ERR_WORKER_OUT_OF_MEMORY') return tooLarge(cause)
  return new MurmurError('BROKEN_FILE', `the PDF could not be read: ${messageOf(cause)}`, { cause })
}

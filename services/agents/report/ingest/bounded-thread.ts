import { Worker } from 'node:worker_threads'
import { MurmurError, messageOf } from '#platform/errors/murmur-error.ts'

/** What the thread says: what it read, or what is wrong with the file. */
export type ThreadAnswer<Result> =
  | { kind: 'read'; result: Result }
  | { kind: 'fault'; code: 'BROKEN_FILE' | 'LIMIT_EXCEEDED' | 'UNSUPPORTED_FORMAT'; message: string }

export interface ThreadTask {
  /** A module that answers once with a ThreadAnswer and ends. */
  module: URL
  /** What it gets as `workerData`, with the bytes of the file, of which it has a copy. */
  bytes: Uint8Array
  about?: Record<string, unknown>
  /** What messages call the file: `the PDF`. */
  what: string
  signal: AbortSignal
  timeoutMs: number
  /** Heap and buffers together: V8 bounds only the heap, and a kilobyte can unpack to gigabytes. */
  memoryMib: number
  /** Well above, as the last resort: a thread that hits it at full speed takes the process down. */
  heapMib: number
}

const MEMORY_CHECK_MS = 50

/**
 * Reads an untrusted file in a thread of its own, without environment and with bounded memory and time.
 *
 * @throws MurmurError as the thread says, LIMIT_EXCEEDED (too slow, too large), BROKEN_FILE (it brought its reader down);
 *   the reason of the signal; the error itself where the thread could not be started, which is no fault of the file
 */
export async function readInThread<Result>(task: ThreadTask): Promise<Result> {
  task.signal.throwIfAborted()
  const answer = await answerOf<Result>(task)
  if (answer.kind === 'read') return answer.result
  throw new MurmurError(answer.code, answer.message)
}

function answerOf<Result>(task: ThreadTask): Promise<ThreadAnswer<Result>> {
  const { signal, what } = task
  const worker = startThread(task)
  return new Promise<ThreadAnswer<Result>>((resolve, reject) => {
    const timer = setTimeout(() => reject(tooSlow(task)), task.timeoutMs)
    const watch = setInterval(() => void memoryOf(worker).then(judge, reject), MEMORY_CHECK_MS)
    const judge = (bytesUsed: number) => {
      if (bytesUsed > task.memoryMib << 20) reject(tooLarge(what))
    }
    const abort = () => reject(signal.reason)
    signal.addEventListener('abort', abort, { once: true })
    worker.once('message', resolve)
    worker.once('error', (error) => reject(crashed(what, error)))
    // Too late to matter once there was an answer or an error.
    worker.once('exit', () => reject(new MurmurError('BROKEN_FILE', `${what} stopped its reader`)))
    worker.once('exit', () => {
      clearTimeout(timer)
      clearInterval(watch)
      signal.removeEventListener('abort', abort)
    })
  }).finally(() => worker.terminate())
}

function startThread({ module, bytes, about, heapMib }: ThreadTask): Worker {
  const copy = new Uint8Array(bytes)
  const worker = new Worker(module, {
    workerData: { ...about, bytes: copy },
    transferList: [copy.buffer],
    env: {},
    execArgv: [],
    stdout: true,
    stderr: true,
    resourceLimits: { maxOldGenerationSizeMb: heapMib, maxYoungGenerationSizeMb: 64 },
  })
  // Libraries warn on the console about files; what matters comes as the answer.
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

function tooSlow({ what, timeoutMs }: ThreadTask): MurmurError {
  return new MurmurError('LIMIT_EXCEEDED', `${what} took longer than ${timeoutMs / 1000} s to read`)
}

function tooLarge(what: string, cause?: unknown): MurmurError {
  return new MurmurError('LIMIT_EXCEEDED', `${what} unpacks to more than fits into memory`, { cause })
}

/** A fault of the reader on this file is one of the file; one of the system, a missing package among them, is not. */
function crashed(what: string, cause: unknown): unknown {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
  if (code === 'ERR_WORKER_OUT_OF_MEMORY') return tooLarge(what, cause)
  if (/^(?:ERR_WORKER|ERR_MODULE|ERR_PACKAGE|MODULE_NOT_FOUND|E[A-Z0-9]+$)/.test(code)) return cause
  return new MurmurError('BROKEN_FILE', `${what} could not be read: ${messageOf(cause)}`, { cause })
}

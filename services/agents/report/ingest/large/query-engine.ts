import { availableParallelism } from 'node:os'
import type { DuckDBConnection, DuckDBInstance, JS } from '@duckdb/node-api'
import { MurmurError, messageOf } from '#platform/errors/murmur-error.ts'

/** A cell of an answer: counts of 64 bits are numbers here, as far as those are exact. */
export type AnswerCell = number | string | boolean | null | AnswerCell[] | { [name: string]: AnswerCell }

/** Reads a text as a number; null where it is none. */
export type CellToNumber = (text: string) => number | null

/** SQL over files of a folder: streamed, on few threads, in bounded memory; what does not fit is spilled into that folder. */
export interface QueryEngine {
  /** Runs a statement whose answer does not matter. @throws MurmurError BROKEN_FILE; the reason of the signal */
  run(sql: string): Promise<void>
  /** All rows of an answer, which must be small. @throws as `run` */
  rows(sql: string): Promise<AnswerCell[][]>
  /** Makes a function of this name for SQL, from text to number. It is called on this thread, 2,048 cells at once. */
  addFunction(name: string, read: CellToNumber): void
  /** Gives all memory back: tables are gone, files and functions stay. @param isWide from now on for a table with many columns */
  renew(options?: { isWide: boolean }): Promise<void>
  close(): void
}

export interface EngineOptions {
  /** Holds all files that SQL may read or write; nothing else is open to it, the network neither. */
  folder: string
  signal: AbortSignal
  /** Called while a long statement runs, with its share done, 0 to 1. */
  onProgress?: (share: number) => void
}

/** DuckDB's own bound; with what it does not count and the rest of the process 600 MB hold. */
const MEMORY = '176MB'
/** Of a table with many columns or long texts, where the other is too little. */
const WIDE_MEMORY = '448MB'
const MAX_THREADS = 2
const PROGRESS_MS = 500

type DuckDb = typeof import('@duckdb/node-api')

/**
 * Opens DuckDB in memory.
 *
 * @throws MurmurError LIMIT_EXCEEDED where DuckDB has no build for this system: then files are too large that others can read
 */
export async function openQueryEngine({ folder, signal, onProgress }: EngineOptions): Promise<QueryEngine> {
  signal.throwIfAborted()
  const duckDb = await loadDuckDb()
  let memory = MEMORY
  let { instance, connection } = await connected(duckDb, { folder, memory })

  const watched = async <T>(work: () => Promise<T>): Promise<T> => {
    signal.throwIfAborted()
    const interrupt = () => connection.interrupt()
    signal.addEventListener('abort', interrupt, { once: true })
    const timer =
      onProgress && setInterval(() => onProgress(shareDone(connection.progress.percentage)), PROGRESS_MS)
    try {
      return await work()
    } catch (cause) {
      signal.throwIfAborted()
      throw faultOf(cause)
    } finally {
      clearInterval(timer)
      signal.removeEventListener('abort', interrupt)
    }
  }
  const functions = new Map<string, CellToNumber>()
  const register = (name: string, read: CellToNumber) =>
    connection.registerScalarFunction(
      duckDb.DuckDBScalarFunction.create({
        name,
        parameterTypes: [duckDb.VARCHAR],
        returnType: duckDb.DOUBLE,
        mainFunction: (_, input, output) => {
          const texts = input.getColumnVector(0)
          for (let i = 0; i < input.rowCount; i++) {
            const text = texts.getItem(i)
            output.setItem(i, text === null ? null : read(text as string))
          }
          output.flush()
        },
      }),
    )
  return {
    run: (sql) => watched(async () => void (await connection.run(sql))),
    rows: (sql) =>
      watched(async () => {
        const answer = await connection.streamAndReadAll(sql)
        return answer.getRowsJS().map((row) => row.map(cellOf))
      }),
    addFunction(name, read) {
      functions.set(name, read)
      register(name, read)
    },
    async renew(options) {
      if (options) memory = options.isWide ? WIDE_MEMORY : MEMORY
      connection.closeSync()
      instance.closeSync()
      ;({ instance, connection } = await connected(duckDb, { folder, memory }))
      for (const [name, read] of functions) register(name, read)
    },
    close() {
      connection.closeSync()
      instance.closeSync()
    },
  }
}

/** Only here is it known whether a system can run it: everything else of ingest must start without. */
async function loadDuckDb(): Promise<DuckDb> {
  try {
    return await import('@duckdb/node-api')
  } catch (cause) {
    throw new MurmurError(
      'LIMIT_EXCEEDED',
      `the file is too large for memory, and DuckDB, which reads such files, does not run on this system: ${messageOf(cause)}`,
      { cause },
    )
  }
}

async function connected(
  duckDb: DuckDb,
  { folder, memory }: { folder: string; memory: string },
): Promise<{ instance: DuckDBInstance; connection: DuckDBConnection }> {
  const instance = await duckDb.DuckDBInstance.create(':memory:', {
    threads: String(Math.min(MAX_THREADS, availableParallelism())),
    memory_limit: memory,
    temp_directory: `${folder}/spill`,
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
  })
  const connection = await instance.connect()
  await connection.run(`SET allowed_directories = [${quoted(folder)}]`)
  await connection.run('SET enable_external_access = false')
  await connection.run("SET TimeZone = 'UTC'").catch(() => undefined)
  // Without it nothing is known of how far a statement is.
  await connection.run('SET enable_progress_bar = true')
  await connection.run('SET enable_progress_bar_print = false')
  await connection.run('SET lock_configuration = true')
  return { instance, connection }
}

function shareDone(percentage: number): number {
  return Math.max(0, Math.min(1, percentage / 100))
}

function cellOf(value: JS): AnswerCell {
  if (typeof value === 'bigint') return Number(value)
  if (value instanceof Date) return value.getTime()
  if (value instanceof Uint8Array) return null
  if (Array.isArray(value)) return value.map(cellOf)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, cellOf(part)]))
}

/** What DuckDB says of a file is about the file, unless it is about its own bounds. */
function faultOf(cause: unknown): MurmurError {
  const message = messageOf(cause)
  if (/^Out of Memory/i.test(message))
    return new MurmurError(
      'LIMIT_EXCEEDED',
      `the file needs more memory than is set aside for one: ${message}`,
      { cause },
    )
  if (/No space left on device|^IO Error/i.test(message))
    return new MurmurError('UNAVAILABLE', `the disk refused: ${message}`, { cause })
  if (/maximum_object_size/i.test(message))
    return new MurmurError(
      'LIMIT_EXCEEDED',
      'a record of the file is larger than 16 MiB: a large JSON file is read when it is one array of records, or one record on each line',
      { cause },
    )
  return new MurmurError('BROKEN_FILE', `the file could not be read: ${message}`, { cause })
}

/** Whether a statement needed more memory than DuckDB had. Pure. */
export function isOutOfMemory(error: unknown): boolean {
  return error instanceof MurmurError && /^Out of Memory/i.test(messageOf(error.cause))
}

/** A string for SQL. Pure. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}

/** A name for SQL. Pure. */
export function quotedName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

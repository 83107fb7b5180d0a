import type { Table } from '#schemas/document.ts'
import { readInThread } from '../../bounded-thread.ts'

export interface ParquetTables {
  tables: Table[]
  notes: string[]
  losses: string[]
}

export const PARQUET_LIMITS = {
  /** Packed about four times, so as much as a large CSV file. */
  fileBytes: 64 * 1024 * 1024,
  /** Wall time: 5 million cells take 5 s on a busy core. */
  seconds: 60,
  /** Heap and unpacked pages together. */
  memoryMib: 1280,
  heapMib: 2560,
} as const

/**
 * The table of a Parquet file, read in a thread of its own with bounded memory and time.
 *
 * @throws MurmurError BROKEN_FILE, LIMIT_EXCEEDED; the reason of the signal
 */
export function readParquet(
  bytes: Uint8Array,
  { name, signal }: { name: string; signal: AbortSignal },
): Promise<ParquetTables> {
  return readInThread<ParquetTables>({
    module: new URL('./parquet-worker.ts', import.meta.url),
    bytes,
    about: { name },
    what: 'the Parquet file',
    signal,
    timeoutMs: PARQUET_LIMITS.seconds * 1000,
    heapMib: PARQUET_LIMITS.heapMib,
    memoryMib: PARQUET_LIMITS.memoryMib,
  })
}

import { readInThread } from '../../bounded-thread.ts'
import { SHEET_LIMITS } from './sheet-limits.ts'
import type { WorkbookTables } from './sheet-tables.ts'
import type { SpreadsheetTask } from './spreadsheet-worker.ts'

/**
 * The tables of a workbook, read in a thread of its own with bounded memory and time.
 *
 * @throws MurmurError BROKEN_FILE, LIMIT_EXCEEDED, UNSUPPORTED_FORMAT; the reason of the signal
 */
export function readSpreadsheet(
  bytes: Uint8Array,
  { signal, ...about }: Omit<SpreadsheetTask, 'bytes'> & { signal: AbortSignal },
): Promise<WorkbookTables> {
  return readInThread<WorkbookTables>({
    module: new URL('./spreadsheet-worker.ts', import.meta.url),
    bytes,
    about,
    what: 'the workbook',
    signal,
    timeoutMs: SHEET_LIMITS.seconds * 1000,
    heapMib: SHEET_LIMITS.heapMib,
    memoryMib: SHEET_LIMITS.memoryMib,
  })
}

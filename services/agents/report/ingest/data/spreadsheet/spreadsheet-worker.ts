import { parentPort, workerData } from 'node:worker_threads'
import { threadAnswer } from '../../thread-answer.ts'
import { readOds } from './read-ods.ts'
import { readXlsx } from './read-xlsx.ts'
import { type WorkbookTables, workbookTables } from './sheet-tables.ts'

/** Thread that reads one untrusted workbook: it gets its bytes, name and format, and answers once with its tables. */
export interface SpreadsheetTask {
  bytes: Uint8Array
  name: string
  format: 'xlsx' | 'ods'
}

async function read({ bytes, name, format }: SpreadsheetTask): Promise<WorkbookTables> {
  return workbookTables(format === 'xlsx' ? await readXlsx(bytes) : await readOds(bytes), { name })
}

// Without a parent this file was merely imported, by a tool that looks at modules.
if (parentPort) parentPort.postMessage(await threadAnswer(() => read(workerData as SpreadsheetTask)))

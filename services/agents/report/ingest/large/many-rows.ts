import { parquetMetadataAsync } from 'hyparquet'
import { INGEST_LIMITS } from '../limits.ts'
import { recordsIn } from './json-records.ts'
import type { LargeFamily } from './read-large-file.ts'

const LINE_FEED = 0x0a

/** Whether a table in memory has more rows than are held as values. */
export async function holdsManyRows(bytes: Uint8Array, family: LargeFamily): Promise<boolean> {
  switch (family) {
    case 'parquet':
      return (await parquetRows(bytes)) > INGEST_LIMITS.tableRows
    case 'json':
      return (
        recordsIn(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1')) >
        INGEST_LIMITS.tableRows
      )
    default:
      return linesIn(bytes) > INGEST_LIMITS.tableRows
  }
}

/** 0 where the file cannot be understood: its reader says why. */
async function parquetRows(bytes: Uint8Array): Promise<number> {
  const file = {
    byteLength: bytes.length,
    slice: (start: number, end?: number) => bytes.slice(start, end).buffer,
  }
  try {
    return Number((await parquetMetadataAsync(file)).num_rows)
  } catch {
    return 0
  }
}

function linesIn(bytes: Uint8Array): number {
  let lines = 0
  for (let at = bytes.indexOf(LINE_FEED); at >= 0; at = bytes.indexOf(LINE_FEED, at + 1)) lines++
  return lines
}

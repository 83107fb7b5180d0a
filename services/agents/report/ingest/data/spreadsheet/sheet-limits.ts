import { INGEST_LIMITS } from '../../limits.ts'

/** What is read of a workbook at most, with the reason. */
export const SHEET_LIMITS = {
  /** The file itself: a million rows of ten columns. */
  fileBytes: 64 * 1024 * 1024,
  /** One part after unpacking: XML of a sheet is about ten times the size of the packed one. */
  partBytes: 1024 * 1024 * 1024,
  /** Rows of a sheet, its header among them. */
  rows: INGEST_LIMITS.tableRows + 1,
  /** Columns of a sheet, a few more than are kept of a table so that the loss can be told. */
  columns: INGEST_LIMITS.tableColumns + 100,
  cells: INGEST_LIMITS.tableCells,
  cellCharacters: INGEST_LIMITS.cellCharacters,
  /** Wall time to read it: 4 million cells take 15 s on a busy core. */
  seconds: 60,
  memoryMib: 1280,
  heapMib: 2560,
} as const

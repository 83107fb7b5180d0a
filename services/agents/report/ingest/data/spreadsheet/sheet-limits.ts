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
  /** Cells that span others: each is remembered. */
  merges: 200_000,
  cellCharacters: INGEST_LIMITS.cellCharacters,
  /** Wall time to read it: 4 million cells take 15 s on a busy core. */
  seconds: 60,
  memoryMib: 1280,
  heapMib: 2560,
} as const

/** The same of a workbook whose sheets are written out as text, row by row, for the tables larger than memory. */
export const LARGE_SHEET_LIMITS = {
  /** What a sheet can have. */
  rows: 1_048_576,
  /** Bounded by the bytes. */
  cells: Number.POSITIVE_INFINITY,
  /** The file itself; in memory is its directory alone. */
  fileBytes: 1024 * 1024 * 1024,
  /** One part after unpacking: a million rows of eighty columns. */
  partBytes: 4 * 1024 * 1024 * 1024,
  /** Sheets of less XML cannot have more rows than are held in memory. */
  countedBytes: 4 * 1024 * 1024,
  /** All texts that cells share, as UTF-8; a million of 200 characters. */
  sharedStringBytes: 256 * 1024 * 1024,
  /** Rows that tell which columns hold anything. */
  headRows: 2_000,
  /** Wall time to unpack and write all sheets: ten million cells take 20 s, on a machine with much else to do seven times that. */
  seconds: 600,
} as const

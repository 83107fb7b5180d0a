/** What ingest reads at most, with the reason. Bytes are those of the file; the rest is counted after decoding. */
export const INGEST_LIMITS = {
  /** A text or CSV file: parsing holds up the process, heartbeats and all, for at most a good second at this size. */
  textBytes: 16 * 1024 * 1024,
  /** A JSON file: the same, and JSON.parse needs about ten times the size. */
  jsonBytes: 16 * 1024 * 1024,
  /** Levels of nesting; deeper ones are machine output that no table can show. */
  jsonDepth: 64,
  imageBytes: 64 * 1024 * 1024,
  pdfBytes: 64 * 1024 * 1024,
  /** The largest object of the store. */
  videoBytes: 256 * 1024 * 1024,
  /** Rows of a table; the analysis takes seconds for this many, and more says little more. */
  tableRows: 200_000,
  /** Columns of a table: all pairs are looked at for relations, so work grows with the square. */
  tableColumns: 500,
  /** Cells of a table, so that many rows and many columns together still fit into memory. */
  tableCells: 5_000_000,
  /** Tables of one JSON document. */
  tables: 50,
  /** UTF-16 units of one cell; a longer one comes from a quote that was never closed. */
  cellCharacters: 100_000,
  /** UTF-16 units of text that are kept: about 300 pages, and still one object of the store. */
  textCharacters: 1_000_000,
  /** UTF-16 units that are segmented into words and sentences: 0.1 s; longer texts are extrapolated. */
  segmentedCharacters: 200_000,
  /** Distinct phrases that are scored. */
  phraseCandidates: 20_000,
  /** Sentences compared with each other: pairs are 400² at most. */
  rankedSentences: 400,
  headings: 1_000,
  keyPhrases: 12,
  keySentences: 5,
  /** Entries of `malformed` a column; the count goes on. */
  malformedShown: 20,
} as const

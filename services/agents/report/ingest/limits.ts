/** What ingest reads at most, with the reason. Bytes are those of the file; the rest is counted after decoding. */
export const INGEST_LIMITS = {
  /** A text or CSV file: parsing holds up the process, heartbeats and all, for at most a good second at this size. */
  textBytes: 16 * 1024 * 1024,
  /** A JSON file: the same, and JSON.parse needs about ten times the size. */
  jsonBytes: 16 * 1024 * 1024,
  /** Levels of nesting; deeper ones are machine output that no table can show. */
  jsonDepth: 64,
  imageBytes: 64 * 1024 * 1024,
  /** Pixels of an image or a frame: a decoder needs 4 bytes for each, so 200 MB. */
  imagePixels: 50_000_000,
  /** Time to decode an image: some formats let a small file keep a decoder busy for long. */
  imageSeconds: 20,
  /** All measures are taken at this width, so that they compare between images; smaller ones are not enlarged. */
  measuredWidthPx: 512,
  /** Only bounds the memory of very tall strips. */
  measuredHeightPx: 4096,
  /** Of a thumbnail, as the schema says. */
  thumbnailWidthPx: 480,
  thumbnailHeightPx: 1920,
  pdfBytes: 64 * 1024 * 1024,
  /** Pages of a PDF that are read: a book; 500 plain ones take a second. */
  pdfPages: 500,
  /** Wall time to read a PDF: loops can be written in PDF, so it is the only sure end. */
  pdfSeconds: 20,
  /** Heap and buffers of the thread that reads a PDF, in MiB: V8 bounds only the heap, and 1 KB of PDF can unpack to gigabytes. */
  pdfMemoryMib: 768,
  /** Of the heap alone, well above, as the last resort: a thread that hits it at full speed takes the process down. */
  pdfHeapMib: 1536,
  /** The largest object of the store. */
  videoBytes: 256 * 1024 * 1024,
  /** Wall time for all runs of ffmpeg on a video together. */
  videoSeconds: 60,
  /** Part of it for finding scenes; without an answer frames are spread by time alone. */
  sceneSeconds: 15,
  /** Frames of a video that are read like images. */
  keyFrames: 6,
  /** The longer edge of a frame: more pixels change no measure. */
  keyFrameEdgePx: 1280,
  /** One frame as PNG: noise of 1280 × 1280 pixels has 5 MB. */
  keyFrameBytes: 16 * 1024 * 1024,
  /** What ffprobe tells about a video. */
  probeBytes: 1024 * 1024,
  /** Rows of a table; the analysis takes seconds for this many, and more says little more. */
  tableRows: 200_000,
  /** Columns of a table: all pairs are looked at for relations, so work grows with the square. */
  tableColumns: 500,
  /** Cells of a table, so that many rows and many columns together still fit into memory. */
  tableCells: 5_000_000,
  /** A table that is read by SQL: as much as the object store takes. */
  largeBytes: 4 * 1024 * 1024 * 1024,
  /** Rows drawn from a table that is too large to be held: a share is then known to half a per cent. */
  sampleRows: 25_000,
  /** The same, for wide tables. */
  sampleCells: 500_000,
  /** UTF-16 units of all texts of such a sample, so that it fits into memory; beyond, long texts are cut further, then rows left out. */
  sampleCharacters: 32_000_000,
  /** UTF-16 units of one text where they must be cut further: words and what a text is about are known by then. */
  sampleTextCharacters: 1_000,
  /** Rows of the table of periods: 13 years of days with five entities. */
  periodRows: 25_000,
  periodCells: 500_000,
  /** Tables of one JSON document. */
  tables: 50,
  /** UTF-16 units of one cell; a longer one comes from a quote that was never closed. */
  cellCharacters: 100_000,
  /** UTF-16 units of text that are kept, of a PDF too: about 300 pages, and still one object of the store. */
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

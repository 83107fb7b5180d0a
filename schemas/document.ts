import { z } from 'zod'
import { blobRefSchema } from './blob.ts'

/**
 * What the ingest agent makes of one source: `text`, `tables`, `image` or `video`, or the reason why it could not be read.
 * A broken source is an answer, not a failure of the step: the report goes on without it and says so.
 */

/** Values of a column, one an observation; `null` is missing. Dates are Unix milliseconds (`temporal`). */
export const columnSchema = z.object({
  name: z.string(),
  kind: z.enum(['number', 'temporal', 'category', 'text', 'boolean', 'empty']),
  values: z.array(z.union([z.number(), z.string(), z.boolean(), z.null()])),
  /** Values that did not fit the kind and were made null, with the 1-based row they stand in; the first 20. */
  malformed: z.array(z.object({ row: z.int(), value: z.string() })),
  /** How many values did not fit, all of them. */
  malformedCount: z.int(),
  /** What the values are measured in, where the name, a row of units or the cells state it: `USD`, `%`, `mm`, `days`. */
  unit: z.string().optional(),
  /** Of a `temporal` column: how exactly its values are written. A year is never shown as a day. */
  granularity: z.enum(['year', 'quarter', 'month', 'week', 'day', 'time']).optional(),
  /** What stood in cells that count as missing (`NA`, `.`, `-999`, `inf`), blank cells not among them; most frequent first. */
  missingMarks: z.array(z.object({ mark: z.string(), count: z.int() })).optional(),
  /** 1-based rows whose value is only a bound: `<0.05` is 0.05 and stands in `below`, `>100` in `above`. */
  censored: z.object({ below: z.array(z.int()), above: z.array(z.int()) }).optional(),
})
export type Column = z.infer<typeof columnSchema>

/** A value at one end of a column. */
const extremeSchema = z.object({
  /** 1-based row of the source. */
  row: z.int(),
  value: z.number(),
  /** Of that row, in the first column of times; Unix milliseconds. */
  atMs: z.number().optional(),
})

/** What all rows say of one column. */
export const wholeColumnSchema = z.object({
  /** Rows without a value. */
  missing: z.int(),
  /** Of words: different values, by HyperLogLog, within about 2 %. */
  distinct: z.int().optional(),
  /** Of numbers and times. Quantiles come from a t-digest, everything else is exact. */
  numeric: z
    .object({
      count: z.int(),
      mean: z.number(),
      /** n − 1; 0 for one value. */
      stdDev: z.number(),
      min: z.number(),
      q1: z.number(),
      median: z.number(),
      q3: z.number(),
      max: z.number(),
      /** Adjusted Fisher–Pearson; null where it is not defined. */
      skewness: z.number().nullable(),
      /** Excess, sample-corrected; null where it is not defined. */
      kurtosis: z.number().nullable(),
      /** Equal-width bins, low ≤ x < high, the last one closed. */
      histogram: z.array(z.object({ low: z.number(), high: z.number(), count: z.int() })),
      /** The 20 lowest, lowest first, and the 20 highest, highest first; of equal values any. */
      lowest: z.array(extremeSchema),
      highest: z.array(extremeSchema),
    })
    .optional(),
  /** Of words and flags: the most frequent values, exact up to 100,000 different ones, else estimates. */
  top: z.array(z.object({ value: z.string(), count: z.int() })).optional(),
})
export type WholeColumn = z.infer<typeof wholeColumnSchema>

/** A rule that columns should keep, and how many rows do. */
export const ruleCountSchema = z.object({
  /** `low ≤ high`. */
  rule: z.string(),
  columns: z.array(z.string()),
  /** What is wrong where it is broken, for people. */
  fault: z.string(),
  checked: z.int(),
  violations: z.int(),
  /** 1-based rows of the source, the first 20. */
  rows: z.array(z.int()),
})
export type RuleCount = z.infer<typeof ruleCountSchema>

/** A table joined to one row a period. */
export const periodTableSchema = z.object({
  granularity: z.enum(['time', 'day', 'week', 'month', 'quarter', 'year']),
  rows: z.int(),
  columns: z.array(columnSchema),
})
export type PeriodTable = z.infer<typeof periodTableSchema>

export const tableSchema = z.object({
  /** `data.csv`, or a path inside a JSON document: `data.json#orders.lines`. */
  name: z.string(),
  rows: z.int(),
  columns: z.array(columnSchema),
  /** What a reader should know: how something was read that could be read otherwise, and what is odd about the data. */
  notes: z.array(z.string()),
  /** What stands in the source and not here: rows and columns beyond a limit, cells dropped, lines skipped. One sentence each. */
  losses: z.array(z.string()).optional(),
  /**
   * Of a table too large to be held: what all its rows say. `rows`, and the `values` of the columns, are then a sample's; counts of malformed
   * values and marks are of all rows.
   */
  whole: z
    .object({
      /** All rows of the source. */
      rows: z.int(),
      /** 1-based rows of the source that the sample holds, ascending. */
      sampled: z.array(z.int()),
      /** In the order of the table's columns. */
      columns: z.array(wholeColumnSchema),
      /** Rows that repeat an earlier one in every cell. */
      copies: z.int(),
      /** Means of all measures by period (in a panel by entity and period), from all rows, with how many rows there are. */
      periods: periodTableSchema.optional(),
      /** Rules that columns should keep by their names, counted over all rows. */
      rules: z.array(ruleCountSchema),
    })
    .optional(),
})
export type Table = z.infer<typeof tableSchema>

export const textContentSchema = z.object({
  /** Unicode NFC, line ends as \n, control characters removed; cut at a limit with a note. */
  content: z.string(),
  title: z.string().optional(),
  /** Headings of Markdown or of a PDF outline. */
  headings: z.array(z.object({ level: z.int(), text: z.string() })),
  /** Counts work for any language: by Intl.Segmenter. */
  counts: z.object({ characters: z.int(), words: z.int(), sentences: z.int(), paragraphs: z.int() }),
  keyPhrases: z.array(z.object({ phrase: z.string(), score: z.number(), count: z.int() })),
  /** Sentences that stand for the whole, in the order of the text. */
  keySentences: z.array(z.string()),
  /** Pages, for a PDF. */
  pages: z.int().optional(),
})
export type TextContent = z.infer<typeof textContentSchema>

export const imageContentSchema = z.object({
  format: z.string(),
  widthPx: z.int(),
  heightPx: z.int(),
  bytes: z.int(),
  hasAlpha: z.boolean(),
  /** Camera, lens, exposure, time. A position is never kept: only that there was one. */
  exif: z.record(z.string(), z.union([z.string(), z.number()])),
  hadPosition: z.boolean(),
  /** Most frequent colours, share of pixels 0–1, together at most 1. */
  palette: z.array(z.object({ hex: z.string(), share: z.number() })),
  /** Mean of luma, 0–255, and its standard deviation. */
  brightness: z.number(),
  contrast: z.number(),
  /** Variance of the Laplacian at a width of 512 px; below about 60 a photograph looks blurred. */
  sharpness: z.number(),
  /** 64-bit difference hash, 16 hex digits: near duplicates differ in few bits. */
  perceptualHash: z.string(),
  /** WebP, at most 480 px wide. */
  thumbnail: blobRefSchema,
})
export type ImageContent = z.infer<typeof imageContentSchema>

export const videoContentSchema = z.object({
  format: z.string(),
  codec: z.string(),
  durationSec: z.number(),
  widthPx: z.int(),
  heightPx: z.int(),
  fps: z.number(),
  hasAudio: z.boolean(),
  bytes: z.int(),
  keyFrames: z.array(z.object({ atSec: z.number(), image: imageContentSchema })),
})
export type VideoContent = z.infer<typeof videoContentSchema>

export const documentSchema = z.object({
  name: z.string(),
  /** `rejected`: could not be read; `problem` says why. */
  kind: z.enum(['text', 'data', 'image', 'video', 'rejected']),
  mediaType: z.string(),
  bytes: z.int(),
  sha256: z.string(),
  text: textContentSchema.optional(),
  tables: z.array(tableSchema).optional(),
  image: imageContentSchema.optional(),
  video: videoContentSchema.optional(),
  problem: z.object({ code: z.string(), message: z.string() }).optional(),
  /** What was noticed on the way: unusual encodings, removed metadata. */
  notes: z.array(z.string()),
  /** What stands in the file and was not read: pages without text, contents beyond a limit. One sentence each. */
  losses: z.array(z.string()).optional(),
})
export type Document = z.infer<typeof documentSchema>

/** Codes of `problem` that speak of the file itself. Every other one is a fault on the way to it, and is never blamed on the file. */
const FILE_FAULTS: ReadonlySet<string> = new Set([
  'BROKEN_FILE',
  'UNSUPPORTED_FORMAT',
  'LIMIT_EXCEEDED',
  'MALFORMED_JSON',
  'JSON_TOO_DEEP',
  'PAYLOAD_TOO_LARGE',
])

/** Whether a document was refused for what it holds, and not because it could not be fetched or worked on. */
export function isFileFault(code: string): boolean {
  return FILE_FAULTS.has(code)
}

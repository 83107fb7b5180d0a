import { z } from 'zod'
import { blobRefSchema } from './blob.ts'

/**
 * What the analysis agent finds in the documents of a report. Numbers are full doubles; rounding is for whoever shows them.
 */

/** Where a number comes from. */
export const provenanceSchema = z.object({
  /** Name of the document. */
  document: z.string(),
  table: z.string().optional(),
  column: z.string().optional(),
  /** 1-based rows the statement is about. */
  rows: z.array(z.int()).optional(),
  /** The method, by its usual name: `median absolute deviation`, `Theil–Sen slope`. */
  method: z.string(),
})
export type Provenance = z.infer<typeof provenanceSchema>

export const numericSummarySchema = z.object({
  count: z.int(),
  missing: z.int(),
  mean: z.number(),
  median: z.number(),
  min: z.number(),
  max: z.number(),
  q1: z.number(),
  q3: z.number(),
  /** Sample standard deviation (n − 1); 0 for one value. */
  stdDev: z.number(),
  /** Median absolute deviation, unscaled. */
  mad: z.number(),
  /** Adjusted Fisher–Pearson; null where it is not defined. */
  skewness: z.number().nullable(),
  /** Excess, sample-corrected; null where it is not defined. */
  kurtosis: z.number().nullable(),
  /** Lag-1 autocorrelation in row order; null where it is not defined. */
  autocorrelation: z.number().nullable(),
  /** Equal-width bins, low ≤ x < high, the last one closed. */
  histogram: z.array(z.object({ low: z.number(), high: z.number(), count: z.int() })),
  distribution: z.enum([
    'constant',
    'symmetric',
    'right-skewed',
    'left-skewed',
    'heavy-tailed',
    'bimodal',
    'too few values',
  ]),
})
export type NumericSummary = z.infer<typeof numericSummarySchema>

export const categorySummarySchema = z.object({
  count: z.int(),
  missing: z.int(),
  distinct: z.int(),
  top: z.array(z.object({ value: z.string(), count: z.int(), share: z.number() })),
  /** Shannon entropy over its maximum: 0 one value only, 1 all equally frequent. */
  evenness: z.number(),
})
export type CategorySummary = z.infer<typeof categorySummarySchema>

/** Points of a chart: x is the time in Unix ms or the row number. */
export const seriesSchema = z.object({
  xKind: z.enum(['time', 'row']),
  points: z.array(z.tuple([z.number(), z.number()])),
})
export type Series = z.infer<typeof seriesSchema>

export const columnFindingSchema = z.object({
  document: z.string(),
  table: z.string(),
  column: z.string(),
  kind: z.string(),
  numeric: numericSummarySchema.optional(),
  category: categorySummarySchema.optional(),
  /** The values in row order, thinned to at most 400 points, for charts. */
  series: seriesSchema.optional(),
})
export type ColumnFinding = z.infer<typeof columnFindingSchema>

export const correlationSchema = z.object({
  document: z.string(),
  table: z.string(),
  a: z.string(),
  b: z.string(),
  n: z.int(),
  pearson: z.number(),
  spearman: z.number(),
  /** Two-sided, of Spearman's coefficient, after Holm's correction over all pairs of the table. */
  pValue: z.number(),
})
export type Correlation = z.infer<typeof correlationSchema>

export const anomalySchema = z.object({
  document: z.string(),
  table: z.string(),
  column: z.string(),
  /** 1-based. */
  row: z.int(),
  value: z.number(),
  /** What stands in the table's label or time column in that row, for people. */
  label: z.string().optional(),
  /** (x − mean) / stdDev. */
  zScore: z.number(),
  /** 0.6745 · (x − median) / MAD. */
  robustZ: z.number().nullable(),
  /** What would have been ordinary there. */
  expected: z.object({ low: z.number(), high: z.number() }),
  methods: z.array(z.enum(['z-score', 'median absolute deviation', 'residual of the trend'])),
})
export type Anomaly = z.infer<typeof anomalySchema>

export const trendSchema = z.object({
  document: z.string(),
  table: z.string(),
  column: z.string(),
  n: z.int(),
  direction: z.enum(['rising', 'falling', 'none']),
  /** Theil–Sen, per `slopeUnit`. */
  slope: z.number(),
  slopeUnit: z.enum(['row', 'day']),
  /** Value of the line at the first point: rows or days are counted from there. */
  intercept: z.number(),
  /** From the first to the last point on the line, relative to the start; null when the start is 0 or changes sign. */
  relativeChange: z.number().nullable(),
  /** Mann–Kendall, two-sided, corrected for ties and for serial correlation of the residuals. */
  pValue: z.number(),
  tau: z.number(),
  /** 95 % interval of the slope. */
  slopeInterval: z.object({ low: z.number(), high: z.number() }),
  /** The least-squares line over the same x, for comparison; absent beyond 2,000 points. */
  linear: z
    .object({
      slope: z.number(),
      intercept: z.number(),
      /** Standard error of the slope. */
      slopeError: z.number(),
      rSquared: z.number(),
      residualStdDev: z.number(),
    })
    .optional(),
  /** Rows (1-based) at which the level changes. */
  changePoints: z.array(
    z.object({
      row: z.int(),
      label: z.string().optional(),
      before: z.number(),
      after: z.number(),
      pValue: z.number(),
    }),
  ),
})
export type Trend = z.infer<typeof trendSchema>

export const insightSchema = z.object({
  /** Stable within the analysis: `i1`, `i2` … by rank. */
  id: z.string(),
  kind: z.enum([
    'trend',
    'change-point',
    'anomaly',
    'correlation',
    'distribution',
    'category',
    'quality',
    'text',
    'image',
    'video',
    'difference',
  ]),
  /** One sentence with its numbers. */
  statement: z.string(),
  /** 0–1, how far it is from being chance or unremarkable; insights are sorted by it. */
  strength: z.number().min(0).max(1),
  /** The numbers that support it, by name. */
  evidence: z.record(z.string(), z.union([z.number(), z.string()])),
  provenance: z.array(provenanceSchema),
})
export type Insight = z.infer<typeof insightSchema>

/** One document of an analysis. */
export const analysedDocumentSchema = z.object({
  name: z.string(),
  kind: z.string(),
  mediaType: z.string(),
  bytes: z.int(),
  sha256: z.string(),
})

/** A text, reduced to what a report says of it. */
export const analysedTextSchema = z.object({
  document: z.string(),
  title: z.string().optional(),
  words: z.int(),
  keyPhrases: z.array(z.string()),
  keySentences: z.array(z.string()),
  /** Statements of the text that hold a number, for checking against the data. */
  figures: z.array(z.object({ sentence: z.string(), value: z.number(), unit: z.string().optional() })),
})

/** A picture, or a frame of a video: the analysis measures it, the report shows it. */
export const analysedImageSchema = z.object({
  document: z.string(),
  /** Seconds, when it is a frame of a video. */
  atSec: z.number().optional(),
  widthPx: z.int(),
  heightPx: z.int(),
  sharpness: z.number(),
  brightness: z.number(),
  palette: z.array(z.object({ hex: z.string(), share: z.number() })),
  thumbnail: blobRefSchema,
  nearDuplicateOf: z.string().optional(),
})
export type AnalysedImage = z.infer<typeof analysedImageSchema>

export const analysisSchema = z.object({
  v: z.literal(1),
  documents: z.array(
    analysedDocumentSchema.extend({
      problem: z.object({ code: z.string(), message: z.string() }).optional(),
      notes: z.array(z.string()),
    }),
  ),
  columns: z.array(columnFindingSchema),
  correlations: z.array(correlationSchema),
  anomalies: z.array(anomalySchema),
  trends: z.array(trendSchema),
  insights: z.array(insightSchema),
  texts: z.array(analysedTextSchema),
  images: z.array(analysedImageSchema),
})
export type Analysis = z.infer<typeof analysisSchema>

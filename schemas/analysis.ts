import { z } from 'zod'
import { blobRefSchema } from './blob.ts'
import { associationSchema, constraintSchema, correlationSchema, differenceSchema } from './relations.ts'

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

/**
 * What a column is to its table. Only a `measure` is looked at for trends, anomalies, shapes and correlations; groups are formed by
 * `category`, `binary` and `ordinal`.
 */
export const columnRoleSchema = z.enum([
  'measure',
  /** Names a row or a thing: all different, or a key that comes again. */
  'identifier',
  /** Digits that are a name: zip, provider, product. */
  'code',
  'category',
  /** Two values. */
  'binary',
  /** Few whole numbers on a scale: ratings, classes. */
  'ordinal',
  'coordinate',
  /** Tells when: the axis of the table, or another date. */
  'time',
  'year',
  /** A part of a date: month, weekday, hour. */
  'calendar',
  'text',
  /** One value in every row. */
  'constant',
  'empty',
  /** A copy or a recoding of another column, or computed from others: see `derivedFrom`. */
  'derived',
])
export type ColumnRole = z.infer<typeof columnRoleSchema>

export const columnFindingSchema = z.object({
  document: z.string(),
  table: z.string(),
  column: z.string(),
  kind: z.string(),
  role: columnRoleSchema.optional(),
  unit: z.string().optional(),
  /** Rows of the table, and how many of them have no value here; for columns of every kind. */
  rows: z.int().optional(),
  missing: z.int().optional(),
  /**
   * Columns that this one copies, recodes or is computed from, and how: `copy`, `code`, `bins`, `linear`, `running total`, `lag` (the role is
   * then `derived`), or `sum`, `difference`, `product`, `ratio`, `percentage`, `change`, `growth` (which stay measures).
   */
  derivedFrom: z.object({ columns: z.array(z.string()), how: z.string() }).optional(),
  numeric: numericSummarySchema.optional(),
  category: categorySummarySchema.optional(),
  /** The values in row order, thinned to at most 400 points, for charts. */
  series: seriesSchema.optional(),
})
export type ColumnFinding = z.infer<typeof columnFindingSchema>

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
  /** Of a panel: the entity whose values these are; absent for the sum or the mean of all. */
  entity: z.string().optional(),
  n: z.int(),
  direction: z.enum(['rising', 'falling', 'none']),
  /** Theil–Sen, per `slopeUnit`. */
  slope: z.number(),
  slopeUnit: z.enum(['row', 'day']),
  /** Value of the line at the first point: rows or days are counted from there. */
  intercept: z.number(),
  /** From the observed start to the observed end, relative to the start; null when the start is 0 or changes sign. */
  relativeChange: z.number().nullable(),
  /** The first and the last value as they stand in the data, and where (`at`, as in `series`); of noisy series the medians of so many `values` at each end, of seasonal ones of whole cycles. */
  observed: z
    .object({ first: z.number(), last: z.number(), values: z.int(), at: z.tuple([z.number(), z.number()]) })
    .partial({ values: true, at: true })
    .optional(),
  /** What describes the course best, chosen by cross-validation: values a year or a day, or a factor. */
  model: z.enum(['line', 'exponential', 'saturating', 'steps', 'smooth', 'constant']).optional(),
  /** Of what changes by factors: the share by which it grows per `slopeUnit` (0.01: one per cent), from the robust line through the logarithms. */
  growth: z.number().optional(),
  /** Of a curve (`saturating`, `smooth`): its slope in the first and in the last fifth of the time. */
  paces: z.object({ first: z.number(), last: z.number() }).optional(),
  /** Of a whole panel: whether entities are added or averaged (each against its own mean), how many there are, and how many come or go within the time. */
  joint: z.object({ how: z.enum(['sum', 'mean']), entities: z.int(), changing: z.int() }).optional(),
  /** Mann–Kendall, two-sided, corrected for ties, seasons and serial correlation of the residuals. */
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
      /** What changes: the level (the default), or the spread around it. */
      of: z.enum(['level', 'spread']).optional(),
      /** Of the spread: `before` and `after` are fractions of the level. */
      isRelative: z.boolean().optional(),
      before: z.number(),
      after: z.number(),
      pValue: z.number(),
    }),
  ),
  /** Of an entity of a panel: its values in time, thinned to at most 100 points, for charts. */
  series: seriesSchema.optional(),
})
export type Trend = z.infer<typeof trendSchema>

/** How a table is made up: what its rows are, and what can be asked of it. */
export const tableStructureSchema = z.object({
  document: z.string(),
  table: z.string(),
  rows: z.int(),
  columns: z.int(),
  /**
   * `time-series`: one row a moment. `panel`: one row an entity and a moment. `wide-years`: one row an entity, one column a year.
   * `long`: a column names the measure, another holds its value. `survey`: one row a respondent, answers on few steps.
   * `cross-section`: one row a thing, in no order that means anything. `empty`: no rows.
   */
  kind: z.enum(['time-series', 'panel', 'wide-years', 'long', 'survey', 'cross-section', 'empty']),
  /** The columns that together tell the time of a row: one date, or year and month; or the column that counts its steps. */
  timeColumns: z.array(z.string()),
  granularity: z.enum(['year', 'quarter', 'month', 'week', 'day', 'time']).optional(),
  /** The column that names the entities of a panel (several are joined by ` · `), and how many there are. */
  entity: z.object({ column: z.string(), count: z.int() }).optional(),
  /** The column that the table is about, as far as names tell: what findings are told of first. */
  subject: z.string().optional(),
  /** First and last moment, Unix ms; how many steps (of the usual distance between moments) have no row. */
  period: z.object({ fromMs: z.number(), toMs: z.number(), gaps: z.int() }).optional(),
  /** See `tableSchema`: of the source, and what the analysis left out itself. */
  notes: z.array(z.string()),
  losses: z.array(z.string()),
})
export type TableStructure = z.infer<typeof tableStructureSchema>

/** A pattern that comes again. */
export const seasonalitySchema = z.object({
  document: z.string(),
  table: z.string(),
  column: z.string(),
  entity: z.string().optional(),
  /** Observations a cycle, and in words: 12, `month of the year`. */
  period: z.int(),
  cycle: z.string(),
  /** Of a cycle that is none of the calendar's: how long it is, for people (11 `year`, 37 `sample`); `profile` then starts at the highest. */
  length: z.object({ value: z.number(), unit: z.string() }).optional(),
  /** The pattern grows with the level: effects and amplitude are shares of it (0.25: a quarter above). */
  relative: z.boolean().optional(),
  /** Highest less lowest mean of the seasonal component. */
  amplitude: z.number(),
  /** Mean of each phase less the mean of all, in order. */
  profile: z.array(z.object({ phase: z.string(), effect: z.number() })),
  /** Share of the detrended variance that the season explains, 0 to 1. */
  strength: z.number(),
  pValue: z.number(),
})
export type Seasonality = z.infer<typeof seasonalitySchema>

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
    'seasonality',
    'association',
    'constraint',
    'structure',
  ]),
  /** One sentence with its numbers. */
  statement: z.string(),
  /** 0–1, how far it is from being chance or unremarkable; insights are sorted by it. */
  strength: z.number().min(0).max(1),
  /**
   * Share of false ones expected among all that are at least as sure, over everything that was tested for the report
   * (Benjamini–Hochberg); absent where nothing was tested, as for a count.
   */
  qValue: z.number().optional(),
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
      losses: z.array(z.string()).optional(),
    }),
  ),
  columns: z.array(columnFindingSchema),
  tables: z.array(tableStructureSchema).optional(),
  correlations: z.array(correlationSchema),
  differences: z.array(differenceSchema).optional(),
  associations: z.array(associationSchema).optional(),
  constraints: z.array(constraintSchema).optional(),
  seasonalities: z.array(seasonalitySchema).optional(),
  anomalies: z.array(anomalySchema),
  trends: z.array(trendSchema),
  /** How many hypotheses were tested for the report, all of them. */
  tests: z.int().optional(),
  insights: z.array(insightSchema),
  texts: z.array(analysedTextSchema),
  images: z.array(analysedImageSchema),
})
export type Analysis = z.infer<typeof analysisSchema>

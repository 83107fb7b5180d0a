import { z } from 'zod'
import {
  analysedDocumentSchema,
  analysedImageSchema,
  analysedTextSchema,
  anomalySchema,
  associationSchema,
  columnFindingSchema,
  constraintSchema,
  correlationSchema,
  differenceSchema,
  insightSchema,
  provenanceSchema,
  seasonalitySchema,
  seriesSchema,
  tableStructureSchema,
  trendSchema,
} from './analysis.ts'
import { blobRefSchema } from './blob.ts'

/** What a report shows as the analysis has it. */
export type { AnalysedImage as ReportImage, Series } from './analysis.ts'

/** One source of a report: a file in the object store, or text right here. */
export const reportSourceSchema = z
  .strictObject({
    name: z.string().min(1).max(256),
    /** An uploaded file. */
    blob: blobRefSchema.optional(),
    /** The content itself, for small text, Markdown, JSON or CSV. */
    text: z.string().max(200_000).optional(),
  })
  .refine((source) => (source.blob === undefined) !== (source.text === undefined), {
    error: 'give either blob or text',
  })
export type ReportSource = z.infer<typeof reportSourceSchema>

/** The input of a task of type `report`. */
export const reportRequestSchema = z.strictObject({
  title: z.string().min(1).max(200).optional(),
  sources: z.array(reportSourceSchema).min(1).max(200),
})
export type ReportRequest = z.infer<typeof reportRequestSchema>

export const reportRequestExample: ReportRequest = {
  title: 'Sales in May',
  sources: [{ name: 'notes.md', text: '# May\nSales rose by 4 %.' }],
}

/**
 * The report: what the synthesis agent makes of an analysis. Version 1.
 * Everything that the HTML shows is here, so the page is a pure rendering of this object; numbers are full doubles.
 */

/** How firmly something may be said: strength of at least 0.8, of at least 0.5, below. */
export const confidenceSchema = z.enum(['strong', 'moderate', 'weak'])
export type Confidence = z.infer<typeof confidenceSchema>

/** A sentence in plain language, and the insights it rests on. */
export const claimSchema = z.object({ text: z.string(), insightIds: z.array(z.string()) })
export type Claim = z.infer<typeof claimSchema>

export const findingSchema = insightSchema.extend({
  /** 1 is the most important. */
  rank: z.int(),
  confidence: confidenceSchema,
  /** The statement for people who do not read statistics; the same as `statement` where nothing plainer can be said. */
  plain: z.string(),
})
export type Finding = z.infer<typeof findingSchema>

export const recommendationSchema = z.object({
  /** `r1`, `r2` … in order of importance. */
  id: z.string(),
  /** The rule that made it. */
  rule: z.string(),
  text: z.string(),
  confidence: confidenceSchema,
  /** What it rests on; never empty. */
  evidence: z
    .array(
      z.object({
        statement: z.string(),
        insightId: z.string().optional(),
        provenance: z.array(provenanceSchema),
      }),
    )
    .min(1),
})
export type Recommendation = z.infer<typeof recommendationSchema>

export const reportColumnSchema = columnFindingSchema.omit({ series: true }).extend({
  /** The name for people, and the unit where the name states one: `CO2 (ppm)` is `CO2` in `ppm`. */
  label: z.string(),
  unit: z.string().optional(),
  /** At most 60 values in row order, for a sparkline. */
  spark: z.array(z.number()).optional(),
  provenance: z.array(provenanceSchema),
})
export type ReportColumn = z.infer<typeof reportColumnSchema>

export const reportChartSchema = z.object({
  document: z.string(),
  table: z.string(),
  column: z.string(),
  /** The strongest insight about it: why it was chosen. */
  insightId: z.string().optional(),
  series: seriesSchema,
})
export type ReportChart = z.infer<typeof reportChartSchema>

export const reportAnomalySchema = anomalySchema.extend({
  /** The row for people: `2012`, `Mar 2019`, `row 17`. */
  where: z.string(),
  plain: z.string(),
  provenance: z.array(provenanceSchema),
})
export type ReportAnomaly = z.infer<typeof reportAnomalySchema>

export const reportTrendSchema = trendSchema.extend({
  plain: z.string(),
  changePoints: z.array(trendSchema.shape.changePoints.element.extend({ where: z.string() })),
  /** The trend's line and the lines of the ends of its 95 % interval, as drawn; null where it cannot be placed. */
  line: z
    .object({
      fitted: seriesSchema.shape.points,
      low: seriesSchema.shape.points,
      high: seriesSchema.shape.points,
    })
    .nullable(),
  provenance: z.array(provenanceSchema),
})
export type ReportTrend = z.infer<typeof reportTrendSchema>

export const reportCorrelationSchema = correlationSchema.extend({
  plain: z.string(),
  provenance: z.array(provenanceSchema),
})
export type ReportCorrelation = z.infer<typeof reportCorrelationSchema>

export const reportTextSchema = analysedTextSchema.extend({
  /** Insights about this text, among them what the data confirm or contradict. */
  insightIds: z.array(z.string()),
})
export type ReportText = z.infer<typeof reportTextSchema>

export const dataQualitySchema = z.object({
  /** Documents that could not be read. */
  rejected: z.array(z.object({ document: z.string(), code: z.string(), message: z.string() })),
  /** Columns with empty cells, most affected first. */
  missing: z.array(
    z.object({
      document: z.string(),
      table: z.string(),
      column: z.string(),
      missing: z.int(),
      rows: z.int(),
      share: z.number(),
    }),
  ),
  /** Findings about quality: malformed cells, duplicates. */
  insightIds: z.array(z.string()),
  /** What was noticed on reading: of files, and of tables in them. */
  notes: z.array(z.object({ document: z.string(), table: z.string().optional(), note: z.string() })),
  /** What stands in a source and is not in this report. The summary says so. */
  losses: z
    .array(z.object({ document: z.string(), table: z.string().optional(), loss: z.string() }))
    .optional(),
})
export type DataQuality = z.infer<typeof dataQualitySchema>

export const reportSchema = z.object({
  v: z.literal(1),
  title: z.string(),
  generatedAtMs: z.int(),
  headline: claimSchema,
  summary: z.array(claimSchema),
  findings: z.array(findingSchema),
  recommendations: z.array(recommendationSchema),
  charts: z.array(reportChartSchema),
  /** Series that could be drawn and were not, because others matter more. */
  chartsLeftOut: z.int(),
  columns: z.array(reportColumnSchema),
  anomalies: z.array(reportAnomalySchema),
  trends: z.array(reportTrendSchema),
  correlations: z.array(reportCorrelationSchema),
  tables: z.array(tableStructureSchema).optional(),
  differences: z.array(differenceSchema).optional(),
  associations: z.array(associationSchema).optional(),
  constraints: z.array(constraintSchema).optional(),
  seasonalities: z.array(seasonalitySchema).optional(),
  texts: z.array(reportTextSchema),
  images: z.array(analysedImageSchema),
  dataQuality: dataQualitySchema,
  sources: z.array(analysedDocumentSchema),
})
export type Report = z.infer<typeof reportSchema>

export const reportExample: Report = {
  v: 1,
  title: 'Sales in May',
  generatedAtMs: 1_790_000_000_000,
  headline: {
    text: 'Row 17 of sales.csv stands out: 940 where 210 to 330 would be ordinary.',
    insightIds: ['i1'],
  },
  summary: [
    {
      text: 'Row 17 of sales.csv stands out: 940 where 210 to 330 would be ordinary.',
      insightIds: ['i1'],
    },
  ],
  findings: [
    {
      id: 'i1',
      kind: 'anomaly',
      statement: 'amount is 940 in row 17, robust z 11.2.',
      strength: 0.97,
      evidence: { value: 940, robustZ: 11.2 },
      provenance: [
        {
          document: 'sales.csv',
          table: 'sales.csv',
          column: 'amount',
          rows: [17],
          method: 'median absolute deviation',
        },
      ],
      rank: 1,
      confidence: 'strong',
      plain: 'Row 17 of sales.csv stands out: 940 where 210 to 330 would be ordinary.',
    },
  ],
  recommendations: [
    {
      id: 'r1',
      rule: 'check-anomaly',
      text: 'Check row 17 of sales.csv before averages of amount are used.',
      confidence: 'strong',
      evidence: [{ statement: 'amount is 940 in row 17, robust z 11.2.', insightId: 'i1', provenance: [] }],
    },
  ],
  charts: [],
  chartsLeftOut: 0,
  columns: [],
  anomalies: [],
  trends: [],
  correlations: [],
  texts: [],
  images: [],
  dataQuality: { rejected: [], missing: [], insightIds: [], notes: [] },
  sources: [
    {
      name: 'sales.csv',
      kind: 'data',
      mediaType: 'text/csv',
      bytes: 1834,
      sha256: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
    },
  ],
}
